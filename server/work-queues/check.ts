import { toJsonSchema } from '@/engine/definition/parameters';
import { DomainError, type ErrorDetail } from '@/engine/errors';
import { nearest } from '@/engine/expression/nearest';
import type { ConfigurationTx } from '../db';
import type { JsonObject } from '../fields';
import { packRefOf, visibleTo } from '../packs/refs';
import { checkTemplates } from '../rules/check';

/** The parts of a queue that can be wrong on their own. */
export interface QueueDraft {
  dispatchActionRef: string;
  itemSchema: JsonObject;
  actionParams: JsonObject;
}

/** What would keep a queue from working, one entry per field; empty when it fits. */
export async function checkQueue(
  tx: ConfigurationTx,
  tenantId: number,
  draft: QueueDraft,
  hiddenPacks: readonly string[] = [],
): Promise<ErrorDetail[]> {
  const actions = await tx.prisma.action.findMany({ where: visibleTo(tenantId), select: { ref: true } });
  const refs = actions.map(({ ref }) => ref).filter((ref) => !hiddenPacks.includes(packRefOf(ref)));
  return [
    ...checkAction(draft.dispatchActionRef, refs),
    ...checkSchema(draft.itemSchema),
    ...checkTemplates(draft.actionParams, 'actionParams'),
  ];
}

function checkAction(ref: string, known: readonly string[]): ErrorDetail[] {
  if (known.includes(ref)) return [];
  const near = nearest(ref, known);
  const message = `there is no action ${ref}.${near === null ? '' : ` Did you mean ${near}?`}`;
  return [{ path: 'dispatchActionRef', message }];
}

function checkSchema(written: JsonObject): ErrorDetail[] {
  if (Object.keys(written).length === 0) return [];
  try {
    toJsonSchema(written);
    return [];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return error.details.map(({ path, message }) => ({ path: `itemSchema.${path}`, message }));
  }
}
