import { z } from 'zod';
import { Id, Time } from '../fields';
import { FilterBoolean, Numbered } from '../http/rest/fields';
import { partOf } from '../http/rest/paging';
import { bare, list, one, type Route } from '../http/rest/route';
import { CordonReason, type WorkerSummary } from './schema';
import { cordonWorker, getWorker, listWorkers } from './service';

const Role = z.enum(['action', 'sensor']);
const Status = z.enum(['active', 'inactive', 'busy', 'error']);
const Health = z.enum(['active', 'busy', 'cordoned', 'offline', 'error', 'inactive']);
const Worker = z.object({
  id: Id,
  name: z.string(),
  worker_type: z.enum(['local', 'remote', 'container']),
  worker_role: Role.describe('Every worker also carries out sensors'),
  host: z.string(),
  port: z.null(),
  status: Status,
  health_state: Health,
  last_heartbeat: Time,
  heartbeat_stale: z.boolean(),
  heartbeat_age_seconds: z.number(),
  cordoned: z.boolean(),
  cordon_reason: z.string().nullable(),
  cordoned_by: z.string().nullable(),
  cordoned_at: Time.nullable(),
  supported_runtimes: z.array(z.object({ name: z.string(), ref: z.string(), version: z.string() })),
  load: z.object({
    active_executions: z.number().int(),
    max_executions: z.number().int(),
    utilization_percent: z.number(),
  }),
  sandbox: z.string().describe('The level of its walls, and what they hold'),
  created: Time,
  updated: Time,
});

function toWorker(worker: WorkerSummary): z.infer<typeof Worker> {
  const { slots, busy } = worker;
  const isOffline = worker.status === 'offline';
  const isFull = busy >= slots;
  const status = isOffline || worker.status === 'draining' ? 'inactive' : isFull ? 'busy' : 'active';
  return {
    id: worker.id,
    name: worker.name,
    worker_type: 'local',
    worker_role: 'action',
    host: worker.host,
    port: null,
    status,
    health_state: isOffline ? 'offline' : worker.cordonedAt !== null ? 'cordoned' : status,
    last_heartbeat: worker.heartbeatAt,
    heartbeat_stale: isOffline,
    heartbeat_age_seconds: Math.round(worker.heartbeatAgeSeconds * 10) / 10,
    cordoned: worker.cordonedAt !== null,
    cordon_reason: worker.cordonReason === '' ? null : worker.cordonReason,
    cordoned_by: worker.cordonedBy,
    cordoned_at: worker.cordonedAt,
    supported_runtimes: Object.entries(worker.runtimes)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, version]) => ({ name, ref: `core.${name}`, version: String(version) })),
    load: {
      active_executions: busy,
      max_executions: slots,
      utilization_percent: slots === 0 ? 0 : Math.round((100 * busy) / slots),
    },
    sandbox: worker.sandbox,
    created: worker.started,
    updated: worker.heartbeatAt,
  };
}

/** The installation's workers, below `/api/v1`. */
export const workerRoutes: readonly Route[] = [
  list(
    {
      path: '/workers',
      summary: 'The workers of the last day, the newest first',
      access: { resource: 'workers', action: 'read' },
      query: z.object({
        role: Role.optional(),
        health_state: Health.optional(),
        cordoned: FilterBoolean,
        status: Status.optional(),
      }),
      item: Worker,
    },
    async ({ actor, query, paging }) => {
      const workers = (await listWorkers(actor)).map(toWorker);
      const found = workers.filter(
        (worker) =>
          (query.role ?? worker.worker_role) === worker.worker_role &&
          (query.health_state ?? worker.health_state) === worker.health_state &&
          (query.cordoned ?? worker.cordoned) === worker.cordoned &&
          (query.status ?? worker.status) === worker.status,
      );
      return partOf(found, paging);
    },
  ),
  one(
    'get',
    {
      path: '/workers/{id}',
      summary: 'A worker',
      access: { resource: 'workers', action: 'read' },
      params: Numbered,
      answer: Worker,
    },
    async ({ actor, params }) => toWorker(await getWorker(actor, params.id)),
  ),
  bare(
    'post',
    {
      path: '/workers/{id}/cordon',
      summary: 'Has a worker take no new executions; what it runs goes on',
      access: { resource: 'workers', action: 'manage' },
      params: Numbered,
      body: z.object({ reason: CordonReason.nullish() }),
      answer: Worker,
    },
    async ({ actor, params, body }) => toWorker(await cordonWorker(actor, params.id, body.reason ?? '')),
  ),
  bare(
    'post',
    {
      path: '/workers/{id}/uncordon',
      summary: 'Has a worker take new executions again',
      access: { resource: 'workers', action: 'manage' },
      params: Numbered,
      answer: Worker,
    },
    async ({ actor, params }) => toWorker(await cordonWorker(actor, params.id, null)),
  ),
];
