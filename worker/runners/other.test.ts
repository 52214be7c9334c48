import { afterAll, beforeAll, expect, test } from 'vitest';
import { makePack, removePack } from '../environments/pack-fixture';
import type { Host } from '../host';
import { attempt, openTestHost } from './attempt-fixture';

let host: Host & { remove: () => Promise<void> };
beforeAll(async () => void (host = await openTestHost()));
afterAll(() => host.remove());

// Everywhere there is an awk: it stands for any program that runs a file.
const awk = ['awk', '-v', 'word=seen', '-f'];

test('a program of a pack’s own runs the file, after its own arguments, with the parameters on stdin', async () => {
  const folder = await makePack({
    'pack.yaml': 'ref: odd\nversion: 1.0.0\n',
    'actions/run.awk': '{ print word, $0 }\n',
  });
  const { outcome } = await attempt(host, {
    interpreter: awk,
    entrypoint: 'run.awk',
    packPath: folder,
    parameters: { name: 'x' },
  });
  expect(outcome?.result['stdout']).toBe('seen {"name":"x"}\n');
  await removePack(folder);
});

test('code that is kept without a file is laid into its run folder', async () => {
  const { outcome } = await attempt(host, { interpreter: awk, code: 'END { print word, NR }\n' });
  expect(outcome?.result['stdout']).toBe('seen 1\n');
});

test('a worker without the program says which, and nothing starts', async () => {
  const { outcome } = await attempt(host, { interpreter: ['no-such-program-7'], code: 'x' });
  expect(outcome).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('no program no-such-program-7') as string,
  });
});
