import { createHash } from 'node:crypto';
import { join, relative, resolve } from 'node:path';
import type { z } from 'zod';
import { ConcurrencyPolicy } from '@/engine/definition/concurrency';
import { toJsonSchema } from '@/engine/definition/parameters';
import { DomainError } from '@/engine/errors';
import type { Json } from '@/engine/expression/expression';
import { checkDeclaration, isDeclared, toDeclaration } from '../actions/declaration';
import type { Runtime } from '../actions/schema';
import type { JsonObject } from '../fields';
import type { Layout } from '../workflows/schema';
import {
  ActionFile,
  PackFile,
  QueueFile,
  RuleFile,
  TriggerFile,
  WorkflowFile,
  parseComponent,
  tellUnknownKeys,
  toRuntime,
} from './component';
import { readLayout } from './layout-file';
import { packRefOf } from './refs';
import { readTexts } from './read-texts';
import type { PackOrigin } from './schema';
import { readSensor, type PackSensor } from './sensor-file';
import { parseYamlFile, toProblem, type YamlFile } from './yaml-file';

/** Bumped when the same files lead to other rows, so that an unchanged pack is loaded again. */
const loaderVersion = 4;
interface Placed {
  file: YamlFile;
}
export type PackAction = ActionFile & Placed & { runtime: Runtime; code: string | null };
export type PackWorkflow = Placed & {
  ref: string;
  label: string | undefined;
  description: string;
  definition: Json;
  layout: Layout;
};
export type PackTrigger = TriggerFile & Placed;
export type PackRule = RuleFile & Placed;
export type PackQueue = QueueFile & Placed;

export interface UnsupportedComponent {
  kind: UnsupportedKind;
  ref: string;
  file: string;
}

/** A pack as its files say it, with what is wrong in them. */
export interface PackSource {
  folder: string;
  contentHash: string;
  /** Where the files came from, for people. */
  origin: PackOrigin;
  pack: z.infer<typeof PackFile>;
  actions: PackAction[];
  workflows: PackWorkflow[];
  triggers: PackTrigger[];
  sensors: PackSensor[];
  rules: PackRule[];
  queues: PackQueue[];
  /** Parsed and kept, without effect: there is no such noun yet. */
  unsupported: UnsupportedComponent[];
  problems: string[];
}

/** Reads a pack's folder; null with problems when its pack.yaml cannot be used. Broken components are left out. */
export async function readPack(folder: string, problems: string[]): Promise<PackSource | null> {
  const root = resolve(folder);
  const texts = await readTexts(root, problems);
  const place = (name: string) => relative(resolve(root, '..'), join(root, name));
  const opened = new Map<string, YamlFile | null>();
  // Once each, so that what is wrong in it is told once.
  const open = (name: string): YamlFile | null => {
    const text = texts.get(name);
    if (text === undefined) return null;
    const file = opened.has(name) ? opened.get(name) : parseYamlFile(place(name), text, problems);
    opened.set(name, file ?? null);
    return file ?? null;
  };
  const packFile = open('pack.yaml') ?? open('pack.yml');
  const pack = packFile && parseComponent(PackFile, packFile, null, problems);
  if (!packFile || !pack) return null;
  tellUnknownKeys(
    PackFile,
    packFile,
    ['name', 'author', 'dependencies', 'runtime_deps', 'meta', 'is_standard', 'keywords', 'email'],
    problems,
  );

  tellSchemaProblem(pack.conf_schema, packFile, problems);

  const source: PackSource = {
    folder: root,
    contentHash: hashOf(texts),
    origin: { kind: 'folder', from: root },
    pack,
    actions: [],
    workflows: [],
    triggers: [],
    sensors: [],
    rules: [],
    queues: [],
    unsupported: [],
    problems,
  };
  const seen = new Map<string, string>();
  const companions = companionsOf(texts.keys(), open);
  for (const name of texts.keys()) {
    const kind = kindOf(name);
    if (companions.has(name)) continue;
    const file = kind && open(name);
    if (!file) continue;
    if (isUnsupported(kind)) {
      keepUnsupported(kind, file, name, pack.ref, source);
      continue;
    }
    switch (kind) {
      case 'action': {
        const read = parseComponent(ActionFile, file, pack.ref, problems);
        if (!read || !isOwn(read.ref, file, pack.ref, seen, 'action', problems)) break;
        tellUnknownKeys(ActionFile, file, ['enabled', 'tags'], problems);
        tellUnknownPolicyKeys(read, file, problems);
        if (read.workflow_file !== undefined) {
          const workflow = withWorkflowFile(read, file, open, problems);
          if (workflow) source.workflows.push(workflow);
          break;
        }
        const action = withCode(read, file, texts, problems);
        if (action) source.actions.push(action);
        break;
      }
      case 'workflow': {
        const read = parseComponent(WorkflowFile, file, pack.ref, problems);
        if (!read || !isOwn(read.ref, file, pack.ref, seen, 'action', problems)) break;
        const layout = readLayout(name, place(name), texts, problems);
        source.workflows.push({
          file,
          ref: read.ref,
          label: read.label,
          description: read.description,
          definition: read.definition ?? definitionOf(file),
          layout,
        });
        break;
      }
      case 'trigger': {
        const read = parseComponent(TriggerFile, file, pack.ref, problems);
        if (!read || !isOwn(read.ref, file, pack.ref, seen, 'trigger', problems)) break;
        tellUnknownKeys(TriggerFile, file, [], problems);
        source.triggers.push({ ...read, file });
        break;
      }
      case 'sensor': {
        const read = readSensor(file, pack.ref, texts, problems);
        if (read && isOwn(read.ref, file, pack.ref, seen, 'sensor', problems)) source.sensors.push(read);
        break;
      }
      case 'rule': {
        const read = parseComponent(RuleFile, file, pack.ref, problems);
        if (!read || !isOwn(read.ref, file, pack.ref, seen, 'rule', problems)) break;
        tellUnknownKeys(RuleFile, file, [], problems);
        source.rules.push({ ...read, file });
        break;
      }
      case 'queue': {
        const read = parseComponent(QueueFile, file, pack.ref, problems);
        if (!read || !isOwn(read.ref, file, pack.ref, seen, 'queue', problems)) break;
        tellUnknownKeys(QueueFile, file, [], problems);
        source.queues.push({ ...read, file });
        break;
      }
    }
  }
  return source;
}

function tellSchemaProblem(schema: JsonObject, file: YamlFile, problems: string[]): void {
  try {
    toJsonSchema(schema);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    problems.push(toProblem(file, ['conf_schema'], `conf_schema: ${error.message}`));
  }
}

/** Workflow files that an action names: they are read with it. */
function companionsOf(names: Iterable<string>, open: (name: string) => YamlFile | null): Set<string> {
  const found = new Set<string>();
  for (const name of names) {
    if (kindOf(name) !== 'action') continue;
    const value = open(name)?.value as { workflow_file?: unknown } | null | undefined;
    if (typeof value?.workflow_file === 'string') found.add(`actions/${value.workflow_file}`);
  }
  return found;
}

/** An action that is a workflow: the tasks stand in a file of their own, names and parameters here unless there. */
function withWorkflowFile(
  read: ActionFile,
  file: YamlFile,
  open: (name: string) => YamlFile | null,
  problems: string[],
): PackWorkflow | null {
  const workflow = open(`actions/${read.workflow_file}`);
  if (!workflow || typeof workflow.value !== 'object' || workflow.value === null) {
    problems.push(
      toProblem(
        file,
        ['workflow_file'],
        `workflow_file: there is no workflow in actions/${read.workflow_file}`,
      ),
    );
    return null;
  }
  const written = definitionOf(workflow) as JsonObject;
  const definition = {
    ...(Object.keys(read.parameters).length > 0 && { parameters: read.parameters }),
    ...written,
  };
  return {
    file: workflow,
    ref: read.ref,
    label: read.label,
    description: read.description,
    definition,
    layout: { positions: {} },
  };
}

const unsupportedKinds = ['permission_sets', 'runtimes'] as const;
type UnsupportedKind = (typeof unsupportedKinds)[number];

function isUnsupported(kind: string): kind is UnsupportedKind {
  return unsupportedKinds.some((one) => one === kind);
}

function keepUnsupported(
  kind: UnsupportedKind,
  file: YamlFile,
  name: string,
  packRef: string,
  source: PackSource,
): void {
  const { ref, name: own } = (file.value ?? {}) as { ref?: unknown; name?: unknown };
  const written = [ref, own].find((one): one is string => typeof one === 'string');
  const short = written ?? name.replace(/^.*\/|\.ya?ml$/g, '');
  source.unsupported.push({ kind, ref: short.includes('.') ? short : `${packRef}.${short}`, file: name });
  source.problems.push(
    `${file.path}:1 ${kind.replace('_', ' ')} are not supported yet: it is kept, and has no effect`,
  );
}

function kindOf(
  name: string,
): 'action' | 'workflow' | 'trigger' | 'sensor' | 'rule' | 'queue' | UnsupportedKind | null {
  if (!/\.ya?ml$/.test(name)) return null;
  if (/^(actions\/)?workflows\/[^/]+$/.test(name)) return 'workflow';
  if (/^actions\/[^/]+$/.test(name)) return 'action';
  if (/^triggers\/[^/]+$/.test(name)) return 'trigger';
  if (/^sensors\/[^/]+$/.test(name)) return 'sensor';
  if (/^rules\/[^/]+$/.test(name)) return 'rule';
  if (/^queues\/[^/]+$/.test(name)) return 'queue';
  return (
    unsupportedKinds.find(
      (kind) => name.startsWith(`${kind}/`) && !name.slice(kind.length + 1).includes('/'),
    ) ?? null
  );
}

function hashOf(texts: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256').update(`loader ${loaderVersion}\n`);
  for (const [name, text] of texts) hash.update(`${name}\n${Buffer.byteLength(text)}\n`).update(text);
  return hash.digest('hex');
}

/** A name must lie in its pack and be given once. */
function isOwn(
  ref: string,
  file: YamlFile,
  packRef: string,
  seen: Map<string, string>,
  kind: string,
  problems: string[],
): boolean {
  const other = seen.get(`${kind} ${ref}`);
  if (packRefOf(ref) !== packRef) {
    problems.push(toProblem(file, ['ref'], `ref: ${ref} must start with ${packRef}.`));
    return false;
  }
  if (other !== undefined) {
    problems.push(toProblem(file, ['ref'], `ref: ${ref} is given by ${other} already`));
    return false;
  }
  seen.set(`${kind} ${ref}`, file.path);
  return true;
}

/** The source comes along, so that a worker needs no file; what is no file of the pack is an inline script. */
function withCode(
  read: ActionFile,
  file: YamlFile,
  texts: ReadonlyMap<string, string>,
  problems: string[],
): PackAction | null {
  const runtime = toRuntime(read);
  if (runtime === null) {
    problems.push(
      toProblem(
        file,
        ['runner_type'],
        `runner_type: ${read.runner_type} is unknown. Use shell, python, nodejs, http, container or native`,
      ),
    );
    return null;
  }
  if (runtime === 'native') return { ...read, file, runtime, code: null };
  if (isDeclared(runtime)) return withDeclaration(read, file, runtime, problems);
  const code = texts.get(`actions/${read.entrypoint}`) ?? texts.get(read.entrypoint);
  if (code !== undefined) return { ...read, file, runtime, code };
  if (runtime === 'shell' && !/^[\w./-]+\.[a-z]+$/.test(read.entrypoint)) {
    return { ...read, file, runtime, entrypoint: '', code: read.entrypoint };
  }
  problems.push(
    toProblem(file, ['entry_point'], `entry_point: there is no file actions/${read.entrypoint} in the pack`),
  );
  return null;
}

/** A request or a container: what stands under that key, else the entrypoint is the address or the image. */
function withDeclaration(
  read: ActionFile,
  file: YamlFile,
  runtime: 'http' | 'container',
  problems: string[],
): PackAction | null {
  const key = runtime === 'http' ? 'request' : 'container';
  // An HTTP action that declares no more than its address takes the rest from its parameters.
  if (runtime === 'http' && !read.request && read.entrypoint !== '')
    return { ...read, file, runtime, code: null };
  const written = read[key] ?? { image: read.entrypoint };
  if (!read[key] && read.entrypoint === '') {
    problems.push(
      toProblem(
        file,
        [],
        `${key}: is missing; say there what is to be ${runtime === 'http' ? 'sent' : 'run'}`,
      ),
    );
    return null;
  }
  const code = toDeclaration(written);
  const found = checkDeclaration(runtime, code);
  for (const { path, message } of found) {
    const keys = path === '' ? [key] : [key, ...path.split('.')];
    problems.push(toProblem(file, keys, `${keys.join('.')}: ${message}`));
  }
  return found.length > 0 ? null : { ...read, file, runtime, code };
}

function tellUnknownPolicyKeys({ concurrency }: ActionFile, file: YamlFile, problems: string[]): void {
  for (const key of Object.keys(concurrency ?? {})) {
    if (!Object.hasOwn(ConcurrencyPolicy.shape, key))
      problems.push(
        toProblem(file, ['concurrency', key], `unknown key concurrency.${key}: it has no effect`),
      );
  }
}

function definitionOf(file: YamlFile): Json {
  const own = new Set(['ref', 'name', 'label', 'description', 'tags']);
  // Keys that are unknown stay in: the definition's checker tells them with their place.
  return Object.fromEntries(Object.entries(file.value as JsonObject).filter(([key]) => !own.has(key)));
}
