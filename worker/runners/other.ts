import type { Claim } from '@/server/executions/claims';
import { findProgram } from '../sandbox/detect';
import { CannotStart, type Runner } from './runner';

/** The program of a pack's runtime, by its name on this machine. @throws CannotStart where there is none */
export function findOwnProgram([name = '']: NonNullable<Claim['interpreter']>): string {
  const path = findProgram(name);
  if (path !== null) return path;
  throw new CannotStart(
    `This worker has no program ${name}, which the action's runtime asks for. Install it for all users, or run the action on a worker that has it.`,
  );
}

/** How to run a file with a pack's runtime: the program, its own arguments, then the file. Parameters come as everywhere. */
export function toOtherInvocation(interpreter: NonNullable<Claim['interpreter']>): Runner {
  return ({ source }) =>
    Promise.resolve({
      options: interpreter.slice(1),
      lay: (runFolder) => {
        if (source.kind === 'file') return { args: [source.path], files: [] };
        return { args: [`${runFolder}/action`], files: [{ name: 'action', content: source.code }] };
      },
    });
}
