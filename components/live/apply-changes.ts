import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import { isEnded } from '@/engine/execution/status';
import type { RouterOutputs, useTRPC } from '@/components/trpc';

type Api = ReturnType<typeof useTRPC>;
type Summary = RouterOutputs['executions']['tree'][number];
type Page = RouterOutputs['executions']['list'];
type Pages = InfiniteData<Page> | Page;

/** One change of the feed, as `live.changes` gives it. */
export interface LiveChange {
  entityType: string;
  entityId: number;
  kind: string;
  rootId: number;
  seq: number;
  payload: { [key: string]: unknown };
  created: string;
}

/** Refetches each key once, however many changes speak of it within a moment. */
export class Refresher {
  private readonly waiting = new Map<string, readonly unknown[]>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly queries: QueryClient,
    private readonly delayMs = 120,
  ) {}

  soon(queryKey: readonly unknown[]): void {
    this.waiting.set(JSON.stringify(queryKey), queryKey);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const keys = [...this.waiting.values()];
      this.waiting.clear();
      for (const key of keys) {
        // A first load that is under way may have been read before the change, and cannot be asked for anew yet.
        const isLoading = this.queries
          .getQueryCache()
          .findAll({ queryKey: key })
          .some(({ state }) => state.fetchStatus === 'fetching' && state.data === undefined);
        if (isLoading) this.soon(key);
        else void this.queries.invalidateQueries({ queryKey: key });
      }
    }, this.delayMs);
  }
}

/** Brings the query cache up to date with a batch of changes, oldest first. */
export function applyChanges(
  queries: QueryClient,
  api: Api,
  refresher: Refresher,
  changes: readonly LiveChange[],
): void {
  for (const change of changes) {
    switch (change.entityType) {
      case 'execution':
        if (change.kind === 'created' || change.kind === 'state')
          applyExecution(queries, api, refresher, change.payload as unknown as Summary, change.kind);
        break;
      case 'inquiry':
        refresher.soon(api.inquiries.pathKey());
        refresher.soon(api.home.pathKey());
        refresher.soon(api.executions.get.queryKey({ id: Number(change.payload['executionId']) }));
        break;
      case 'event':
      case 'enforcement':
        refresher.soon(api.events.pathKey());
        refresher.soon(api.triggers.list.queryKey());
        break;
      case 'rule':
        refresher.soon(api.rules.pathKey());
        refresher.soon(api.sensors.pathKey());
        break;
      case 'trigger':
        refresher.soon(api.triggers.pathKey());
        break;
      case 'sensor':
        refresher.soon(api.sensors.pathKey());
        break;
      case 'action':
        refresher.soon(api.actions.pathKey());
        break;
      case 'workflow':
        refresher.soon(api.workflows.list.queryKey());
        refresher.soon(api.workflows.revisions.pathKey());
        break;
      case 'pack':
        refresher.soon(api.packs.pathKey());
        break;
      case 'work_queue':
      case 'work_queue_item':
        refresher.soon(api.queues.pathKey());
        break;
      case 'artifact':
        refresher.soon(api.artifacts.pathKey());
        break;
      case 'key':
        refresher.soon(api.keys.list.pathKey());
        break;
      case 'identity':
        refresher.soon(api.people.pathKey());
        break;
      case 'worker':
        refresher.soon(api.workers.pathKey());
        refresher.soon(api.home.pathKey());
        break;
    }
  }
}

function applyExecution(
  queries: QueryClient,
  api: Api,
  refresher: Refresher,
  summary: Summary,
  kind: string,
): void {
  // A change of state says only what changed: of a row that is not there the whole has to be asked for.
  const trees = queries.getQueriesData<Summary[]>({ queryKey: api.executions.tree.pathKey() });
  const isMissed = trees.some(
    ([, tree]) =>
      kind !== 'created' && tree?.[0]?.rootId === summary.rootId && !tree.some(({ id }) => id === summary.id),
  );
  const isLoading = queries.isFetching({ queryKey: api.executions.tree.pathKey() }) > 0;
  if (isMissed || isLoading) refresher.soon(api.executions.tree.pathKey());
  if (!isMissed)
    queries.setQueriesData<Summary[]>({ queryKey: api.executions.tree.pathKey() }, (tree) =>
      tree ? upsertInTree(tree, summary) : tree,
    );
  queries.setQueriesData<Pages>({ queryKey: api.executions.list.pathKey() }, (known) =>
    known === undefined
      ? known
      : 'pages' in known
        ? { ...known, pages: known.pages.map((page) => updateInPage(page, summary)) }
        : updateInPage(known, summary),
  );
  const key = api.executions.get.queryKey({ id: summary.id });
  queries.setQueryData(key, (known) =>
    known && !isNewer(known, summary) ? { ...known, ...summary } : known,
  );
  // Input, result and what may be done to it are not in the feed.
  refresher.soon(key);
  if (summary.kind === 'workflow') refresher.soon(api.executions.run.queryKey({ id: summary.id }));
  if (summary.rerunOf !== null) refresher.soon(api.executions.get.queryKey({ id: summary.rerunOf }));
  if (summary.parentId !== null) refresher.soon(api.executions.run.queryKey({ id: summary.parentId }));
  else {
    if (kind === 'created') refresher.soon(api.executions.list.pathKey());
    refresher.soon(api.home.pathKey());
  }
}

/** What is at hand was read after this change was written. */
function isNewer(known: Summary, change: Summary): boolean {
  return isEnded(known.state) && !isEnded(change.state);
}

/** The tree with this row in its place by id; the same tree when it belongs to another. */
export function upsertInTree(tree: readonly Summary[], row: Summary): Summary[] {
  if (tree[0]?.rootId !== row.rootId) return tree as Summary[];
  const place = tree.findIndex((known) => known.id >= row.id);
  const known = place === -1 ? undefined : tree[place];
  if (known?.id === row.id)
    return isNewer(known, row) ? (tree as Summary[]) : tree.with(place, { ...known, ...row });
  return place === -1 ? [...tree, row] : tree.toSpliced(place, 0, row);
}

function updateInPage(page: Page, row: Summary): Page {
  const place = page.items.findIndex((known) => known.id === row.id);
  const known = page.items[place];
  if (!known || isNewer(known, row)) return page;
  return { ...page, items: page.items.with(place, { ...known, ...row }) };
}
