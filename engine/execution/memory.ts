import type { Delta, Failure, JoinState, OpenTask, RunHead, RunParts, RunState } from './state';

/** A run as JSON: its head, and the parts as rows. */
export interface RunMemoryJson {
  head: RunHead;
  open: { task: string; open: OpenTask }[];
  joins: { task: string; join: JoinState }[];
  tokens: { join: string; source: string; count: number }[];
  visits: { task: string; count: number }[];
  leaves: string[];
  failures: Failure[];
  errors: Failure[];
}

/**
 * The whole of a run in memory: what `advance` takes, and brought up to date in place with what it gives back. Grows
 * with what is open, with the tasks that have begun, and with failures; not with what has ended.
 */
export class RunMemory implements RunState, RunParts {
  head: RunHead;
  private readonly open = new Map<string, Map<number, OpenTask>>();
  private readonly joins = new Map<string, JoinState>();
  private readonly waiting = new Set<string>();
  private readonly tokens = new Map<string, Map<string, number>>();
  private readonly visits = new Map<string, number>();
  private readonly leafNames = new Set<string>();
  private readonly failed: Failure[] = [];
  private readonly tolerated: Failure[] = [];

  constructor(head: RunHead) {
    this.head = head;
  }

  /** A run as it was when `toJson` wrote it down. */
  static from(json: RunMemoryJson): RunMemory {
    const memory = new RunMemory(json.head);
    for (const { task, count } of json.visits) memory.visits.set(task, count);
    for (const { task, open } of json.open) memory.setOpen(task, open.visit, open);
    for (const { task, join } of json.joins) memory.setJoin(task, join);
    for (const { join, source, count } of json.tokens) memory.setTokens(join, source, count);
    for (const task of json.leaves) memory.leafNames.add(task);
    memory.failed.push(...json.failures);
    memory.tolerated.push(...json.errors);
    return memory;
  }

  get parts(): this {
    return this;
  }

  /** Takes in what a step changed; what it did not change is not looked at. */
  apply(delta: Pick<Delta, 'head' | 'open' | 'joins' | 'tokens' | 'leaves' | 'failures'>): void {
    this.head = delta.head;
    for (const { task, visit, open } of delta.open) this.setOpen(task, visit, open);
    for (const { task, join } of delta.joins) this.setJoin(task, join);
    for (const { join, source, count } of delta.tokens) this.setTokens(join, source, count);
    for (const { task } of delta.leaves) this.leafNames.add(task);
    for (const { order: _, isTolerated, ...failure } of delta.failures)
      (isTolerated ? this.tolerated : this.failed).push(failure);
  }

  openOf(task: string): readonly OpenTask[] {
    const open = this.open.get(task);
    return open ? [...open.values()].sort((a, b) => a.visit - b.visit) : [];
  }

  openAt(task: string, visit: number): OpenTask | null {
    return this.open.get(task)?.get(visit) ?? null;
  }

  countOpen(task: string): number {
    return this.open.get(task)?.size ?? 0;
  }

  joinOf(task: string): JoinState | null {
    return this.joins.get(task) ?? null;
  }

  tokensAt(join: string, source: string): number {
    return this.tokens.get(join)?.get(source) ?? 0;
  }

  visitsOf(task: string): number {
    return this.visits.get(task) ?? 0;
  }

  openNames(): readonly string[] {
    return [...this.open.keys()];
  }

  waitingJoins(): readonly string[] {
    return [...this.waiting];
  }

  tokensOf(join: string): Readonly<Record<string, number>> {
    return Object.fromEntries(this.tokens.get(join) ?? []);
  }

  leaves(): readonly string[] {
    return [...this.leafNames];
  }

  failures(): { failures: readonly Failure[]; errors: readonly Failure[] } {
    return { failures: this.failed, errors: this.tolerated };
  }

  /** The run as plain data, the parts in an order that does not depend on how it came about. */
  toJson(): RunMemoryJson {
    const byName = <T>(map: ReadonlyMap<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      head: this.head,
      open: byName(this.open).flatMap(([task]) => this.openOf(task).map((open) => ({ task, open }))),
      joins: byName(this.joins).map(([task, join]) => ({ task, join })),
      tokens: byName(this.tokens).flatMap(([join, tokens]) =>
        byName(tokens).map(([source, count]) => ({ join, source, count })),
      ),
      visits: byName(this.visits).map(([task, count]) => ({ task, count })),
      leaves: [...this.leafNames],
      failures: [...this.failed],
      errors: [...this.tolerated],
    };
  }

  private setOpen(task: string, visit: number, open: OpenTask | null): void {
    if ((this.visits.get(task) ?? 0) < visit) this.visits.set(task, visit);
    const runs = this.open.get(task);
    if (open) {
      if (runs) runs.set(visit, open);
      else this.open.set(task, new Map([[visit, open]]));
    } else if (runs?.delete(visit) && runs.size === 0) this.open.delete(task);
  }

  private setJoin(task: string, join: JoinState | null): void {
    if (join) this.joins.set(task, join);
    else this.joins.delete(task);
    if (join && join.waiting > 0) this.waiting.add(task);
    else this.waiting.delete(task);
  }

  private setTokens(join: string, source: string, count: number): void {
    const tokens = this.tokens.get(join);
    if (count > 0) {
      if (tokens) tokens.set(source, count);
      else this.tokens.set(join, new Map([[source, count]]));
    } else if (tokens?.delete(source) && tokens.size === 0) this.tokens.delete(join);
  }
}
