import { satisfies, validRange } from 'semver';
import { z } from 'zod';

const otherNames: Readonly<Record<string, string>> = {
  node: 'nodejs',
  bash: 'shell',
  docker: 'container',
  podman: 'container',
};

/** `core.node` and `node` are `nodejs`. */
function toName(written: string): string {
  const short = written
    .trim()
    .toLowerCase()
    .replace(/^core\./, '');
  return otherNames[short] ?? short;
}

/** `>=3.9,<4` as Python writes it, and `>=3.9 <4`. */
function toRange(written: string): string {
  return written.trim() === '' ? '*' : written.replaceAll(',', ' ').replaceAll('==', '=').trim();
}

/**
 * What an action's worker must have beside the action's own runtime: names of runtimes with version ranges, `*` for any.
 * A name that no worker knows is kept: perhaps one will, and until then the execution says what it waits for.
 */
export const RequiredRuntimes = z
  .record(
    z
      .string()
      .max(60)
      .transform(toName)
      .refine(
        (name) => /^[a-z][a-z0-9_.-]{0,49}$/.test(name),
        'must be the name of a runtime, such as nodejs',
      ),
    z
      .string('must be a version range such as ">=20", or "*" for any')
      .max(100)
      .transform(toRange)
      .refine(
        (range) => validRange(range) !== null,
        'must be a version range such as ">=20", or "*" for any',
      ),
  )
  .refine((required) => Object.keys(required).length <= 10, 'must name at most 10 runtimes');
export type RequiredRuntimes = z.infer<typeof RequiredRuntimes>;

/**
 * What a worker must have to take an execution, as one text that claims compare: the runtime, and after a space what is
 * required beside it. The same requirements give the same text, whatever their order.
 */
export function toDemand(runtime: string, required: RequiredRuntimes): string {
  const entries = Object.entries(required).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? runtime : `${runtime} ${JSON.stringify(entries)}`;
}

/**
 * What a worker with these runtimes (name → version) lacks for a demand, in words such as `nodejs >=99`; empty where it may
 * take it. A version without numbers, such as that of a built-in runtime, fits `*` only.
 */
export function lackingFor(demand: string, runtimes: Readonly<Record<string, string>>): string[] {
  const space = demand.indexOf(' ');
  const runtime = space < 0 ? demand : demand.slice(0, space);
  const required = space < 0 ? [] : (JSON.parse(demand.slice(space)) as [string, string][]);
  const lacking = required.filter(([name, range]) => !fits(runtimes[name], range));
  return [
    ...(runtimes[runtime] === undefined && runtime !== 'workflow' ? [runtime] : []),
    ...lacking.map(([name, range]) => (range === '*' ? name : `${name} ${range}`)),
  ];
}

function fits(version: string | undefined, range: string): boolean {
  if (version === undefined) return false;
  if (range === '*') return true;
  // A shell says 5.2.15(1)-release, a tool perhaps 28.1.
  const [, major, minor = '0', patch = '0'] = /(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(version) ?? [];
  return major !== undefined && satisfies(`${major}.${minor}.${patch}`, range);
}
