import { isDeepStrictEqual } from 'node:util';
import { checkConcurrencyKey } from '@/engine/definition/concurrency';
import { toJsonSchema } from '@/engine/definition/parameters';
import type { Definition } from '@/engine/definition/schema';
import type { CatalogAction } from '@/engine/definition/validate';
import { DomainError, invalid } from '@/engine/errors';
import { insertAction, saveAction, specOf, type ActionSpec } from '../actions/store';
import type { ConfigurationTx } from '../db';
import type { JsonObject } from '../fields';
import type { Action as ActionRow } from '../generated/prisma/client';
import { checkRule } from '../rules/check';
import { saveFileSensor, type SensorSpec } from '../sensors/store';
import { newWebhookKey } from '../triggers/store';
import { checkDefinition, readDefinition, toCompanion, toDetail, toSibling } from '../workflows/check';
import { publishDraft } from '../workflows/publish';
import { getWorkflowRow, insertWorkflow, saveDraftRow } from '../workflows/store';
import { isArchive } from './archive-store';
import { writtenAs } from './component';
import { removeVanishedPermissionSets, saveFilePermissionSet } from './save-permission-set';
import { saveFileQueue } from './save-queue';
import { removeVanishedRuntimes, saveFileRuntime } from './save-runtime';
import type { PackAction } from './action-source';
import type { PackRule, PackSource, PackTrigger, PackWorkflow } from './read-pack';
import type { PackSensor } from './sensor-file';
import { toProblem, type YamlFile } from './yaml-file';

const mostProblems = 500;

interface Place {
  tenantId: number;
  packId: bigint;
  packRef: string;
}

/**
 * Writes what a pack's files say, in the caller's transaction: what is new or changed is saved, what vanished from
 * the files is removed (what people added by hand stays), and a component that cannot be used is told in
 * `source.problems` and left as it was.
 */
export async function savePack(
  tx: ConfigurationTx,
  tenantId: number,
  source: PackSource,
  isStandard: boolean,
): Promise<{ id: bigint; ref: string }> {
  const { pack } = source;
  const columns = {
    label: pack.label ?? pack.ref,
    description: pack.description,
    version: pack.version,
    confSchema: pack.conf_schema,
    tags: pack.tags,
    path: source.folder,
    contentHash: source.contentHash,
    isStandard,
    source: source.origin,
  };
  const before = await tx.prisma.pack.findUnique({
    where: { tenantId_ref: { tenantId, ref: pack.ref } },
    select: { path: true },
  });
  // Files beside an action (a module that it imports, requirements.txt) are part of what it does.
  const isOtherFiles = before !== null && isArchive(source.folder) && before.path !== source.folder;
  const row = await tx.prisma.pack.upsert({
    where: { tenantId_ref: { tenantId, ref: pack.ref } },
    create: { tenantId, ref: pack.ref, config: pack.config, ...columns },
    update: { ...columns, updated: new Date() },
  });
  const place = { tenantId, packId: row.id, packRef: row.ref };
  const kept = {
    actions: new Set<string>(),
    triggers: new Set<string>(),
    sensors: new Set<string>(),
    rules: new Set<string>(),
    queues: new Set<string>(),
    permissionSets: new Set<string>(source.kept),
    runtimes: new Set<string>(),
  };

  for (const action of source.actions) {
    kept.actions.add(action.ref);
    await tolerating(action, source, async () => {
      const spec = toSpec(action);
      checkKey(spec, action.file, source.problems);
      await saveFileAction(tx, place, action.ref, spec, isOtherFiles);
    });
  }
  for (const trigger of source.triggers) {
    kept.triggers.add(trigger.ref);
    await tolerating(trigger, source, () => saveTrigger(tx, place, trigger));
  }
  for (const sensor of source.sensors) {
    kept.sensors.add(sensor.ref);
    await tolerating(sensor, source, () =>
      saveFileSensor(tx, place, sensor.ref, toSensorSpec(sensor), isOtherFiles),
    );
  }
  for (const { ref } of source.workflows) kept.actions.add(ref);
  await saveWorkflows(tx, place, source);
  for (const rule of source.rules) {
    kept.rules.add(rule.ref);
    await saveRule(tx, place, rule, source.problems);
  }
  for (const runtime of source.runtimes) {
    kept.runtimes.add(runtime.ref);
    await saveFileRuntime(tx, place, runtime);
  }
  for (const set of source.permissionSets) {
    kept.permissionSets.add(set.ref);
    await saveFilePermissionSet(tx, place, set);
  }
  for (const queue of source.queues) {
    kept.queues.add(queue.ref);
    await saveFileQueue(tx, place, queue, source.problems);
  }
  await removeVanished(tx, place, kept);
  await tx.prisma.pack.update({
    where: { id: row.id },
    data: {
      problems: source.problems
        .slice(0, mostProblems)
        .map((problem) => problem.slice(problem.indexOf('/') + 1)),
    },
  });
  return row;
}

/** Publishes the workflows of a pack's files as they say; those with problems are told and stay as they were. */
export async function saveWorkflows(tx: ConfigurationTx, place: Place, source: PackSource): Promise<void> {
  // They may run each other, whichever of them is stored first.
  const siblings = source.workflows.flatMap(({ ref, definition }) => toSibling(ref, definition) ?? []);
  for (const workflow of source.workflows)
    await tolerating(workflow, source, () => saveWorkflow(tx, place, workflow, siblings, source.problems));
}

/** What is wrong with the workflows of a pack's files, by ref: the sentences that saving them would tell. */
export async function checkWorkflows(
  tx: ConfigurationTx,
  tenantId: number,
  source: PackSource,
): Promise<Map<string, string[]>> {
  const siblings = source.workflows.flatMap(({ ref, definition }) => toSibling(ref, definition) ?? []);
  const found = new Map<string, string[]>();
  for (const { ref, definition: written } of source.workflows) {
    const { definition, problems } = readDefinition(written);
    const all = [...problems, ...(await checkDefinition(tx, tenantId, ref, definition, siblings))];
    const errors = all.filter(({ severity }) => severity === 'error').map(toDetail);
    if (errors.length > 0)
      found.set(
        ref,
        errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)),
      );
  }
  return found;
}

/** A component that the domain refuses is a problem of its file; a defect of ours still ends the load. */
async function tolerating(
  component: { file: PackAction['file'] },
  source: PackSource,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const details = error.details.length > 0 ? error.details : [{ path: '', message: error.message }];
    for (const { path, message } of details) {
      tell(component.file, path, message, source.problems);
    }
  }
}

function tell(file: YamlFile, path: string, message: string, problems: string[]): void {
  const keys = path === '' ? [] : writtenAs(file.value as object, path.split('.'));
  problems.push(toProblem(file, keys, path === '' ? message : `${path}: ${message}`));
}

/** Parameters as JSON Schema; what is wrong in them is told under the key that they stand at. */
function toSchemaAt(key: string, written: JsonObject): JsonObject {
  try {
    return toJsonSchema(written);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const details = error.details.map(({ path, message }) => ({ path: `${key}.${path}`, message }));
    throw invalid(error.message, details, error.code);
  }
}

function toSpec(action: PackAction): ActionSpec {
  return {
    label: action.label ?? action.ref,
    description: action.description,
    runtime: action.runtime,
    runtimeRef: action.runtime === 'unknown' ? (action.runner_type ?? null) : null,
    entrypoint: action.entrypoint,
    code: action.code,
    paramSchema: toSchemaAt('parameters', action.parameters),
    outSchema: action.out_schema === null ? null : toSchemaAt('out_schema', action.out_schema),
    outputFormat: action.output_format,
    parameterDelivery: action.parameter_delivery,
    parameterFormat: action.parameter_format,
    timeoutSeconds: action.timeout,
    idempotent: action.idempotent,
    concurrency: action.concurrency,
    limits: action.limits,
    requiredRuntimes: action.required_worker_runtimes,
    defaultPermissionSetRefs: action.default_execution_permission_set_refs,
  };
}

/** A key that cannot be used is told; without it all would share the limit, so the action is left as it was. */
function checkKey({ concurrency, paramSchema }: ActionSpec, file: YamlFile, problems: string[]): void {
  if (concurrency?.key === undefined) return;
  const found = checkConcurrencyKey(concurrency.key, paramSchema);
  const sentence = ({ message, repair }: (typeof found)[number]) => `${message} ${repair}`;
  const errors = found.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    const details = errors.map((error) => ({ path: 'concurrency.key', message: sentence(error) }));
    throw invalid('The concurrency key cannot be used.', details, 'invalid_concurrency_key');
  }
  for (const warning of found) tell(file, 'concurrency.key', sentence(warning), problems);
}

/** A new revision only when something changed; `isOtherFiles`: files beside it did. */
async function saveFileAction(
  tx: ConfigurationTx,
  place: Place,
  ref: string,
  spec: ActionSpec,
  isOtherFiles = false,
): Promise<ActionRow> {
  const row = await tx.prisma.action.findUnique({
    where: { tenantId_ref: { tenantId: place.tenantId, ref } },
  });
  if (!row) return insertAction(tx, { ...place, actorId: null, isAdhoc: false }, ref, spec);
  if (!isOtherFiles && isDeepStrictEqual(specOf(row), spec)) return row;
  return (await saveAction(tx, row, spec, null)) ?? row;
}

async function saveWorkflow(
  tx: ConfigurationTx,
  place: Place,
  workflow: PackWorkflow,
  siblings: readonly CatalogAction[],
  problems: string[],
): Promise<void> {
  const { definition, problems: unread } = readDefinition(workflow.definition);
  const found = [
    ...unread,
    ...(await checkDefinition(tx, place.tenantId, workflow.ref, definition, siblings)),
  ];
  for (const problem of found) {
    const { path, message } = toDetail(problem);
    problems.push(toProblem(workflow.file, toKeys(path, definition), path ? `${path}: ${message}` : message));
  }
  if (found.some((problem) => problem.severity === 'error')) return;

  const words = { label: workflow.label ?? workflow.ref, description: workflow.description };
  const action = await saveFileAction(tx, place, workflow.ref, toCompanion(definition, words));
  const { packRef: _, ...owner } = place;
  const exists = await tx.prisma.workflow.count({ where: { actionId: action.id } });
  if (exists === 0) {
    await insertWorkflow(
      tx,
      { ...owner, actionId: action.id, actorId: null },
      workflow.ref,
      definition,
      workflow.layout,
    );
  } else {
    const row = await getWorkflowRow(tx, place.tenantId, workflow.ref);
    await saveDraftRow(tx, row, row.draftVersion, definition, workflow.layout, null);
  }
  const row = await getWorkflowRow(tx, place.tenantId, workflow.ref);
  if (row.hasChanges) await publishDraft(tx, row, { note: 'From the pack’s files' }, null, siblings);
}

/** A problem names a task; the file counts them. */
function toKeys(path: string, definition: Definition): (string | number)[] {
  const [first, name, ...field] = path.split('.');
  const place = definition.tasks.findIndex((task) => task.name === name);
  return first === 'tasks' && place >= 0 ? ['tasks', place, ...field] : path.split('.');
}

async function saveTrigger(tx: ConfigurationTx, place: Place, trigger: PackTrigger): Promise<void> {
  const where = { tenantId_ref: { tenantId: place.tenantId, ref: trigger.ref } };
  const before = await tx.prisma.trigger.findUnique({ where });
  const columns = {
    label: trigger.label ?? trigger.ref,
    description: trigger.description,
    paramSchema: toSchemaAt('parameters', trigger.parameters),
    outSchema: toSchemaAt('out_schema', trigger.out_schema),
    webhookEnabled: trigger.webhook,
    // Made once: the address that people have given away stays good.
    webhookKey: trigger.webhook ? (before?.webhookKey ?? newWebhookKey()) : null,
  };
  await tx.prisma.trigger.upsert({
    where,
    create: { ...place, ref: trigger.ref, enabled: trigger.enabled, ...columns },
    update: { ...columns, updated: new Date() },
  });
}

function toSensorSpec(sensor: PackSensor): SensorSpec {
  return {
    label: sensor.label ?? sensor.ref,
    description: sensor.description,
    runtime: sensor.runtime,
    entrypoint: sensor.entrypoint,
    code: sensor.code,
    triggerRefs: sensor.trigger_types,
    paramSchema: toSchemaAt('parameters', sensor.parameters),
    config: sensor.config,
    limits: sensor.limits,
    enabled: sensor.enabled,
  };
}

async function saveRule(
  tx: ConfigurationTx,
  place: Place,
  rule: PackRule,
  problems: string[],
): Promise<void> {
  const { cooldown_seconds, dedupe, rate } = rule;
  const guards = {
    ...(cooldown_seconds && { cooldown_seconds }),
    ...(dedupe && { dedupe }),
    ...(rate && { rate }),
  };
  const details = await checkRule(tx, place.tenantId, {
    triggerRef: rule.trigger_ref,
    actionRef: rule.action_ref,
    conditions: rule.conditions,
    actionParams: rule.action_params,
    guards,
  });
  for (const { path, message } of details) {
    tell(rule.file, path.replace(/^guards\./, '').replace(/^[a-zA-Z]+/, toFileKey), message, problems);
  }
  if (details.length > 0) return;
  const columns = {
    label: rule.label ?? rule.ref,
    description: rule.description,
    triggerRef: rule.trigger_ref,
    actionRef: rule.action_ref,
    conditions: rule.conditions,
    actionParams: rule.action_params,
    priority: rule.priority,
    guards,
    triggerParams: rule.trigger_params,
  };
  await tx.prisma.rule.upsert({
    where: { tenantId_ref: { tenantId: place.tenantId, ref: rule.ref } },
    create: { ...place, ref: rule.ref, enabled: rule.enabled, ...columns },
    update: { ...columns, updated: new Date() },
  });
}

function toFileKey(key: string): string {
  return { triggerRef: 'trigger_ref', actionRef: 'action_ref', actionParams: 'action_params' }[key] ?? key;
}

async function removeVanished(
  tx: ConfigurationTx,
  place: Place,
  kept: Record<
    'actions' | 'triggers' | 'sensors' | 'rules' | 'queues' | 'permissionSets' | 'runtimes',
    ReadonlySet<string>
  >,
): Promise<void> {
  const vanished = (refs: ReadonlySet<string>) => ({
    tenantId: place.tenantId,
    packId: place.packId,
    isAdhoc: false,
    ref: { notIn: [...refs] },
  });
  await tx.prisma.rule.deleteMany({ where: vanished(kept.rules) });
  await tx.prisma.sensor.deleteMany({ where: vanished(kept.sensors) });
  await tx.prisma.workQueue.deleteMany({ where: vanished(kept.queues) });
  await removeVanishedRuntimes(tx, place, kept.runtimes);
  await removeVanishedPermissionSets(tx, place, kept.permissionSets);
  await tx.prisma.trigger.deleteMany({ where: vanished(kept.triggers) });
  await tx.prisma.action.deleteMany({ where: vanished(kept.actions) });
}
