import { createHash } from 'node:crypto';
import { join, relative, resolve } from 'node:path';
import type { z } from 'zod';
import { ConcurrencyPolicy } from '@/engine/definition/concurrency';
import { toJsonSchema } from '@/engine/definition/parameters';
import { DomainError } from '@/engine/errors';
import type { Json } from '@/engine/expression/expression';
import type { JsonObject, Ref } from '../fields';
import type { Layout } from '../workflows/schema';
import {
  ActionFile,
  PackFile,
  PermissionSetFile,
  QueueFile,
  RuleFile,
  RuntimeFile,
  TriggerFile,
  WorkflowFile,
  parseComponent,
  tellUnknownKeys,
} from './component';
import { readLayout } from './layout-file';
import { withCode, withOwnRuntime, type PackAction } from './action-source';
import { packRefOf } from './refs';
import { readTexts } from './read-texts';
import type { PackOrigin } from './schema';
import { readSensor, type PackSensor } from './sensor-file';
import { parseYamlFile, toProblem, type YamlFile } from './yaml-file';

/** Bumped when the same files lead to other rows, so that an unchanged pack is loaded again. */
const loaderVersion = 5;
interface Placed {
  file: YamlFile;
}
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
export type PackPermissionSet = PermissionSetFile & Placed;
export type PackRuntime = RuntimeFile & Placed;

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
  permissionSets: PackPermissionSet[];
  runtimes: PackRuntime[];
  /** Permission sets that are left out and stay as they were, where they are there already. */
  kept: string[];
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
    permissionSets: [],
    runtimes: [],
    kept: [],
    problems,
  };
  const seen = new Map<string, string>();
  const plain = <Shape extends z.ZodRawShape & { ref: typeof Ref }>(
    schema: z.ZodObject<Shape, z.core.$loose>,
    file: YamlFile,
    kind: string,
  ) => {
    const read = parseComponent(schema, file, pack.ref, problems);
    if (!read || !isOwn(String(read.ref), file, pack.ref, seen, kind, problems)) return null;
    tellUnknownKeys(schema, file, [], problems);
    return read;
  };
  const companions = companionsOf(texts.keys(), open);
  const runtimeFiles = [...texts.keys()].flatMap((name) =>
    kindOf(name) === 'runtime' ? (open(name) ?? []) : [],
  );
  for (const name of texts.keys()) {
    const kind = kindOf(name);
    if (companions.has(name)) continue;
    const file = kind && open(name);
    if (!file) continue;
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
        const action = withCode(withOwnRuntime(read, pack.ref, runtimeFiles), file, texts, problems);
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
        const read = plain(TriggerFile, file, 'trigger');
        if (read) source.triggers.push({ ...read, file });
        break;
      }
      case 'sensor': {
        const read = readSensor(file, pack.ref, texts, problems);
        if (read && isOwn(read.ref, file, pack.ref, seen, 'sensor', problems)) source.sensors.push(read);
        break;
      }
      case 'rule': {
        const read = plain(RuleFile, file, 'rule');
        if (read) source.rules.push({ ...read, file });
        break;
      }
      case 'queue': {
        const read = plain(QueueFile, file, 'queue');
        if (read) source.queues.push({ ...read, file });
        break;
      }
      case 'permission_set': {
        const read = plain(PermissionSetFile, file, 'permission set');
        if (read) source.permissionSets.push({ ...read, file });
        break;
      }
      case 'runtime': {
        const read = plain(RuntimeFile, file, 'runtime');
        if (read) source.runtimes.push({ ...read, file });
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

/** What a file of a pack describes, by where it lies; null for all others. */
export function kindOf(
  name: string,
): 'action' | 'workflow' | 'trigger' | 'sensor' | 'rule' | 'queue' | 'permission_set' | 'runtime' | null {
  if (!/\.ya?ml$/.test(name)) return null;
  if (/^(actions\/)?workflows\/[^/]+$/.test(name)) return 'workflow';
  if (/^actions\/[^/]+$/.test(name)) return 'action';
  if (/^triggers\/[^/]+$/.test(name)) return 'trigger';
  if (/^sensors\/[^/]+$/.test(name)) return 'sensor';
  if (/^rules\/[^/]+$/.test(name)) return 'rule';
  if (/^queues\/[^/]+$/.test(name)) return 'queue';
  if (/^permission_sets\/[^/]+$/.test(name)) return 'permission_set';
  if (/^runtimes\/[^/]+$/.test(name)) return 'runtime';
  return null;
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
