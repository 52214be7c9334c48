import type { JsonObject } from '@/server/fields';
import type { Actor } from '@/server/identities/actor';
import { createWorkflow, publish, saveDraft } from '@/server/workflows/service';

/** Publishes a workflow of these tasks, as a person would. The pack is the first part of its ref. */
export async function publishWorkflow(
  actor: Actor,
  ref: string,
  tasks: readonly JsonObject[],
  more: JsonObject = {},
): Promise<void> {
  const packRef = ref.slice(0, ref.indexOf('.'));
  const draft = await createWorkflow(actor, { packRef, ref, label: ref, description: '' });
  const definition = { tasks: [...tasks], ...more };
  const { draftVersion } = await saveDraft(actor, {
    ref,
    draftVersion: draft.draftVersion,
    definition,
    layout: { positions: {} },
  });
  await publish(actor, { ref, draftVersion, note: '' });
}
