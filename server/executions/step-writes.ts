import type { JoinState, OpenTask, RunHead } from '@/engine/execution/state';
import type { ExecutionState } from '@/engine/execution/status';
import type { Json } from '@/engine/expression/expression';
import { prepare, type Sql } from '../db';
import type { JsonObject } from '../fields';

/** An action as a decision knew it: a step that is not true to it any more is refused. */
export interface ActionCheck {
  tenant: number;
  id: number;
  revision: number;
  published: number | null;
}

/** One execution from one state to another, while it still stands there with that fence. */
export interface StateWrite {
  id: number;
  from: ExecutionState;
  fence: number;
  state: ExecutionState;
  reason: string | null;
  result?: Json;
  error?: string | null;
  cancel?: boolean;
}

export interface RunWrite {
  id: number;
  /** The version that the decision read; null for a run that begins. */
  version: number | null;
  head: Omit<RunHead, 'variables'>;
  variables?: JsonObject;
  warnings?: readonly string[];
  workflow?: number;
  revision?: number;
  /** Seconds until the whole run must have ended. */
  deadline?: number | undefined;
  /** The variables that it begins with. */
  vars?: JsonObject | undefined;
}

export interface TaskWrite {
  run: number;
  task: string;
  visit: number;
  status: string;
  result: Json;
  /** Where the result lies, when not here: with the last attempt, or with the items' last attempts. */
  resultFrom: 'attempt' | 'items' | null;
  error: string | null;
  open: OpenTask | null;
  transitions: { index: number; fired: boolean; to: string[]; error: string | null }[];
  leaf?: number;
  failure?: number;
  failureError?: string;
  tolerated?: boolean;
  began: number | null;
  routed: number | null;
  published: JsonObject | null;
}

/** A new execution, by the columns of its row. */
export interface Birth {
  /** Drawn before, by who must know it; else the database gives one. Within a step all have one, or none. */
  id?: number;
  parent_id: number | null;
  original_id: number | null;
  action_ref: string;
  kind: 'action' | 'workflow';
  revision: number | null;
  state: 'requested' | 'delayed' | 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';
  state_reason: string | null;
  runtime: string;
  priority: number;
  parameters: JsonObject;
  /** Base64. */
  sealed: string | null;
  result: Json | null;
  error: string | null;
  task_name: string | null;
  visit: number;
  item_index: number | null;
  attempt: number;
  max_retries: number;
  enforcement_id: number | null;
  event_id: number | null;
  rule_ref: string | null;
  trigger_ref: string | null;
  requested_by: number | null;
  login: string | null;
  idempotent: boolean;
  timeout_seconds: number | null;
  delay_seconds: number;
  slot_key: string | null;
  rerun_of: number | null;
  rerun_from: string | null;
  /** Born running, with a lease of the worker that takes the step; or carried out by it at once. */
  claim: boolean;
}

const parts = '$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14';
const takeStep = prepare(`SELECT attune_step(${parts}) AS written`);
const takeStepAndRing = prepare(`SELECT attune_step_ringing(${parts}, $15) AS written`);

/** More bells than this ring no louder: who is woken takes rows until there are none. */
const mostBells = 50;

/** `place`: where its feed row comes among those of the step; `nth`: of the new ones of its wave. */
interface Wave {
  changes?: (StateWrite & { place: number })[];
  births?: (Birth & { place: number; nth: number })[];
}

/** Everything that one step of one tree writes. */
export class StepWrites {
  readonly checks = new Map<string, ActionCheck>();
  private readonly changes: (StateWrite & { births: number })[] = [];
  readonly runs = new Map<number, RunWrite>();
  readonly tasks = new Map<string, TaskWrite>();
  readonly joins = new Map<string, { run: number; task: string; state: JoinState | null }>();
  readonly tokens = new Map<string, { run: number; task: string; source: string; count: number }>();
  readonly items: {
    run: number;
    task: string;
    visit: number;
    item: number;
    input: Json;
    sealed: string | null;
  }[] = [];
  readonly births: Birth[] = [];

  get isEmpty(): boolean {
    return this.changes.length === 0 && this.runs.size === 0 && this.births.length === 0;
  }

  /** What a worker is to be woken for, by its place among the new executions. */
  private get bells(): { nth: number; priority: number }[] {
    return this.births
      .flatMap(({ state, priority }, index) => (state === 'requested' ? [{ nth: index + 1, priority }] : []))
      .slice(0, mostBells);
  }

  /** Notes a change of state. What was noted before it comes before it in the feed. */
  change(change: StateWrite): void {
    this.changes.push({ ...change, births: this.births.length });
  }

  /**
   * Changes and births in order, with their places in the feed, in waves of one kind each. A wave is one statement,
   * which changes a row once.
   */
  private toWaves(): Wave[] {
    const waves: Wave[] = [];
    const had = new Set<number>();
    let place = 0;
    let born = 0;
    const bear = (until: number) => {
      if (born === until) return;
      const births = this.births.slice(born, until).map((birth, index) => ({
        ...{ place: place + index + 1, nth: index + 1 },
        ...birth,
      }));
      waves.push({ births });
      place += births.length;
      born = until;
    };
    for (const { births, ...change } of this.changes) {
      bear(births);
      let wave = waves.at(-1)?.changes;
      if (!wave || had.has(change.id)) {
        waves.push({ changes: (wave = []) });
        had.clear();
      }
      had.add(change.id);
      wave.push({ place: (place += 1), ...change });
    }
    bear(this.births.length);
    return waves;
  }

  /** What most steps have none of. */
  private toRare(later: unknown[], begun: RunWrite[]): string | null {
    const { joins, tokens, items } = this;
    const deadlines = [...this.runs.values()].filter(({ deadline }) => deadline !== undefined);
    if (later.length + begun.length + joins.size + tokens.size + items.length === 0 && deadlines.length === 0)
      return null;
    const some = <Part>(parts: Part[]) => (parts.length > 0 ? parts : undefined);
    return toStorable({
      later: some(later),
      begun: some(begun),
      deadlines: some(deadlines.map(({ id, deadline }) => ({ id, deadline }))),
      joins: some([...joins.values()]),
      tokens: some([...tokens.values()]),
      items: some(items),
    });
  }

  /**
   * Writes it all as one statement, which is a transaction of its own where `sql` is none: the rows, the feed, and the
   * bells for what workers are to claim. Gives the ids of the new executions in order, and the database's time; `rings`:
   * workers are to be woken after the commit. Where something has moved on meanwhile it writes nothing.
   * @throws an error that {@link isMovedOn}
   */
  async write(
    sql: Sql,
    place: { tenantId: number; rootId: number | null },
    worker: { workerId: number; leaseSeconds: number } | null,
  ): Promise<{ ids: number[]; at: Date; rings: boolean }> {
    const waves = this.toWaves();
    const changes = waves[0]?.changes ? (waves.shift()?.changes ?? []) : [];
    const births = waves[0]?.births ? (waves.shift()?.births ?? []) : [];
    const runs = [...this.runs.values()];
    const begun = runs.filter(({ version }) => version === null);
    const gone = runs.filter(({ version }) => version !== null);
    const bells = toList(this.bells);
    const statement = bells === null ? takeStep : takeStepAndRing;
    const rows = await sql.query<Written>(statement, [
      place.tenantId,
      place.rootId,
      worker?.workerId ?? null,
      worker?.leaseSeconds ?? 0,
      toList([...this.checks.values()]),
      toList(changes),
      toList(gone),
      toList([...this.tasks.values()]),
      toList(births),
      this.toRare(waves, begun),
      this.changes.length + this.births.length,
      changes.length,
      gone.length,
      births.length,
      ...(bells === null ? [] : [bells]),
    ]);
    return { ...toWritten(rows), rings: bells !== null };
  }
}

/** What a statement that stores births answers. */
export interface Written {
  written: { ids: number[] | null; at: string };
}

export function toWritten([row]: readonly Written[]): { ids: number[]; at: Date } {
  if (!row) throw new Error('a step gave no answer');
  return { ids: row.written.ids ?? [], at: new Date(row.written.at) };
}

function toList(parts: readonly unknown[]): string | null {
  return parts.length > 0 ? toStorable(parts) : null;
}

/** As JSON that Postgres can store: NUL and halves of characters, which it refuses, become U+FFFD. */
export function toStorable(value: unknown): string {
  const text = JSON.stringify(value);
  if (!/\\u(?:0000|d[89a-f])/.test(text)) return text;
  const clean = (part: string) => part.toWellFormed().replaceAll('\0', '\ufffd');
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'string') return clean(part);
    if (part === null || typeof part !== 'object' || Array.isArray(part)) return part;
    const names = Object.keys(part);
    return names.every((name) => clean(name) === name)
      ? part
      : Object.fromEntries(Object.entries(part).map(([name, inner]) => [clean(name), inner as unknown]));
  });
}

/** Whether a step was refused because a row, a run or an action is not as the decision saw it. */
export function isMovedOn(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'AT010' || code === 'AT011' || code === 'AT012';
}
