import { parse as parseYaml } from 'yaml';
import { toFlatParameters } from '@/engine/definition/parameters';
import { printYaml } from '@/engine/definition/yaml';
import { isDeclared } from '../actions/declaration';
import type { JsonObject } from '../fields';
import type {
  Action,
  PackRuntime,
  PermissionSet,
  Rule,
  Sensor,
  Trigger,
  WorkQueue,
} from '../generated/prisma/client';
import { readDefinition } from '../workflows/check';

/** What a pack is made of, as its files say it. */
export type PieceKind =
  'action' | 'workflow' | 'trigger' | 'sensor' | 'rule' | 'queue' | 'permission_set' | 'runtime';

/** A component as a file of a pack: what stands in its YAML, and the files beside it. */
export interface Piece {
  kind: PieceKind;
  ref: string;
  value: JsonObject;
  /** The source of what runs, where that is a file of its own. */
  code: { name: string; text: string } | null;
  /** The YAML, where it is more than `value` printed. */
  text: string | null;
  /** Where the tasks of a workflow stand on the canvas. */
  layout: JsonObject | null;
}

const endings: Record<string, string> = { shell: 'sh', python: 'py', nodejs: 'js' };
const shortName = (ref: string) => ref.slice(ref.indexOf('.') + 1);

/** Without what a reader of the file would assume anyway. */
function filled(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).filter(
      ([, entry]) =>
        entry !== null && entry !== '' && !(typeof entry === 'object' && Object.keys(entry).length === 0),
    ),
  );
}

const piece = (kind: PieceKind, ref: string, value: JsonObject, rest: Partial<Piece> = {}): Piece => ({
  ...{ kind, ref, code: null, text: null, layout: null },
  ...rest,
  value: { ref, ...filled(value) },
});

/** An action of the studio that is no workflow. */
export function toActionPiece(row: Action): Piece {
  const { ref, code, runtime } = row;
  const common: JsonObject = {
    label: row.label,
    description: row.description,
    runner_type: runtime === 'unknown' ? (row.runtimeRef ?? '') : runtime,
  };
  const rest: JsonObject = {
    parameters: toFlatParameters(row.paramSchema as JsonObject),
    out_schema: row.outSchema as JsonObject | null,
    output_format: row.outputFormat,
    parameter_delivery: row.parameterDelivery,
    parameter_format: row.parameterFormat,
    timeout: row.timeoutSeconds,
    idempotent: row.idempotent,
    concurrency: row.concurrency as JsonObject | null,
    limits: row.limits as JsonObject,
    required_worker_runtimes: row.requiredRuntimes as JsonObject,
    default_execution_permission_set_refs: row.defaultPermissionSetRefs,
  };
  if (code !== null && isDeclared(runtime)) {
    const key = runtime === 'http' ? 'request' : 'container';
    return piece('action', ref, { ...common, [key]: parseYaml(code) as JsonObject, ...rest });
  }
  // An inline script stays one: it sees its parameters as variables of the shell.
  const isInline = code === null || (runtime === 'shell' && row.entrypoint === '');
  if (isInline) return piece('action', ref, { ...common, entry_point: code ?? row.entrypoint, ...rest });
  const name = row.entrypoint === '' ? `${shortName(ref)}.${endings[runtime] ?? 'txt'}` : row.entrypoint;
  return piece('action', ref, { ...common, entry_point: name, ...rest }, { code: { name, text: code } });
}

/** A workflow as it is published. */
export function toWorkflowPiece(
  action: Pick<Action, 'ref' | 'label' | 'description'>,
  revision: { definition: unknown; layout: unknown },
): Piece {
  const { definition } = readDefinition(revision.definition as JsonObject);
  const { ref, label, description } = action;
  const words = filled({ ref, label, description });
  const head = Object.entries(words).map(([key, text]) => `${key}: ${JSON.stringify(text)}\n`);
  return piece(
    'workflow',
    ref,
    { ...words, ...(parseYaml(printYaml(definition)) as JsonObject) },
    { text: head.join('') + printYaml(definition), layout: revision.layout as JsonObject },
  );
}

export function toTriggerPiece(row: Trigger): Piece {
  return piece('trigger', row.ref, {
    label: row.label,
    description: row.description,
    parameters: toFlatParameters(row.paramSchema as JsonObject),
    out_schema: row.outSchema as JsonObject,
    enabled: row.enabled,
    webhook: row.webhookEnabled,
  });
}

export function toSensorPiece(row: Sensor): Piece {
  const name =
    row.entrypoint === '' ? `${shortName(row.ref)}.${endings[row.runtime] ?? 'txt'}` : row.entrypoint;
  return piece(
    'sensor',
    row.ref,
    {
      label: row.label,
      description: row.description,
      runner_type: row.runtime,
      entry_point: row.runtime === 'native' ? row.entrypoint : name,
      trigger_types: row.triggerRefs,
      parameters: toFlatParameters(row.paramSchema as JsonObject),
      config: row.config as JsonObject,
      limits: row.limits as JsonObject,
      enabled: row.enabled,
    },
    { code: row.code === null ? null : { name, text: row.code } },
  );
}

export function toRulePiece(row: Rule): Piece {
  return piece('rule', row.ref, {
    label: row.label,
    description: row.description,
    trigger_ref: row.triggerRef,
    trigger_params: row.triggerParams as JsonObject,
    conditions: row.conditions as JsonObject,
    action_ref: row.actionRef,
    action_params: row.actionParams as JsonObject,
    priority: row.priority,
    ...(row.guards as JsonObject),
    enabled: row.enabled,
  });
}

export function toQueuePiece(row: WorkQueue): Piece {
  return piece('queue', row.ref, {
    label: row.label,
    description: row.description,
    dispatch_action_ref: row.dispatchActionRef,
    enabled: row.enabled,
    accepting_new_items: row.acceptingNewItems,
    allow_pending_update: row.allowPendingUpdate,
    update_strategy: row.updateStrategy,
    batch_mode: row.batchMode,
    default_priority: row.defaultPriority,
    item_schema: row.itemSchema as JsonObject,
    action_params: row.actionParams as JsonObject,
    config: row.config as JsonObject,
  });
}

export function toPermissionSetPiece(row: PermissionSet): Piece {
  return piece('permission_set', row.ref, {
    label: row.label,
    description: row.description,
    grants: row.grants as JsonObject[],
  });
}

export function toRuntimePiece(row: PackRuntime): Piece {
  return piece('runtime', row.ref, {
    label: row.name,
    description: row.description,
    interpreter: row.interpreter,
    file_endings: row.fileEndings,
  });
}
