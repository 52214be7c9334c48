import { z } from 'zod';
import { Id, JsonObject } from '../fields';
import { Numbered } from '../http/rest/fields';
import { partOf } from '../http/rest/paging';
import { list, one, type Route } from '../http/rest/route';
import type { Actor } from '../identities/actor';
import { pauseExecution, resumeExecution } from './pause';
import { rerunExecution } from './rerun';
import { Execution, Summary, toSummary } from './rest-schema';
import { getTold, listTreeTold } from './rest-told';
import { RerunExecution } from './schema';
import { cancelExecution, getTree } from './service';

const steps = {
  cancel: { summary: 'Cancels an execution and what it started', right: 'cancel', take: cancelExecution },
  pause: {
    summary: 'Has a workflow’s run start nothing new; what runs may finish',
    right: 'execute',
    take: pauseExecution,
  },
  resume: { summary: 'Has a paused run go on', right: 'execute', take: resumeExecution },
} as const;

async function afterStep(actor: Actor, id: number, take: (actor: Actor, id: number) => Promise<unknown>) {
  await take(actor, id);
  return getTold(actor, id);
}

/** What is done to executions, and their trees, below `/api/v1`. */
export const executionControlRoutes: readonly Route[] = [
  ...Object.entries(steps).map(([name, { summary, right, take }]) =>
    one(
      'post',
      {
        path: `/executions/{id}/${name}`,
        summary,
        access: { resource: 'executions', action: right },
        params: Numbered,
        answer: Execution,
      },
      ({ actor, params }) => afterStep(actor, params.id, take),
    ),
  ),
  one(
    'post',
    {
      path: '/executions/{id}/rerun',
      summary: 'A new execution of the same action: whole, or of a workflow from one of its tasks',
      access: { resource: 'executions', action: 'execute' },
      params: Numbered,
      body: z.object({
        from_task: RerunExecution.shape.fromTask.unwrap().nullish(),
        visit: RerunExecution.shape.visit.unwrap().nullish(),
        parameters: JsonObject.nullish().describe('(Default: those that it had)'),
        revision: z.enum(['same', 'newest']).nullish().describe('Of a workflow (Default: newest)'),
      }),
      answer: Execution,
      status: 201,
    },
    async ({ actor, params, body }) => {
      const { id } = await rerunExecution(actor, {
        id: params.id,
        revision: body.revision ?? 'newest',
        ...(body.from_task && { fromTask: body.from_task }),
        ...(body.visit && { visit: body.visit }),
        ...(body.parameters && { parameters: body.parameters }),
      });
      return getTold(actor, id);
    },
  ),
  list(
    {
      path: '/executions/{id}/tree',
      summary:
        'All executions of the tree that this one belongs to: the root first, then by id; at most 5,000',
      access: { resource: 'executions', action: 'read' },
      params: Numbered,
      item: Summary.extend({ root: Id }),
    },
    async ({ actor, params, paging }) => {
      const ids = (await getTree(actor, params.id)).map(({ id }) => id);
      const { items, ...part } = partOf(ids, paging);
      const told = await listTreeTold(actor, params.id, items);
      return { ...part, items: told.map((row) => ({ ...toSummary(row), root: row.rootId })) };
    },
  ),
];
