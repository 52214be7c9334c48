import type { GraphTask } from '../definition/graph';
import type { Delta, Failure, JoinState, OpenTask, RunHead, RunParts, RunState } from './state';

/** Up to so many sources the tokens of a join are read one by one: a store has them at hand (`neededParts`). */
export const fewSources = 16;

interface OpenRun {
  task: string;
  visit: number;
  open: OpenTask | null;
}

interface OpenRuns {
  /** By how many the open runs of the task are more than before. */
  more: number;
  byVisit: Map<number, OpenRun>;
}

/**
 * A run as it becomes within one step: the state that was given, and over it the parts that changed. What was given
 * is not touched, and nothing of it is copied but the head.
 */
export class PendingState {
  private current: RunHead;
  private isCopied = false;
  private readonly parts: RunParts;
  private readonly opens = new Map<string, OpenRuns>();
  private readonly openList: OpenRun[] = [];
  private joins: Map<string, JoinState | null> | null = null;
  private tokens: Map<string, Map<string, number>> | null = null;
  private visits: Map<string, number> | null = null;
  private readonly newLeaves: Delta['leaves'] = [];
  private readonly newFailures: Delta['failures'] = [];
  private released = 0;
  private heldNames: { of: RunHead['held']; from: number; names: ReadonlySet<string> } | null = null;

  constructor({ head, parts }: RunState) {
    this.current = head;
    this.parts = parts;
  }

  get head(): Readonly<RunHead> {
    return this.current;
  }

  /** The head to be written to: a copy, made once. */
  edit(): RunHead {
    if (!this.isCopied) {
      this.current = { ...this.current };
      this.isCopied = true;
    }
    return this.current;
  }

  openAt(task: string, visit: number): OpenTask | null {
    const changed = this.opens.get(task)?.byVisit.get(visit);
    if (changed) return changed.open;
    if (this.parts.openAt) return this.parts.openAt(task, visit);
    return this.parts.openOf(task).find((open) => open.visit === visit) ?? null;
  }

  isOpen(task: string): boolean {
    const before = this.parts.countOpen?.(task) ?? this.parts.openOf(task).length;
    return before + (this.opens.get(task)?.more ?? 0) > 0;
  }

  /** Every open run of a task, by visit. */
  openOf(task: string): OpenTask[] {
    const changed = this.opens.get(task)?.byVisit;
    const before = this.parts.openOf(task).filter(({ visit }) => !changed?.has(visit));
    const now = changed ? [...changed.values()].flatMap(({ open }) => open ?? []) : [];
    return [...before, ...now].sort((a, b) => a.visit - b.visit);
  }

  /** Every task with an open run, in no order to speak of. */
  openNames(): string[] {
    if (this.current.openCount === 0) return [];
    const names = new Set(this.parts.openNames());
    for (const name of this.opens.keys()) {
      if (this.isOpen(name)) names.add(name);
      else names.delete(name);
    }
    return [...names];
  }

  begin(task: string, open: OpenTask): void {
    this.put(task, open.visit, open, 1);
    const head = this.edit();
    head.taskRuns += 1;
    head.openCount += 1;
  }

  replace(task: string, open: OpenTask): void {
    this.put(task, open.visit, open, 0);
  }

  close(task: string, visit: number): void {
    if (!this.openAt(task, visit)) return;
    this.put(task, visit, null, -1);
    this.edit().openCount -= 1;
  }

  nextVisit(task: GraphTask): number {
    // A rerun begins anywhere: what it began with may come about once more from what joins had.
    if (!task.mayRepeat && this.current.startAt === null) return 1;
    const visit = (this.visits?.get(task.name) ?? this.parts.visitsOf(task.name)) + 1;
    this.visits ??= new Map();
    this.visits.set(task.name, visit);
    return visit;
  }

  joinOf(task: string): JoinState | null {
    const changed = this.joins?.get(task);
    return changed === undefined ? this.parts.joinOf(task) : changed;
  }

  setJoin(task: string, join: JoinState | null): void {
    const more = Number((join?.waiting ?? 0) > 0) - Number((this.joinOf(task)?.waiting ?? 0) > 0);
    if (more !== 0) this.edit().waitingJoins += more;
    this.joins ??= new Map();
    this.joins.set(task, join);
  }

  /** Every join at which a token waits, in no order to speak of. */
  waitingJoins(): string[] {
    if (this.current.waitingJoins === 0) return [];
    const names = new Set(this.parts.waitingJoins());
    for (const [name, join] of this.joins ?? []) {
      if (join && join.waiting > 0) names.add(name);
      else names.delete(name);
    }
    return [...names];
  }

  tokensAt(join: string, source: string): number {
    const changed = this.tokens?.get(join)?.get(source);
    if (changed !== undefined) return changed;
    return this.hadTokens(join) ? this.parts.tokensAt(join, source) : 0;
  }

  setTokens(join: string, source: string, count: number): void {
    this.tokens ??= new Map();
    const tokens = this.tokens.get(join);
    if (tokens) tokens.set(source, count);
    else this.tokens.set(join, new Map([[source, count]]));
  }

  /** How many tokens wait at a join, by source, in the order of its sources. */
  tokensOf({ name, inbound }: GraphTask): [source: string, count: number][] {
    const isListed = inbound.length > fewSources && this.hadTokens(name);
    const before = isListed ? this.parts.tokensOf(name) : null;
    const changed = this.tokens?.get(name);
    const all: [string, number][] = [];
    for (const source of inbound) {
      const count = before
        ? (changed?.get(source) ?? (Object.hasOwn(before, source) ? before[source] : 0))
        : this.tokensAt(name, source);
      if (count) all.push([source, count]);
    }
    return all;
  }

  addLeaf(task: string, visit: number): void {
    const head = this.edit();
    this.newLeaves.push({ task, visit, order: head.leafCount });
    head.leafCount += 1;
  }

  /** Tasks at which a branch ended, each once. */
  leaves(): string[] {
    const hadSome = this.current.leafCount > this.newLeaves.length;
    return [...new Set([...(hadSome ? this.parts.leaves() : []), ...this.newLeaves.map(({ task }) => task)])];
  }

  addFailure(failure: Failure, isTolerated: boolean): void {
    const head = this.edit();
    this.newFailures.push({ ...failure, order: head.failureCount + head.errorCount, isTolerated });
    if (isTolerated) head.errorCount += 1;
    else head.failureCount += 1;
  }

  /** All unhandled failures: those that fail the run, and those that pass. */
  failures(): { failures: Failure[]; errors: Failure[] } {
    const hadSome = this.current.failureCount + this.current.errorCount > this.newFailures.length;
    const before = hadSome ? this.parts.failures() : { failures: [], errors: [] };
    const now = (wanted: boolean) => this.newFailures.filter(({ isTolerated }) => isTolerated === wanted);
    return { failures: [...before.failures, ...now(false)], errors: [...before.errors, ...now(true)] };
  }

  hold(held: RunHead['held'][number]): void {
    this.edit().held = [...this.held(), held];
    this.released = 0;
  }

  /** What a pause still holds back, in order. */
  held(): RunHead['held'] {
    return this.released === 0 ? this.current.held : this.current.held.slice(this.released);
  }

  holds(task: string): boolean {
    const { held } = this.current;
    if (held.length === this.released) return false;
    if (this.heldNames?.of !== held || this.heldNames.from !== this.released) {
      const names = new Set(this.held().map(({ task: name }) => name));
      this.heldNames = { of: held, from: this.released, names };
    }
    return this.heldNames.names.has(task);
  }

  releaseNext(): RunHead['held'][number] | null {
    const next = this.current.held[this.released];
    if (!next) return null;
    this.released += 1;
    return next;
  }

  releaseAll(): void {
    if (this.current.held.length > 0) this.edit().held = [];
    this.released = 0;
  }

  toChanges(): Pick<Delta, 'head' | 'open' | 'joins' | 'tokens' | 'leaves' | 'failures'> {
    if (this.released > 0) {
      const left = this.held();
      this.released = 0;
      this.edit().held = left;
    }
    const joins: Delta['joins'] = [];
    for (const [task, join] of this.joins ?? []) joins.push({ task, join });
    const tokens: Delta['tokens'] = [];
    for (const [join, counts] of this.tokens ?? [])
      for (const [source, count] of counts) tokens.push({ join, source, count });
    return {
      head: this.current,
      open: this.openList,
      joins,
      tokens,
      leaves: this.newLeaves,
      failures: this.newFailures,
    };
  }

  private hadTokens(join: string): boolean {
    return (this.parts.joinOf(join)?.waiting ?? 0) > 0;
  }

  private put(task: string, visit: number, open: OpenTask | null, more: number): void {
    let runs = this.opens.get(task);
    if (!runs) this.opens.set(task, (runs = { more: 0, byVisit: new Map() }));
    runs.more += more;
    const known = runs.byVisit.get(visit);
    if (known) known.open = open;
    else {
      const run = { task, visit, open };
      runs.byVisit.set(visit, run);
      this.openList.push(run);
    }
  }
}
