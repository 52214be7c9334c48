import type { Tx } from '../db';
import { inTenant } from '../db';
import { packsFolder, readTextFile } from '../env';
import { listExecutions, toSummary } from '../executions/store';
import { may, type Actor } from '../identities/actor';
import { countMine } from '../inquiries/service';
import { targetOf } from '../packs/refs';
import { toWebhookUrl } from '../triggers/store';
import type { Home } from './schema';
import { countExecutions, countWorkers, findExample } from './store';

const story = {
  triggerRef: 'examples.disk_alert',
  workflowRef: 'examples.disk_cleanup',
  payloadFile: 'disk-alert.json',
};

/** What a person sees first. Parts that the person may not read are zero, empty or null. */
export async function getHome(actor: Actor): Promise<Home> {
  const readsExecutions = may(actor, 'read', 'executions');
  const inbox = may(actor, 'read', 'inquiries') ? await countMine(actor) : 0;
  return inTenant(actor.tenantId, async (tx) => {
    const executions = readsExecutions
      ? await countExecutions(tx, actor.tenantId)
      : { running: 0, waiting: 0, endedToday: 0, failedToday: 0 };
    const recent = readsExecutions
      ? await listExecutions(tx, actor.tenantId, { rootsOnly: true, limit: 8 })
      : [];
    return {
      counts: { ...executions, inbox, workers: await countWorkers(tx) },
      recent: recent.map(toSummary),
      example: await readExample(tx, actor),
    };
  });
}

async function readExample(tx: Tx, actor: Actor): Promise<Home['example']> {
  if (!may(actor, 'read', 'actions', targetOf(story.workflowRef))) return null;
  const row = await findExample(tx, actor.tenantId, story);
  if (!row) return null;
  const text = readTextFile(`${row.packPath ?? `${packsFolder()}/examples`}/${story.payloadFile}`);
  const payload = text === null ? null : parseObject(text);
  if (payload === null) return null;
  const target = { ...targetOf(row.triggerRef), id: row.triggerId };
  const maySeeKey = may(actor, 'update', 'triggers', target) || may(actor, 'manage', 'triggers', target);
  return {
    workflowRef: story.workflowRef,
    triggerRef: row.triggerRef,
    webhookUrl: row.webhookKey && maySeeKey ? toWebhookUrl(row.webhookKey) : null,
    payload,
    lastExecutionId: row.lastExecutionId,
  };
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    // The sample is a file that people may edit; a broken one takes the card away, not the page.
    return null;
  }
}
