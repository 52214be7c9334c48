import { compileGraph, type Graph } from '../../definition/graph';
import type { Definition } from '../../definition/schema';
import type { Json } from '../../expression/expression';
import { advance, initialState } from '../advance';
import { nextTasks } from '../next-tasks';
import { RunMemory, type RunMemoryJson } from '../memory';
import type { Delta, Outcome, RunContext, RunEvent } from '../state';

/** What chance does next: numbers from outside, so that a failing history can be told again. */
export type Chance = () => number;

const outcomes: readonly Outcome[] = [
  ...Array<Outcome>(10).fill('completed'),
  'failed',
  'timeout',
  'cancelled',
  'abandoned',
];
const results: readonly Json[] = [null, {}, { x: 1 }, { data: { x: 2 } }, [1], { x: [] }];
const mostSteps = 2_000;

/** A question that was asked, and its answer; the state is as it was before. */
export interface Told {
  graph: Graph;
  state: RunMemory;
  event: RunEvent;
  context: RunContext;
  delta: Delta;
}

/** A run driven by chance: ends in any order, told twice, late or after a crash; pauses, cancels, timeouts. */
export class History {
  readonly events: RunEvent[] = [];
  readonly deltas: Delta[] = [];
  readonly started: string[] = [];
  readonly graph: Graph;
  state: RunMemory;
  private readonly open = new Set<string>();
  private readonly taskResults = new Map<string, { result: Json; status: string }>();
  private readonly itemResults = new Map<string, Map<number, Json>>();

  constructor(
    definition: Definition,
    private readonly chance: Chance,
    private readonly onStep: (told: Told) => void = () => undefined,
  ) {
    this.graph = compileGraph(definition);
    this.state = initialState(this.graph);
  }

  /** Plays until the run has ended. @throws Error when it hangs, goes on for ever or breaks its word */
  play(): this {
    this.tell({ type: 'start' });
    for (let steps = 0; this.state.head.phase !== 'ended'; steps += 1) {
      if (steps > mostSteps) throw new Error('The run goes on for ever.');
      this.tell(this.choose());
    }
    return this;
  }

  private choose(): RunEvent {
    const roll = this.chance();
    if (roll < 0.15 && this.events.length > 0) return this.pick(this.events);
    if (roll < 0.2) return { type: 'pause' };
    if (roll < 0.3) return { type: 'resume' };
    if (roll < 0.31) return { type: 'cancel', reason: 'chance' };
    if (roll < 0.315) return { type: 'timeout' };
    const open = [...this.open];
    if (open.length === 0) {
      if (this.state.head.phase === 'paused') return { type: 'resume' };
      throw new Error('The run hangs: nothing is open, and it has not ended.');
    }
    const [task, visit, item, attempt] = JSON.parse(this.pick(open)) as [
      string,
      number,
      number | null,
      number,
    ];
    const outcome = this.pick(outcomes);
    return {
      type: 'attempt_ended',
      task,
      visit,
      item,
      attempt,
      outcome,
      result: this.pick(results),
      isIdempotent: this.chance() < 0.5,
    };
  }

  private tell(event: RunEvent): void {
    const before = JSON.stringify(this.state.toJson());
    const context = this.context();
    if (event.type === 'attempt_ended' && event.item !== null && this.open.has(keyOf(event))) {
      // The row of the item has ended in the same transaction.
      const key = `${event.visit} ${event.task}`;
      this.itemResults.set(
        key,
        (this.itemResults.get(key) ?? new Map<number, Json>()).set(event.item, event.result),
      );
    }
    const delta = advance(this.graph, this.state, event, context);
    if (JSON.stringify(this.state.toJson()) !== before)
      throw new Error('The state that was given has changed.');
    if (this.chance() < 0.2) {
      // A crash between decision and commit: the decision is made again, from the stored state.
      const again = advance(this.graph, RunMemory.from(JSON.parse(before) as RunMemoryJson), event, context);
      if (JSON.stringify(again) !== JSON.stringify(delta))
        throw new Error('The same question had another answer.');
    }
    this.onStep({ graph: this.graph, state: this.state, event, context, delta });
    this.events.push(event);
    this.deltas.push(delta);
    if (event.type === 'attempt_ended') this.open.delete(keyOf(event));
    this.take(delta);
    this.state.apply(delta);
    this.compareWithOpen();
  }

  private take(delta: Delta): void {
    for (const start of delta.starts) {
      const key = keyOf(start);
      if (this.started.includes(key)) throw new Error(`${key} was started twice.`);
      this.started.push(key);
      if (!start.failed) this.open.add(key);
    }
    for (const { task, status, result } of delta.taskRuns) {
      if (status !== 'running') this.taskResults.set(task, { result, status });
    }
    for (const { task, visit, item } of delta.cancels) {
      const known = [...this.open].some((key) =>
        key.startsWith(JSON.stringify([task, visit, item]).slice(0, -1)),
      );
      if (!known) throw new Error(`${task} ${visit} ${String(item)} is to be cancelled and is not open.`);
    }
    if (delta.end && this.open.size > 0) throw new Error('The run ended over open attempts.');
  }

  private compareWithOpen(): void {
    if (this.state.head.phase === 'ended') return;
    const due = nextTasks(this.graph, this.state).map(keyOf).sort();
    const open = [...this.open].sort();
    if (JSON.stringify(due) !== JSON.stringify(open))
      throw new Error(`Due are ${due.join(' ')}, open are ${open.join(' ')}.`);
  }

  private context(): RunContext {
    return {
      parameters: { list: [1, 2, 3, 4] },
      config: {},
      keystore: () => ({}),
      execution: {},
      system: {},
      now: '2026-01-01T00:00:00.000Z',
      random: () => 0.5,
      taskResult: (name) => this.taskResults.get(name) ?? null,
      itemResults: (task, visit) =>
        [...(this.itemResults.get(`${visit} ${task}`) ?? [])]
          .sort(([a], [b]) => a - b)
          .map(([, result]) => result),
    };
  }

  private pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.chance() * from.length)] as T;
  }
}

function keyOf({
  task,
  visit,
  item,
  attempt,
}: {
  task: string;
  visit: number;
  item: number | null;
  attempt: number;
}): string {
  return JSON.stringify([task, visit, item, attempt]);
}
