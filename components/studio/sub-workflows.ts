import type { Definition } from '@/engine/definition/schema';
import type { RunView } from '../canvas/run-overlay';
import type { Catalog, Positions } from '../canvas/view';
import type { Client } from '../trpc';
import type { RunRecord } from './scope-data';

/** A workflow that a step calls, as it is published. */
export interface SubWorkflow {
  label: string;
  definition: Definition;
  positions: Positions;
}

/** What a dry run knows beside the draft: the workflows that steps call, by ref, and what those gave last, by execution. */
export interface Surroundings {
  workflows: ReadonlyMap<string, SubWorkflow>;
  runs: ReadonlyMap<number, RunView>;
}

export const nothingAround: Surroundings = { workflows: new Map(), runs: new Map() };

/** So far down workflows that call workflows are played. */
export const deepestCall = 5;
const mostWorkflows = 30;
const mostRuns = 20;

/** The workflows that a definition's tasks call. */
export function calledBy({ tasks }: Definition, catalog: Catalog): string[] {
  const refs = tasks.flatMap(({ action }) =>
    catalog.get(action ?? '')?.runtime === 'workflow' ? [action ?? ''] : [],
  );
  return [...new Set(refs)];
}

/** Reads the workflows that a draft calls, and those that these call, with what they gave in the run that is known. */
export async function readSurroundings(
  client: Client,
  definition: Definition,
  catalog: Catalog,
  record: RunRecord | null,
): Promise<Surroundings> {
  const workflows = new Map<string, SubWorkflow>();
  let next = calledBy(definition, catalog);
  for (let depth = 0; depth < deepestCall && next.length > 0; depth += 1) {
    const wanted = next.filter((ref) => !workflows.has(ref)).slice(0, mostWorkflows - workflows.size);
    const read = await Promise.all(wanted.map((ref) => readPublished(client, ref)));
    for (const [place, one] of read.entries()) if (one) workflows.set(wanted[place] ?? '', one);
    next = read.flatMap((one) => (one ? calledBy(one.definition, catalog) : []));
  }
  const children = (record?.tree ?? [])
    .filter(({ kind, actionRef, startedAt }) => kind === 'workflow' && startedAt && workflows.has(actionRef))
    .slice(-mostRuns);
  const runs = await Promise.all(children.map(({ id }) => client.executions.run.query({ id })));
  return { workflows, runs: new Map(runs.map((run) => [run.executionId, run])) };
}

/** As calls take it: the newest revision. Null for one that was never published. */
async function readPublished(client: Client, ref: string): Promise<SubWorkflow | null> {
  const { label, published } = await client.workflows.get.query({ ref });
  if (published === null) return null;
  const { definition, layout } = await client.workflows.revision.query({ ref, number: published });
  return { label, definition, positions: layout.positions };
}
