import type { z } from 'zod';
import { checkAgainst } from '@/engine/json-schema';
import { toJsonSchema } from '@/engine/definition/parameters';
import { DomainError } from '@/engine/errors';
import type { JsonObject } from '../fields';
import { launchedRuntimes, type SensorRuntime } from '../sensors/schema';
import { SensorFile, parseComponent, tellUnknownKeys, toRuntime } from './component';
import { toProblem, type YamlFile } from './yaml-file';

export type PackSensor = z.infer<typeof SensorFile> & {
  file: YamlFile;
  runtime: SensorRuntime;
  code: string | null;
};

/** Reads `sensors/<name>.yaml`; what is wrong goes to `problems`, and null comes back where it cannot be used. */
export function readSensor(
  file: YamlFile,
  packRef: string,
  texts: ReadonlyMap<string, string>,
  problems: string[],
): PackSensor | null {
  const read = parseComponent(SensorFile, withTriggerTypes(file), packRef, problems);
  if (!read) return null;
  tellUnknownKeys(SensorFile, file, ['trigger_ref', 'trigger_type'], problems);
  const runtime = toSensorRuntime(read);
  if (runtime === null) {
    const said = `runner_type: a sensor can't be of ${read.runner_type ?? read.entrypoint}. Use ${launchedRuntimes.join(', ')}`;
    problems.push(toProblem(file, ['runner_type'], said));
    return null;
  }
  tellConfig(read, file, problems);
  if (runtime === 'native') return { ...read, file, runtime, code: null };
  const code = texts.get(`sensors/${read.entrypoint}`) ?? texts.get(read.entrypoint);
  if (code !== undefined) return { ...read, file, runtime, code };
  const said = `entry_point: there is no file sensors/${read.entrypoint} in the pack`;
  problems.push(toProblem(file, ['entry_point'], said));
  return null;
}

/** `trigger_ref` is another way to write `trigger_types` with one. */
function withTriggerTypes(file: YamlFile): YamlFile {
  const { value } = file;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'trigger_types' in value)
    return file;
  const given = value as { trigger_ref?: unknown; trigger?: unknown; trigger_type?: unknown };
  const one = given.trigger_ref ?? given.trigger ?? given.trigger_type;
  return one === undefined ? file : { ...file, value: { ...value, trigger_types: one } };
}

export function toSensorRuntime(read: {
  runner_type?: string | undefined;
  entrypoint: string;
}): SensorRuntime | null {
  const runtime = toRuntime({ runner_type: read.runner_type, entrypoint: read.entrypoint });
  return runtime === 'shell' || runtime === 'python' || runtime === 'nodejs' || runtime === 'native'
    ? runtime
    : null;
}

/** Its config is part of the same file, so what does not fit is told here and not at its start. */
function tellConfig(
  { parameters, config }: z.infer<typeof SensorFile>,
  file: YamlFile,
  problems: string[],
): void {
  // A schema that cannot be read is told where the sensor is saved.
  const schema = readableSchema(parameters);
  if (schema === null) return;
  for (const { path, message } of checkAgainst(schema, config)) {
    // What is missing may come with the rules.
    if (message === 'is required') continue;
    problems.push(toProblem(file, ['config', ...path.split('.')], `config.${path}: ${message}`));
  }
}

function readableSchema(parameters: JsonObject): JsonObject | null {
  try {
    return toJsonSchema(parameters);
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}
