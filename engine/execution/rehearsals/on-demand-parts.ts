import type { Graph } from '../../definition/graph';
import { advance } from '../advance';
import type { RunMemory } from '../memory';
import { neededParts } from '../needed-parts';
import { neededResults } from '../needed-results';
import type { Delta, Failure, JoinState, OpenTask, RunContext, RunEvent, RunParts } from '../state';

/** The parts of a run as a store has them: what was not read yet looks empty, and is noted as a wish. */
export class OnDemandParts implements RunParts {
  readonly wishes = new Set<string>();
  private readonly read = new Set<string>();

  constructor(private readonly memory: RunMemory) {}

  openOf(task: string): readonly OpenTask[] {
    return this.has(`open ${task}`) ? this.memory.openOf(task) : [];
  }

  joinOf(task: string): JoinState | null {
    return this.has(`join ${task}`) ? this.memory.joinOf(task) : null;
  }

  tokensAt(join: string, source: string): number {
    return this.has(`token ${join} ${source}`) ? this.memory.tokensAt(join, source) : 0;
  }

  visitsOf(task: string): number {
    return this.has(`visits ${task}`) ? this.memory.visitsOf(task) : 0;
  }

  // Rows come in an order of their own: here backwards.
  openNames(): readonly string[] {
    return this.has('openNames') ? this.memory.openNames().toReversed() : [];
  }

  waitingJoins(): readonly string[] {
    return this.has('waitingJoins') ? this.memory.waitingJoins().toReversed() : [];
  }

  tokensOf(join: string): Readonly<Record<string, number>> {
    if (!this.has(`tokens ${join}`)) return {};
    return Object.fromEntries(Object.entries(this.memory.tokensOf(join)).toReversed());
  }

  leaves(): readonly string[] {
    return this.has('leaves') ? this.memory.leaves() : [];
  }

  failures(): { failures: readonly Failure[]; errors: readonly Failure[] } {
    return this.has('failures') ? this.memory.failures() : { failures: [], errors: [] };
  }

  /** Reads what was wished for. */
  grant(): void {
    for (const wish of this.wishes) this.read.add(wish);
    this.wishes.clear();
  }

  has(wish: string): boolean {
    if (this.read.has(wish)) return true;
    this.wishes.add(wish);
    return false;
  }
}

/** Decides as a store does: what is needed is read first, and the question is asked again until no wish is open. */
export function advanceByWishes(
  graph: Graph,
  memory: RunMemory,
  event: RunEvent,
  context: RunContext,
): { delta: Delta; questions: number } {
  const parts = new OnDemandParts(memory);
  const { open, joins, tokens, visits } = neededParts(graph, event);
  for (const task of open) parts.openOf(task);
  for (const task of joins) parts.joinOf(task);
  for (const { join, source } of tokens) parts.tokensAt(join, source);
  for (const task of visits) parts.visitsOf(task);
  for (const task of neededResults(graph, event)) parts.has(`result ${task}`);
  parts.grant();
  const asked: RunContext = {
    ...context,
    taskResult: (name) => (parts.has(`result ${name}`) ? context.taskResult(name) : null),
    itemResults: (task, visit) =>
      parts.has(`items ${visit} ${task}`) ? context.itemResults(task, visit) : [],
  };
  for (let questions = 1; questions <= 20; questions += 1) {
    const delta = advance(graph, { head: memory.head, parts }, event, asked);
    if (parts.wishes.size === 0) return { delta, questions };
    parts.grant();
  }
  throw new Error(`Still wished for: ${[...parts.wishes].join(', ')}.`);
}
