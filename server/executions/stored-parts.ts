import type { Delta, Failure, JoinState, OpenTask, RunParts } from '@/engine/execution/state';
import type { Sql } from '../db';

interface Place {
  tenantId: number;
  rootId: number;
  /** The run. */
  id: number;
}

const lists = ['open', 'joins', 'leaves', 'failures'] as const;
type List = (typeof lists)[number];

/**
 * The parts of a run as rows hold them, read when they are wished for. What has been read or decided stays right for as
 * long as the run's version is the one that was read: whoever keeps this must see to that.
 */
export class StoredParts implements RunParts {
  private readonly open = new Map<string, readonly OpenTask[]>();
  private readonly joins = new Map<string, JoinState | null>();
  private readonly tokens = new Map<string, Map<string, number>>();
  private readonly visits = new Map<string, number>();
  private leafNames: string[] = [];
  private failed: { order: number; failure: Failure; isTolerated: boolean }[] = [];
  /** Joins whose tokens are all known. */
  private readonly allTokens = new Set<string>();
  private readonly complete = new Set<List>();

  private readonly wished = {
    open: new Set<string>(),
    joins: new Set<string>(),
    /** Joins, of which all tokens are wished for. */
    tokens: new Set<string>(),
    /** Single ones: the join, a line break, the source. */
    pairs: new Set<string>(),
    visits: new Set<string>(),
    lists: new Set<List>(),
  };

  /** @param isNew a run that has no rows yet: all that is not known is known to be empty */
  constructor(private readonly isNew: boolean) {
    if (isNew) for (const list of lists) this.complete.add(list);
  }

  openOf(task: string): readonly OpenTask[] {
    const known = this.open.get(task);
    if (known) return known;
    if (!this.complete.has('open')) this.wished.open.add(task);
    return [];
  }

  joinOf(task: string): JoinState | null {
    const known = this.joins.get(task);
    if (known !== undefined) return known;
    if (!this.complete.has('joins')) this.wished.joins.add(task);
    return null;
  }

  tokensAt(join: string, source: string): number {
    const known = this.tokens.get(join)?.get(source);
    if (known !== undefined) return known;
    if (!this.isNew && !this.allTokens.has(join)) this.wished.pairs.add(`${join}\n${source}`);
    return 0;
  }

  visitsOf(task: string): number {
    const known = this.visits.get(task);
    if (known !== undefined) return known;
    if (!this.isNew) this.wished.visits.add(task);
    return 0;
  }

  openNames(): readonly string[] {
    this.wish('open');
    return [...this.open].flatMap(([name, opens]) => (opens.length > 0 ? [name] : []));
  }

  waitingJoins(): readonly string[] {
    this.wish('joins');
    return [...this.joins].flatMap(([name, join]) => (join && join.waiting > 0 ? [name] : []));
  }

  tokensOf(join: string): Readonly<Record<string, number>> {
    if (!this.isNew && !this.allTokens.has(join)) this.wished.tokens.add(join);
    return Object.fromEntries([...(this.tokens.get(join) ?? [])].filter(([, count]) => count > 0));
  }

  leaves(): readonly string[] {
    this.wish('leaves');
    return [...new Set(this.leafNames)];
  }

  failures(): { failures: readonly Failure[]; errors: readonly Failure[] } {
    this.wish('failures');
    const sorted = this.failed.toSorted((a, b) => a.order - b.order);
    const pick = (isTolerated: boolean) =>
      sorted.filter((each) => each.isTolerated === isTolerated).map(({ failure }) => failure);
    return { failures: pick(false), errors: pick(true) };
  }

  private wish(list: List): void {
    if (!this.complete.has(list)) this.wished.lists.add(list);
  }

  /** Wishes ahead of the question, so that all of it is read at once. */
  expect(needed: {
    open: string[];
    joins: string[];
    tokens: { join: string; source: string }[];
    visits: string[];
  }): void {
    for (const name of needed.open) this.openOf(name);
    for (const name of needed.joins) this.joinOf(name);
    for (const { join, source } of needed.tokens) this.tokensAt(join, source);
    for (const name of needed.visits) this.visitsOf(name);
  }

  get hasWishes(): boolean {
    return Object.values(this.wished).some((wishes) => wishes.size > 0);
  }

  /** Takes in what a step changed. */
  apply(delta: Delta): void {
    for (const { task, visit, open } of delta.open) {
      const others = (this.open.get(task) ?? []).filter((other) => other.visit !== visit);
      this.open.set(task, open ? [...others, open].sort((a, b) => a.visit - b.visit) : others);
      if ((this.visits.get(task) ?? -1) < visit && this.visits.has(task)) this.visits.set(task, visit);
      else if (this.isNew) this.visits.set(task, Math.max(this.visits.get(task) ?? 0, visit));
    }
    for (const { task, join } of delta.joins) this.joins.set(task, join);
    for (const { join, source, count } of delta.tokens) this.tokensMap(join).set(source, count);
    for (const { task } of delta.leaves) this.leafNames.push(task);
    for (const { order, isTolerated, ...failure } of delta.failures)
      this.failed.push({ order, isTolerated, failure });
  }

  private tokensMap(join: string): Map<string, number> {
    const known = this.tokens.get(join) ?? new Map<string, number>();
    this.tokens.set(join, known);
    return known;
  }

  /** Reads what was wished for. What is known already, perhaps newer than the rows, stays. */
  async load(sql: Sql, place: Place): Promise<void> {
    const at = [place.tenantId, place.rootId, place.id];
    const { open, joins, tokens, pairs, visits } = this.wished;
    if (this.wished.lists.has('open') || open.size > 0) {
      const all = this.wished.lists.has('open');
      const rows = await sql.query<{ task: string; open: OpenTask }>(
        `SELECT task, open FROM task_run WHERE tenant_id = $1 AND root_id = $2 AND execution_id = $3 AND status = 'running'
           AND ($4::text[] IS NULL OR task = ANY ($4)) ORDER BY task, visit`,
        [...at, all ? null : [...open]],
      );
      const found = Map.groupBy(rows, ({ task }) => task);
      for (const name of new Set([...open, ...found.keys()]))
        if (!this.open.has(name))
          this.open.set(
            name,
            (found.get(name) ?? []).map((row) => row.open),
          );
      if (all) this.complete.add('open');
    }
    if (this.wished.lists.has('joins') || joins.size > 0) {
      const all = this.wished.lists.has('joins');
      const rows = await sql.query<{ task: string; state: JoinState }>(
        `SELECT task, state FROM run_join WHERE tenant_id = $1 AND root_id = $2 AND execution_id = $3
           AND ($4::text[] IS NULL OR task = ANY ($4))`,
        [...at, all ? null : [...joins]],
      );
      for (const { task, state } of rows) if (!this.joins.has(task)) this.joins.set(task, state);
      for (const name of joins) if (!this.joins.has(name)) this.joins.set(name, null);
      if (all) this.complete.add('joins');
    }
    if (tokens.size > 0 || pairs.size > 0) {
      const single = [...pairs].map((pair) => pair.split('\n'));
      const rows = await sql.query<{ task: string; source: string; count: number }>(
        `SELECT task, source, count FROM run_token WHERE tenant_id = $1 AND root_id = $2 AND execution_id = $3
           AND (task = ANY ($4) OR (task, source) IN (SELECT * FROM unnest($5::text[], $6::text[])))`,
        [...at, [...tokens], single.map(([join]) => join), single.map(([, source]) => source)],
      );
      for (const { task, source, count } of rows) {
        const known = this.tokensMap(task);
        if (!known.has(source)) known.set(source, count);
      }
      for (const [join = '', source = ''] of single) {
        const known = this.tokensMap(join);
        if (!known.has(source)) known.set(source, 0);
      }
      for (const name of tokens) this.allTokens.add(name);
    }
    if (visits.size > 0) {
      const rows = await sql.query<{ task: string; visits: number }>(
        `SELECT task, max(visit) AS visits FROM task_run WHERE tenant_id = $1 AND root_id = $2 AND execution_id = $3 AND task = ANY ($4)
         GROUP BY task`,
        [...at, [...visits]],
      );
      for (const name of visits) if (!this.visits.has(name)) this.visits.set(name, 0);
      for (const row of rows) this.visits.set(row.task, Math.max(row.visits, this.visits.get(row.task) ?? 0));
    }
    if (this.wished.lists.has('leaves')) {
      const rows = await sql.query<{ task: string }>(
        `SELECT task FROM task_run WHERE tenant_id = $1 AND root_id = $2 AND execution_id = $3 AND leaf_order IS NOT NULL ORDER BY leaf_order`,
        at,
      );
      this.leafNames = [...rows.map(({ task }) => task), ...this.leafNames];
      this.complete.add('leaves');
    }
    if (this.wished.lists.has('failures')) await this.loadFailures(sql, at);
    for (const wishes of Object.values(this.wished)) wishes.clear();
  }

  private async loadFailures(sql: Sql, at: number[]): Promise<void> {
    const rows = await sql.query<{
      task: string;
      visit: number;
      status: Failure['status'];
      error: string;
      order: number;
      isTolerated: boolean;
    }>(
      `SELECT task, visit, status, failure_error AS error, failure_order AS "order", is_tolerated AS "isTolerated" FROM task_run
       WHERE tenant_id = $1 AND root_id = $2 AND execution_id = $3 AND failure_order IS NOT NULL ORDER BY failure_order`,
      at,
    );
    const known = new Set(this.failed.map(({ failure }) => `${failure.visit} ${failure.task}`));
    for (const { order, isTolerated, ...failure } of rows)
      if (!known.has(`${failure.visit} ${failure.task}`)) this.failed.push({ order, isTolerated, failure });
    this.complete.add('failures');
  }
}
