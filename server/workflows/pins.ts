import { z } from 'zod';
import { invalid } from '@/engine/errors';
import { inConfiguration } from '../db';
import type { JsonObject } from '../fields';
import { AnyJson, Ref } from '../fields';
import { requireRight, type Actor } from '../identities/actor';
import { tellChange } from '../packs/changes';
import { requireOwn, targetOf } from '../packs/refs';
import { isPinnable } from './draft-run';
import { getWorkflowRow } from './store';

export const Pin = z.strictObject({
  ref: Ref,
  task: z.string().min(1).max(200),
  result: AnyJson.nullable().describe('What the task gives in runs of the draft; null lets it run again'),
});
export type Pin = z.infer<typeof Pin>;

const largestBytes = 1_000_000;

/** Holds a task's output for runs of the draft, or lets it go. Gives all that are held, by task. */
export async function pinOutput(actor: Actor, { ref, task, result }: Pin): Promise<JsonObject> {
  requireRight(actor, 'update', 'actions', targetOf(ref));
  if (result !== null && !isPinnable(result)) {
    throw invalid(
      'Only an object can be pinned, or for a task that repeats a list of objects.',
      [{ path: 'result', message: 'must be an object, or a list of objects' }],
      'not_a_result',
    );
  }
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getWorkflowRow(tx, actor.tenantId, ref, { lock: true });
    requireOwn(actor.tenantId, row);
    const { [task]: _, ...others } = row.pins;
    const pins: JsonObject = result === null ? others : { ...others, [task]: result };
    const sizeBytes = Buffer.byteLength(JSON.stringify(pins));
    if (sizeBytes > largestBytes) {
      throw invalid(
        `All pinned outputs together would have ${sizeBytes} bytes; at most ${largestBytes} fit. Pin less, or shorten what is pinned.`,
        [{ path: 'result', message: 'is too large' }],
        'pins_too_large',
      );
    }
    await tx.prisma.workflow.update({ where: { id: row.id }, data: { pins: pins } });
    await tellChange(tx, actor, 'workflow', row, 'updated', { draftVersion: row.draftVersion });
    return pins;
  });
}
