import type { Claim } from '@/server/executions/claims';

const patterns: Partial<Record<Claim['runtime'], { missing: RegExp; askIn: string }>> = {
  python: { missing: /^ModuleNotFoundError: No module named '([^'\n]{1,200})'/m, askIn: 'requirements.txt' },
  nodejs: {
    // A path is a file of the pack itself, no package.
    missing: /Cannot find (?:module|package) '((?![./])[^'\n]{1,200})'/,
    askIn: 'package.json',
  },
};

/** Which package an action missed, and where to ask for it; null when that is not why it failed. */
export function toMissingModule(runtime: Claim['runtime'], packRef: string, stderr: string): string | null {
  const pattern = patterns[runtime];
  const name = pattern?.missing.exec(stderr)?.[1];
  if (!pattern || name === undefined) return null;
  const wanted =
    runtime === 'python'
      ? name.split('.')[0]
      : name
          .split('/')
          .slice(0, name.startsWith('@') ? 2 : 1)
          .join('/');
  return `The module ${wanted} is not installed. Add the package that has it to ${pattern.askIn} of the pack ${packRef}.`;
}
