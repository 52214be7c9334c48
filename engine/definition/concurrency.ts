import { z } from 'zod';
import { parseTemplate } from '../expression/expression';
import { nearest } from '../expression/nearest';
import type { JsonSchema } from '../json-schema';

export const defaultMaxQueued = 10_000;
export const mostAtOnce = 10_000;
export const mostQueued = 100_000;
export const longestKey = 1_000;

/** How many executions of one action or workflow may run at a time, and what becomes of the others. Unknown keys are kept. */
export const ConcurrencyPolicy = z.looseObject({
  limit: z
    .number('must be a whole number: how many may run at the same time')
    .int()
    .min(1)
    .max(mostAtOnce)
    .describe('How many executions may run at the same time'),
  key: z
    .string()
    .min(1)
    .max(longestKey)
    .optional()
    .describe(
      'An expression over parameters, such as {{ parameters.host }}: executions with the same value share the limit. (Default: all share it)',
    ),
  when_full: z
    .enum(['queue', 'reject'])
    .optional()
    .describe(
      'What happens when no slot is free: queue (it waits its turn) or reject (it fails at once). (Default: queue)',
    ),
  max_queued: z
    .number()
    .int()
    .min(0)
    .max(mostQueued)
    .optional()
    .describe('How many may wait; one more fails at once. (Default: 10000)'),
});
export type ConcurrencyPolicy = z.infer<typeof ConcurrencyPolicy>;

/** As files say it: the policy, or its limit alone. */
export const WrittenConcurrency = z.preprocess(
  (written) => (typeof written === 'number' ? { limit: written } : written),
  ConcurrencyPolicy,
);

/** Something wrong with a policy's key; only errors keep it from being used. Line and column count from 1, inside the expression. */
export interface KeyProblem {
  severity: 'error' | 'warning';
  code: string;
  message: string;
  repair: string;
  line: number;
  column: number;
}

const repairKey = 'Read parameters only, such as {{ parameters.host }}.';

/** What is wrong with the key of a policy whose action takes these parameters. Never throws. */
export function checkConcurrencyKey(key: string, paramSchema: JsonSchema): KeyProblem[] {
  const { problems, references, calls } = parseTemplate(key);
  const found: KeyProblem[] = problems.map(({ code, message, hint, line, column }) => ({
    severity: 'error',
    code: `expression_${code}`,
    message,
    repair: hint ?? 'Repair the expression.',
    line,
    column,
  }));
  const start = { severity: 'error', line: 1, column: 1 } as const;
  for (const call of new Set(calls)) {
    const message = `${call}() means nothing here: the key is worked out before anything has run.`;
    found.push({ ...start, code: 'unknown_function', message, repair: repairKey });
  }
  if (found.length === 0 && references.length === 0) {
    const message = 'The key is the same for every execution.';
    found.push({
      ...start,
      code: 'constant_key',
      message,
      repair: `${repairKey} Without a key all share the limit.`,
    });
  }
  const properties = objectAt(paramSchema, 'properties');
  for (const { root, path, line, column } of references) {
    const name = path[0] === undefined ? null : String(path[0]);
    const problem = root === 'parameters' ? checkName(name, properties) : unknownRoot(root);
    if (problem) found.push({ ...problem, line, column });
  }
  return found;
}

type Finding = Omit<KeyProblem, 'line' | 'column'>;

function unknownRoot(root: string): Finding {
  const message = `The key cannot read ${root}: only parameters are known before it runs.`;
  return { severity: 'error', code: 'unknown_name', message, repair: repairKey };
}

/** @param name null where all of them are read, or one whose name is worked out */
function checkName(name: string | null, properties: JsonSchema): Finding | null {
  const secrets = Object.keys(properties).filter((other) => objectAt(properties, other)['secret'] === true);
  const secret = name === null ? secrets[0] : secrets.find((other) => other === name);
  if (secret !== undefined) {
    const message = `The parameter ${secret} is secret, and a key is stored for all to see.`;
    return { severity: 'error', code: 'secret_leak', message, repair: 'Name parameters that are no secret.' };
  }
  if (name === null || Object.hasOwn(properties, name)) return null;
  const near = nearest(name, Object.keys(properties));
  const repair = near ? `Did you mean ${near}?` : 'Declare it first.';
  const message = `There is no parameter ${name}; it reads as null.`;
  return { severity: 'warning', code: 'unknown_parameter', message, repair };
}

function objectAt(schema: JsonSchema, key: string): JsonSchema {
  const part = Object.hasOwn(schema, key) ? schema[key] : undefined;
  return part !== null && typeof part === 'object' && !Array.isArray(part) ? part : {};
}
