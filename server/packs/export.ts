import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { stringify as toYaml } from 'yaml';
import type { z } from 'zod';
import { toFlatParameters, toJsonSchema } from '@/engine/definition/parameters';
import { DomainError } from '@/engine/errors';
import { inConfiguration } from '../db';
import type { JsonObject } from '../fields';
import type { Pack } from '../generated/prisma/client';
import { may, requireRight, type Actor } from '../identities/actor';
import { readDefinition } from '../workflows/check';
import { packFolder, writeFiles } from './archive';
import {
  ActionFile,
  PackFile,
  parseComponent,
  PermissionSetFile,
  QueueFile,
  RuleFile,
  RuntimeFile,
  SensorFile,
  toRuntime,
  TriggerFile,
  WorkflowFile,
} from './component';
import {
  toActionPiece,
  toPermissionSetPiece,
  toQueuePiece,
  toRulePiece,
  toRuntimePiece,
  toSensorPiece,
  toTriggerPiece,
  toWorkflowPiece,
  type Piece,
  type PieceKind,
} from './export-pieces';
import { openFiles } from './files';
import { kindOf } from './read-pack';
import { getPackRow } from './service';
import { parseYamlFile } from './yaml-file';

/** A pack as files, packed, and what of it could not come along, as sentences. */
export interface ExportedPack {
  fileName: string;
  content: Buffer<ArrayBuffer>;
  leftOut: string[];
}

const schemas: Record<PieceKind, z.ZodObject<z.ZodRawShape, z.core.$loose>> = {
  action: ActionFile,
  workflow: WorkflowFile,
  trigger: TriggerFile,
  sensor: SensorFile,
  rule: RuleFile,
  queue: QueueFile,
  permission_set: PermissionSetFile,
  runtime: RuntimeFile,
};

/**
 * A pack as an archive that can be installed elsewhere: its files, and everything that was made or changed in the studio,
 * as it is now. A file that still says what the studio has stays as its author wrote it. Secrets do not come along:
 * neither keys, nor webhook secrets, nor what the configuration's schema calls secret.
 *
 * @throws DomainError pack_not_found; forbidden for who may not read all that is in it
 */
export async function exportPack(actor: Actor, ref: string): Promise<ExportedPack> {
  for (const resource of ['packs', 'actions', 'triggers', 'rules', 'queues'] as const)
    requireRight(actor, 'read', resource, { ref, packRef: ref });
  const files = new Map(await openFiles(actor, ref));
  // Without the values that its schema calls secret.
  const pack = await getPackRow(actor, ref);
  const { pieces, leftOut } = await collect(actor, pack);
  const written = takeComponents(files, ref);
  const packFile = toPackFile(pack);
  const before = files.get('pack.yaml') ?? files.get('pack.yml');
  files.delete('pack.yml');
  files.set('pack.yaml', isSamePack(before, packFile) && before ? before : Buffer.from(toYaml(packFile)));
  for (const piece of pieces) put(files, piece, written.get(`${piece.kind} ${piece.ref}`), ref);
  const folder = await mkdtemp(join(tmpdir(), 'attune-export-'));
  try {
    await writeFiles(folder, files);
    const { content } = await packFolder(folder);
    return { fileName: `${ref}-${pack.version.replaceAll(/[^\w.-]/g, '_')}.tar.gz`, content, leftOut };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function collect(actor: Actor, pack: Pack): Promise<{ pieces: Piece[]; leftOut: string[] }> {
  return inConfiguration(actor.tenantId, async (tx) => {
    const where = { packId: pack.id, tenantId: { in: [pack.tenantId, BigInt(actor.tenantId)] } };
    const orderBy = { ref: 'asc' } as const;
    const leftOut: string[] = [];
    const actions = await tx.prisma.action.findMany({ where, orderBy });
    const workflows = await tx.prisma.workflow.findMany({ where });
    const byAction = new Map(workflows.map((workflow) => [workflow.actionId, workflow]));
    const pieces: Piece[] = [];
    for (const action of actions) {
      const workflow = byAction.get(action.id);
      if (!workflow) {
        pieces.push(toActionPiece(action));
        continue;
      }
      const revision = await tx.prisma.workflowRevision.findFirst({
        where: { workflowId: workflow.id, tenantId: workflow.tenantId, number: workflow.published ?? -1 },
      });
      if (revision) pieces.push(toWorkflowPiece(action, revision));
      else leftOut.push(`The workflow ${action.ref} was never published.`);
    }
    pieces.push(...(await tx.prisma.trigger.findMany({ where, orderBy })).map(toTriggerPiece));
    pieces.push(...(await tx.prisma.sensor.findMany({ where, orderBy })).map(toSensorPiece));
    pieces.push(...(await tx.prisma.rule.findMany({ where, orderBy })).map(toRulePiece));
    pieces.push(...(await tx.prisma.workQueue.findMany({ where, orderBy })).map(toQueuePiece));
    pieces.push(...(await tx.prisma.packRuntime.findMany({ where, orderBy })).map(toRuntimePiece));
    const sets = await tx.prisma.permissionSet.findMany({
      where: { packRef: pack.ref, tenantId: where.tenantId },
      orderBy,
    });
    if (may(actor, 'read', 'permissions')) pieces.push(...sets.map(toPermissionSetPiece));
    else if (sets.length > 0) leftOut.push('Permission sets: they need the right permissions:read.');
    return { pieces, leftOut };
  });
}

function toPackFile(pack: Pack): JsonObject {
  const schema = toFlatParameters(pack.confSchema as JsonObject);
  const config = pack.config as JsonObject;
  return {
    ref: pack.ref,
    label: pack.label,
    version: pack.version,
    ...(pack.description !== '' && { description: pack.description }),
    ...(pack.tags.length > 0 && { tags: pack.tags }),
    ...(Object.keys(schema).length > 0 && { conf_schema: schema }),
    ...(Object.keys(config).length > 0 && { config }),
  };
}

function isSamePack(before: Buffer | undefined, now: JsonObject): boolean {
  const file = before && parseYamlFile('pack.yaml', before.toString('utf8'), []);
  const read = file && PackFile.safeParse(file.value);
  if (!read?.success) return false;
  const { label = read.data.ref } = read.data;
  const known = ({ conf_schema: schema, ...value }: z.infer<typeof PackFile>) => ({
    ...Object.fromEntries(Object.keys(PackFile.shape).map((key) => [key, value[key]])),
    schema: toJsonSchemaOrNull(schema),
  });
  return isDeepStrictEqual(known({ ...read.data, label }), known(PackFile.parse(now)));
}

interface Written {
  path: string;
  text: string;
  value: unknown;
}

/** Takes the files that describe components out, by what they describe: from now on the studio says what there is. */
function takeComponents(files: Map<string, Buffer>, packRef: string): Map<string, Written> {
  const found = new Map<string, Written>();
  for (const [path, content] of [...files]) {
    const kind = kindOf(path);
    if (!kind) continue;
    files.delete(path);
    if (kind === 'workflow') files.delete(layoutPath(path));
    const text = content.toString('utf8');
    const file = parseYamlFile(path, text, []);
    const read = file && parseComponent(schemas[kind], file, packRef, []);
    if (read) found.set(`${kind} ${String(read['ref'])}`, { path, text, value: file.value });
  }
  return found;
}

const layoutPath = (path: string) => path.replace(/(\.workflow)?\.ya?ml$/, '.layout.json');

function put(files: Map<string, Buffer>, piece: Piece, written: Written | undefined, packRef: string): void {
  const name = piece.ref.slice(piece.ref.indexOf('.') + 1).replaceAll(/[^\w.-]/g, '_');
  const folder = `${piece.kind}s`;
  const path = written?.path ?? `${folder}/${name}.yaml`;
  const isSame = written !== undefined && isSameComponent(piece.kind, piece.value, written.value, packRef);
  files.set(path, Buffer.from(isSame ? written.text : (piece.text ?? toYaml(piece.value))));
  if (piece.layout && Object.keys((piece.layout['positions'] ?? {}) as object).length > 0)
    files.set(layoutPath(path), Buffer.from(`${JSON.stringify(piece.layout, null, 2)}\n`));
  if (!piece.code) return;
  // Where the reader looks first, unless the file lies at the root.
  const inFolder = `${folder}/${piece.code.name}`;
  const place = !files.has(inFolder) && files.has(piece.code.name) ? piece.code.name : inFolder;
  if (files.get(place)?.toString('utf8') !== piece.code.text) files.set(place, Buffer.from(piece.code.text));
}

/** Whether two ways of writing a component make the same of it. */
function isSameComponent(kind: PieceKind, now: unknown, before: unknown, packRef: string): boolean {
  const normal = (value: unknown) => {
    const file = { path: '', value, lineOf: () => 1 };
    const read = parseComponent(schemas[kind], file, packRef, []);
    if (!read) return null;
    const { ref, label = ref } = read as JsonObject;
    if (kind === 'workflow') return { label, definition: definitionOf(value as JsonObject) };
    const known: JsonObject = Object.fromEntries(
      Object.keys(schemas[kind].shape).map((key) => [key, (read as JsonObject)[key] ?? null]),
    );
    for (const key of ['parameters', 'out_schema']) {
      const schema = known[key];
      if (schema !== null && schema !== undefined) known[key] = toJsonSchemaOrNull(schema as JsonObject);
    }
    // Left out, a file's ending says it.
    if ('runner_type' in known)
      known['runner_type'] = toRuntime(read as ActionFile) ?? known['runner_type'] ?? null;
    return { ...known, label };
  };
  return isDeepStrictEqual(normal(now), normal(before));
}

/** Null for one that cannot be read. */
function toJsonSchemaOrNull(written: JsonObject): JsonObject | null {
  try {
    return toJsonSchema(written);
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}

/** With its description; null where it is no definition. */
function definitionOf(value: JsonObject): unknown {
  const { ref: _, name: __, label: ___, description, tags: ____, definition, ...own } = value;
  return [description ?? '', readDefinition((definition as JsonObject | undefined) ?? own).definition];
}
