import type { Json } from '../expression/expression';
import { isObject } from './notes';
import type { ImportNote } from './notes';

type JsonObject = { [key: string]: Json };

/** An action of the other system, as it would be made here. */
export interface ImportedAction {
  pack: string | null;
  name: string;
  label: string;
  description: string;
  /** Null where it is a workflow, or nothing that there is here. */
  runtime: 'shell' | 'python' | 'http' | null;
  isWorkflow: boolean;
  entryPoint: string;
  /** The inline command, where there is one. */
  code: string | null;
  paramSchema: JsonObject;
}

const runtimes: Record<string, ImportedAction['runtime']> = {
  'python-script': 'python',
  'local-shell-cmd': 'shell',
  'local-shell-script': 'shell',
  'remote-shell-cmd': 'shell',
  'remote-shell-script': 'shell',
  'run-local': 'shell',
  'run-local-script': 'shell',
  'run-python': 'python',
  'http-request': 'http',
};
const workflows = ['orquesta', 'orchestra', 'mistral-v2', 'action-chain'];
const known = new Set([
  'name',
  'pack',
  'ref',
  'uid',
  'description',
  'enabled',
  'runner_type',
  'entry_point',
  'parameters',
  'tags',
  'notify',
  'output_schema',
  'log_level',
]);
const schemaKeys = new Set([
  'type',
  'description',
  'default',
  'required',
  'secret',
  'enum',
  'items',
  'properties',
  'format',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'uniqueItems',
  'additionalProperties',
  'anyOf',
  'oneOf',
  'allOf',
  'title',
]);

/** The metadata file of an action; `note` is told what is not in what was made, or became something else. */
export function readActionMetadata(
  source: JsonObject,
  note: (kind: ImportNote['kind'], path: readonly (string | number)[], message: string) => void,
): ImportedAction {
  const runner = text(source['runner_type']);
  const entryPoint = text(source['entry_point']);
  for (const key of Object.keys(source)) if (!known.has(key)) note('lost', [key], `${key} is unknown here.`);
  if (isObject(source['notify'])) note('lost', ['notify'], 'Notifications are tasks or rules here.');
  if (source['enabled'] === false)
    note('changed', ['enabled'], 'It was switched off there; actions are always on here.');
  const isWorkflow = workflows.includes(runner);
  const runtime = runtimes[runner] ?? null;
  if (!isWorkflow && runtime === null)
    note(
      'lost',
      ['runner_type'],
      runner === 'inquirer'
        ? 'Questions to people are tasks with core.ask here.'
        : `There is no runner like ${runner || 'none'} here.`,
    );
  if (isWorkflow && runner !== 'orquesta' && runner !== 'orchestra')
    note('lost', ['runner_type'], `Workflows of ${runner} are not read, only those of Orquesta.`);
  if (runner.startsWith('remote-'))
    note('lost', ['runner_type'], 'It ran on other hosts over SSH; here it runs on the worker.');
  const parameters = isObject(source['parameters']) ? source['parameters'] : {};
  const entries = Object.entries(parameters)
    .map(([name, spec]) => ({ name, spec: isObject(spec) ? spec : {} }))
    .sort((a, b) => position(a.spec) - position(b.spec));
  const properties: JsonObject = {};
  const required: string[] = [];
  let code: string | null = null;
  for (const { name, spec } of entries) {
    const at = ['parameters', name];
    const fixed = spec['immutable'] === true ? spec['default'] : undefined;
    if (name === 'cmd' && runtime === 'shell' && typeof spec['default'] === 'string') {
      code = toShell(spec['default']);
      note('changed', at, 'Its command became its code: parameters are shell variables there.');
      continue;
    }
    const kept = Object.fromEntries(
      Object.entries(spec).filter(([key]) => schemaKeys.has(key) && key !== 'required'),
    );
    for (const key of Object.keys(spec))
      if (!schemaKeys.has(key) && key !== 'immutable' && key !== 'position')
        note('lost', [...at, key], `${key} of ${name} is unknown here.`);
    if (fixed !== undefined) {
      kept['enum'] = [fixed];
      note('changed', at, `${name} could not be given there (immutable); here it takes only its default.`);
    } else if (spec['immutable'] === true)
      note('lost', at, `${name} could not be given there (immutable), and has no default.`);
    properties[name] = kept;
    if (spec['required'] === true) required.push(name);
  }
  if (entryPoint !== '' && !isWorkflow && code === null)
    note(
      'lost',
      ['entry_point'],
      `The code is in ${entryPoint}, which is not part of this file: paste it into the action.`,
    );
  const name = text(source['name']);
  return {
    pack: text(source['pack']) || null,
    name,
    label: name,
    description: text(source['description']).trim(),
    runtime,
    isWorkflow,
    entryPoint,
    code,
    paramSchema: { type: 'object', properties, ...(required.length > 0 ? { required } : {}) },
  };
}

function position(spec: JsonObject): number {
  return typeof spec['position'] === 'number' ? spec['position'] : Infinity;
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** `{{ name }}` in a command is the shell variable of that parameter. */
function toShell(command: string): string {
  return command.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, '"$$$1"');
}
