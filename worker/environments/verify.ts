import { randomBytes } from 'node:crypto';
import { Output } from '../sandbox/output';
import { runProcess } from '../sandbox/run-process';
import { systemPath } from '../sandbox/environment';
import type { BuildPlace } from './build';
import type { Need } from './environments';

const limitMs = 10_000;

/** Does the interpreter start with this environment? What packages laid there runs as the action's user, inside the walls. */
export async function doesStart(
  { walls, workspace, programFolders, graceMs }: Omit<BuildPlace, 'builder'>,
  { kind, uid }: Need,
  environment: string,
  interpreter: string,
): Promise<boolean> {
  const program =
    kind === 'python' ? ['-c', 'import sys; assert sys.prefix != sys.base_prefix'] : ['-e', '0'];
  const folder = await workspace.makeRunFolder(`verify-${randomBytes(6).toString('hex')}`, uid);
  const output = new Output(
    async () => {},
    1,
    () => {},
  );
  try {
    const running = runProcess(
      walls,
      {
        command: [interpreter, ...program],
        environment: { PATH: systemPath, HOME: folder },
        stdin: '',
        confinement: { uid, gid: uid, folder, writable: [], readable: [...programFolders, environment] },
      },
      output,
      { timeoutMs: limitMs, graceMs },
    );
    const { exitCode } = await running.ended;
    await output.end();
    return exitCode === 0;
  } finally {
    await workspace.removeRunFolder(folder);
  }
}
