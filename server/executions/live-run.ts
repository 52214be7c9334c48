import { advance, initialState } from '@/engine/execution/advance';
import { neededParts } from '@/engine/execution/needed-parts';
import { neededResults } from '@/engine/execution/needed-results';
import type { Delta, Prepared, RunContext, RunEvent, RunHead } from '@/engine/execution/state';
import type { Json } from '@/engine/expression/expression';
import type { Sql } from '../db';
import { publicUrl } from '../env';
import type { JsonObject } from '../fields';
import { NamedKeys } from '../keys/named';
import { packRefOf } from '../packs/refs';
import { SealBroken } from '../sealing/seal';
import { findActionFacts } from './action-facts';
import { loadRevision, type Revision } from './revisions';
import { openInput } from './secret-inputs';
import { openParameters, type OpenParameters } from './secret-parameters';
import { readItemInputs, readItemResults, readTaskResults } from './run-results';
import { columns, type ExecutionRow } from './store';
import { StoredParts } from './stored-parts';

interface TaskResult {
  result: Json;
  status: string;
}

const keptResults = 32;
/** Of keys that former steps have read: an item that starts late may hold one of them. */
const keptTexts = 1_000;
const keptResultBytes = 16_384;

/**
 * One run of a workflow as a process of ours knows it: what its rows held when they were read, and what has been decided
 * since. It is right for as long as its version is the row's; the step that writes checks that.
 */
export class LiveRun {
  /** Of the run that is being written now, what has been changed since the last write. */
  readonly items = new Map<string, Map<number, Json>>();
  private open: OpenParameters | null = null;
  /** The datastore as the decision under way sees it: read anew for each, since keys change and expire. */
  private keys: NamedKeys;
  private readonly keyTexts = new Set<string>();
  private readonly results = new Map<string, TaskResult | null>();
  private readonly itemLists = new Map<string, Json[]>();
  private readonly prepared = new Map<string, Prepared>();
  private readonly wantedResults = new Set<string>();
  private readonly wantedItems = new Map<string, { task: string; visit: number }>();
  private readonly wantedInputs = new Map<string, { task: string; visit: number; item: number }>();

  private constructor(
    /** As it stood when it was read; its state moves with the steps. */
    public row: ExecutionRow,
    readonly revision: Revision,
    public head: RunHead,
    readonly parts: StoredParts,
    /** Null until the run is stored. */
    public version: number | null,
    private readonly packConfig: Json,
    private readonly event: JsonObject | null,
  ) {
    this.keys = this.openKeystore();
  }

  /** A run that begins now, on the revision that was newest when its execution was asked for; a sentence when it cannot. */
  static async begin(sql: Sql, row: ExecutionRow): Promise<LiveRun | string> {
    const run = row.rerunFrom === null ? await LiveRun.make(sql, row) : await LiveRun.takeUp(sql, row);
    if (typeof run === 'string') return run;
    try {
      run.open = openParameters(row);
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error;
      return `Its secret parameters cannot be opened: ${error.message}`;
    }
    return run;
  }

  /** A run that was prepared to go on from a task: its rows are there already. */
  private static async takeUp(sql: Sql, row: ExecutionRow): Promise<LiveRun | string> {
    const run = await LiveRun.load(sql, row.tenantId, row.rootId, row.id);
    if (!run) return `What this run was to go on from is gone. Run #${String(row.rerunOf)} again.`;
    run.row = row;
    return run;
  }

  private static async make(sql: Sql, row: ExecutionRow): Promise<LiveRun | string> {
    const action = await findActionFacts(sql, row.tenantId, row.actionRef);
    if (!action?.workflowId || row.revision === null)
      return `The workflow ${row.actionRef} was removed before this run could start.`;
    const revision = await loadRevision(sql, action.workflowId, row.revision);
    const { head } = initialState(revision.graph);
    const event = revision.readsEvent ? await loadEvent(sql, row) : null;
    return new LiveRun(row, revision, head, new StoredParts(true), null, action.packConfig, event);
  }

  /** A run under way as its rows hold it, or null before its first step. */
  static async load(sql: Sql, tenantId: number, rootId: number, id: number): Promise<LiveRun | null> {
    const [found] = await sql.query<
      ExecutionRow & {
        workflowId: number;
        runRevision: number;
        version: number;
        head: RunHead;
        variables: JsonObject;
        packConfig: Json;
      }
    >(
      `SELECT ${columns}, w.workflow_id AS "workflowId", w.revision AS "runRevision", w.version, w.head, w.variables,
         COALESCE((SELECT p.config FROM workflow f JOIN pack p ON p.id = f.pack_id WHERE f.id = w.workflow_id), '{}') AS "packConfig"
       FROM execution e JOIN workflow_run w ON w.tenant_id = e.tenant_id AND w.root_id = e.root_id AND w.execution_id = e.id
       WHERE e.tenant_id = $1 AND e.root_id = $2 AND e.id = $3`,
      [tenantId, rootId, id],
    );
    if (!found) return null;
    const { workflowId, runRevision, version, head, variables, packConfig, ...row } = found;
    const revision = await loadRevision(sql, workflowId, runRevision);
    const event = revision.readsEvent ? await loadEvent(sql, row) : null;
    return new LiveRun(
      row,
      revision,
      { ...head, variables },
      new StoredParts(false),
      version,
      packConfig,
      event,
    );
  }

  /** The texts of the secrets that may go into a child's parameters. */
  get secretTexts(): readonly string[] {
    return [...this.opened.secretTexts, ...this.keyTexts];
  }

  private openKeystore(): NamedKeys {
    const { tenantId, actionRef } = this.row;
    return new NamedKeys({ tenantId, actionRef, packRef: packRefOf(actionRef) });
  }

  /** The run's own parameters with their secrets, opened once. @throws SealBroken */
  private get opened(): OpenParameters {
    this.open ??= openParameters(this.row);
    return this.open;
  }

  /** What follows from an event. What the decision wishes to read is read, and the question is asked again: it is pure. */
  async decide(sql: Sql, event: RunEvent, at: Date): Promise<Delta> {
    const { graph } = this.revision;
    for (const name of neededResults(graph, event)) if (!this.results.has(name)) this.wantedResults.add(name);
    this.parts.expect(neededParts(graph, event));
    this.keys = this.openKeystore();
    const context = this.context(at);
    for (let round = 0; round < 1_000; round += 1) {
      await this.load(sql);
      const delta = advance(graph, { head: this.head, parts: this.parts }, event, context);
      if (!this.hasWishes) {
        for (const text of this.keys.secretTexts) this.keyTexts.add(text);
        return delta;
      }
    }
    throw new Error(`run ${this.row.id} keeps wishing for more`);
  }

  /** Takes in what was decided, before or after it is written. */
  apply(delta: Delta): void {
    this.head = delta.head;
    this.parts.apply(delta);
    for (const { task, status, result } of delta.taskRuns) {
      if (status === 'running') continue;
      this.results.delete(task);
      if (isSmall(result)) this.results.set(task, { result, status });
    }
    for (const { task, visit, inputs, secret, redacted } of delta.prepared)
      for (const [item, input] of inputs.slice(0, 1_000).entries())
        this.prepared.set(`${task}#${visit}#${item}`, { input, secret, redacted: redacted[item] ?? null });
  }

  /** After a write: what is kept for the next step stays small. */
  settle(version: number): void {
    this.version = version;
    this.items.clear();
    this.itemLists.clear();
    while (this.results.size > keptResults) this.results.delete(this.results.keys().next().value as string);
    if (this.prepared.size > 2_000) this.prepared.clear();
    while (this.keyTexts.size > keptTexts)
      this.keyTexts.delete(this.keyTexts.values().next().value as string);
  }

  /** The result list of a visit as `decide` gave it to the engine: the same object, or null. */
  itemList(task: string, visit: number): Json[] | null {
    return this.itemLists.get(`${task}#${visit}`) ?? null;
  }

  private get hasWishes(): boolean {
    return (
      this.parts.hasWishes ||
      this.keys.hasWishes ||
      this.wantedResults.size > 0 ||
      this.wantedItems.size > 0 ||
      this.wantedInputs.size > 0
    );
  }

  private async load(sql: Sql): Promise<void> {
    if (this.parts.hasWishes) await this.parts.load(sql, this.row);
    if (this.keys.hasWishes) await this.keys.load(sql);
    if (this.wantedResults.size > 0) {
      // A run that has not been stored has no results.
      const found =
        this.version === null
          ? new Map<string, TaskResult>()
          : await readTaskResults(sql, this.row, [...this.wantedResults]);
      for (const name of this.wantedResults) this.results.set(name, found.get(name) ?? null);
      this.wantedResults.clear();
    }
    for (const [key, { task, visit }] of this.wantedItems) {
      const found = await readItemResults(sql, this.row, task, visit);
      for (const [item, result] of this.items.get(key) ?? []) found.set(item, result);
      const list = [...found].sort(([a], [b]) => a - b).map(([, result]) => result);
      this.itemLists.set(key, list);
    }
    this.wantedItems.clear();
    for (const { task, visit, item } of this.wantedInputs.values()) {
      for (const { item: place, input, sealed } of await readItemInputs(sql, this.row, task, visit, item))
        this.prepared.set(`${task}#${visit}#${place}`, this.toPrepared(input, sealed));
    }
    this.wantedInputs.clear();
  }

  private toPrepared(shown: Json, sealed: Buffer | null): Prepared {
    if (!sealed) return { input: shown, secret: false };
    const { input, origins } = openInput(this.row, sealed);
    for (const text of origins) this.keyTexts.add(text);
    return { input, secret: true, redacted: shown };
  }

  private context(at: Date): RunContext {
    const { row, event } = this;
    const url = publicUrl();
    return {
      parameters: this.opened.parameters,
      secretParameters: this.opened.secretNames,
      config: this.packConfig,
      keystore: () => this.keys.values,
      execution: {
        id: row.id,
        started_at: row.startedAt?.toISOString() ?? null,
        attempt: row.attempt,
        url: `${url}/executions/${row.id}`,
      },
      system: { url },
      ...(event ? { event, trigger: { data: event['payload'] ?? null, ref: event['trigger'] ?? null } } : {}),
      ...(row.ruleRef ? { rule: { ref: row.ruleRef } } : {}),
      now: at.toISOString(),
      random: Math.random,
      taskResult: (name) => {
        const known = this.results.get(name);
        if (known === undefined) this.wantedResults.add(name);
        return known ?? null;
      },
      itemResults: (task, visit) => {
        const key = `${task}#${visit}`;
        const known = this.itemLists.get(key);
        if (!known) this.wantedItems.set(key, { task, visit });
        return known ?? [];
      },
      preparedInput: (task, visit, item) => {
        const key = `${task}#${visit}#${item}`;
        const known = this.prepared.get(key);
        if (!known) this.wantedInputs.set(key, { task, visit, item });
        return known ?? { input: {}, secret: false };
      },
    };
  }
}

async function loadEvent(sql: Sql, row: ExecutionRow): Promise<JsonObject | null> {
  if (row.eventId === null) return null;
  const [found] = await sql.query<{
    id: number;
    payload: Json;
    headers: Json;
    triggerRef: string;
    created: Date;
  }>(
    `SELECT id, payload, headers, trigger_ref AS "triggerRef", created FROM event WHERE tenant_id = $1 AND id = $2`,
    [row.tenantId, row.eventId],
  );
  if (!found) return null;
  const { id, payload, headers, triggerRef, created } = found;
  return { id, payload, headers, trigger: triggerRef, created: created.toISOString() };
}

/** Whether a result may be kept in memory between two steps. Stops counting where it is not. */
function isSmall(value: Json): boolean {
  let left = keptResultBytes;
  const count = (part: Json): void => {
    if (left < 0) return;
    if (typeof part === 'string') left -= part.length;
    else if (part === null || typeof part !== 'object') left -= 8;
    else
      for (const [key, inner] of Object.entries(part)) {
        left -= key.length + 8;
        count(inner);
      }
  };
  count(value);
  return left >= 0;
}
