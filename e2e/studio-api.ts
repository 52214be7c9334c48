import { randomBytes } from 'node:crypto';
import type { APIRequestContext } from '@playwright/test';
import { parse } from 'yaml';
import {
  isEnded,
  type Change,
  type Execution,
  type Inquiry,
  type Json,
  type JsonObject,
  type KeyName,
  type NewAction,
  type NewKey,
  type Person,
  type RuleEvent,
  type TaskRun,
  type TreeNode,
} from './records';
import { Refused, Trpc } from './trpc';
import { Wire } from './wire';

const pollMs = 50;
/** Long enough for a machine on which much else runs: what is measured is read from the records, never from waits. */
const patienceSeconds = 60;

/**
 * The studio as a program sees it that may only send HTTP. How things are called on the wire stands in this file
 * alone, so that the same scenarios can be run over another API.
 */
export class Studio {
  private readonly trpc: Trpc;
  /** The same studio by its public API. */
  readonly wire: Wire;

  /** @param pack where what is made here belongs; see {@link openPack} */
  constructor(
    private readonly request: APIRequestContext,
    private readonly pack = 'scenarios',
  ) {
    this.trpc = new Trpc(request);
    this.wire = new Wire(request);
  }

  async signIn({ login, password }: Pick<Person, 'login' | 'password'>): Promise<void> {
    await this.trpc.mutate('auth.signIn', { login, password });
  }

  /** Makes the pack unless somebody has. */
  async openPack(): Promise<void> {
    const packs = await this.trpc.query<{ ref: string }[]>('packs.list');
    if (packs.some(({ ref }) => ref === this.pack)) return;
    await this.trpc.mutate('packs.create', { ref: this.pack, label: this.pack }).catch((error: unknown) => {
      // Another worker of the test runner was first.
      if (!(error instanceof Refused) || error.status !== 409) throw error;
    });
  }

  /** The packs that this person sees. */
  async packs(): Promise<string[]> {
    return (await this.trpc.query<{ ref: string }[]>('packs.list')).map(({ ref }) => ref);
  }

  /** Installs a pack from its archive; gives what is wrong in its files. */
  async installPack(archive: Buffer): Promise<string[]> {
    const response = await this.request.post('/api/v1/packs/upload', {
      headers: { 'x-attune': '1' },
      multipart: { pack: { name: 'pack.tar.gz', mimeType: 'application/gzip', buffer: archive } },
    });
    const answer = (await response.json()) as { data?: { problems: string[] }; error?: string };
    if (!answer.data) throw new Refused(answer.error ?? 'no answer', response.status(), null, []);
    return answer.data.problems;
  }

  /** The environments that a pack's actions used. */
  async environments(
    packRef: string,
  ): Promise<{ kind: string; state: string; log: string; keyHash: string }[]> {
    return this.trpc.query('packs.environments', { ref: packRef });
  }

  /** A new person who may answer what they are asked. */
  async createApprover(displayName: string): Promise<Person> {
    return this.createPerson(displayName, ['core.approver']);
  }

  /** A new person who holds these permission sets. */
  async createPerson(displayName: string, permissionSets: string[]): Promise<Person> {
    const login = this.nameOf(displayName.toLowerCase().replaceAll(/[^a-z]+/g, '-'));
    const person = { login, displayName, password: 'a-person-of-the-scenarios' };
    await this.trpc.mutate('people.create', { ...person, permissionSets });
    return person;
  }

  /** Gives the new action's ref. */
  async createAction(name: string, action: NewAction): Promise<string> {
    const { parameters = {}, ...rest } = action;
    const ref = `${this.pack}.${this.nameOf(name)}`;
    await this.trpc.mutate('actions.create', {
      packRef: this.pack,
      ref,
      label: name,
      paramSchema: parameters,
      ...rest,
    });
    return ref;
  }

  /** Publishes a definition (YAML, or as an object) as a new workflow and gives its ref. @throws Refused for errors in it */
  async publishWorkflow(name: string, definition: string | object): Promise<string> {
    const ref = `${this.pack}.${this.nameOf(name)}`;
    const made = await this.trpc.mutate<{ draftVersion: number }>('workflows.create', {
      packRef: this.pack,
      ref,
      label: name,
    });
    const saved = await this.trpc.mutate<{ draftVersion: number }>('workflows.saveDraft', {
      ref,
      draftVersion: made.draftVersion,
      definition: typeof definition === 'string' ? (parse(definition) as unknown) : definition,
      layout: { positions: {} },
    });
    await this.trpc.mutate('workflows.publish', { ref, draftVersion: saved.draftVersion });
    return ref;
  }

  /** Asks for an action or workflow to be run; gives the execution's id. */
  async run(actionRef: string, parameters: JsonObject = {}): Promise<number> {
    return (await this.trpc.mutate<{ id: number }>('executions.request', { actionRef, parameters })).id;
  }

  async cancel(id: number): Promise<void> {
    await this.trpc.mutate('executions.cancel', { id });
  }

  async get<Result = Json>(id: number): Promise<Execution<Result>> {
    return this.trpc.query('executions.get', { id });
  }

  /** The whole tree that an execution belongs to: root first, then by id. */
  async tree(id: number): Promise<TreeNode[]> {
    return this.trpc.query('executions.tree', { id });
  }

  /** The visits of a workflow's tasks, in the order in which they began. */
  async taskRuns(id: number): Promise<TaskRun[]> {
    return (await this.trpc.query<{ taskRuns: TaskRun[] }>('executions.run', { id })).taskRuns;
  }

  /** What an execution wrote, one text per stream. */
  async log(id: number): Promise<Record<'stdout' | 'stderr' | 'system', string>> {
    const text = { stdout: '', stderr: '', system: '' };
    for (let after = 0, more = true; more;) {
      const page = await this.trpc.query<{
        chunks: { stream: keyof typeof text; content: string }[];
        next: number;
      }>('executions.log', { executionId: id, after, limit: 2000 });
      for (const { stream, content } of page.chunks) text[stream] += content;
      more = page.chunks.length > 0;
      after = page.next;
    }
    return text;
  }

  /** Every committed change of a tree, in order. */
  async changes(id: number): Promise<Change[]> {
    const all: Change[] = [];
    for (;;) {
      const page = await this.trpc.query<Change[]>('executions.timeline', {
        id,
        after: all.at(-1)?.seq ?? 0,
      });
      if (page.length === 0) return all;
      all.push(...page);
    }
  }

  /** Waits until an execution fits. */
  async until<Result = Json>(
    id: number,
    fits: (execution: Execution<Result>) => boolean,
    seconds = patienceSeconds,
  ): Promise<Execution<Result>> {
    return this.poll(
      () => this.get<Result>(id),
      fits,
      seconds,
      ({ state, error }) => `execution ${id} is ${state}${error === null ? '' : `: ${error}`}`,
    );
  }

  /** Waits until an execution has ended, however it did. */
  async ended<Result = Json>(id: number, seconds = patienceSeconds): Promise<Execution<Result>> {
    return this.until<Result>(id, ({ state }) => isEnded(state), seconds);
  }

  /** Waits until the tree of an execution fits. */
  async untilTree(
    id: number,
    fits: (tree: TreeNode[]) => boolean,
    seconds = patienceSeconds,
  ): Promise<TreeNode[]> {
    const describe = (tree: TreeNode[]) =>
      tree.map(({ taskName, actionRef, state }) => `${taskName ?? actionRef} ${state}`).join(', ');
    return this.poll(() => this.tree(id), fits, seconds, describe);
  }

  /** Waits until the newest execution of a task fits (Default: until there is one). */
  async untilTask(
    runId: number,
    task: string,
    fits: (node: TreeNode) => boolean = () => true,
  ): Promise<TreeNode> {
    const newest = (tree: TreeNode[]) => tree.findLast(({ taskName }) => taskName === task);
    const tree = await this.untilTree(runId, (nodes) => {
      const node = newest(nodes);
      return node !== undefined && fits(node);
    });
    return newest(tree) as TreeNode;
  }

  /** Waits until an execution's standard output contains a text. */
  async untilPrinted(id: number, text: string): Promise<string> {
    const { stdout } = await this.poll(
      () => this.log(id),
      (log) => log.stdout.includes(text),
      patienceSeconds,
      (log) => `execution ${id} has printed ${JSON.stringify(log)}`,
    );
    return stdout;
  }

  async inquiry(id: number): Promise<Inquiry> {
    return this.trpc.query('inquiries.get', { id });
  }

  /** Waits for a task of a run to ask, and gives its inquiry. */
  async untilAsked(runId: number, task: string): Promise<Inquiry> {
    const { id } = await this.untilTask(runId, task, ({ state }) => state === 'waiting');
    const { inquiryId } = await this.until(id, (execution) => execution.inquiryId !== null);
    return this.inquiry(inquiryId as number);
  }

  /** Answers as this studio's person. @throws Refused */
  async answer(id: number, response: JsonObject, comment = ''): Promise<Inquiry> {
    return this.trpc.mutate('inquiries.respond', { id, response, comment });
  }

  /** The prompts of what waits for this studio's person, newest first. */
  async inbox(): Promise<Inquiry[]> {
    return (await this.trpc.query<{ items: Inquiry[] }>('inquiries.list', { view: 'mine', limit: 200 }))
      .items;
  }

  /** A new trigger with a webhook. `post` sends to it and gives the event's id. */
  async createWebhook(): Promise<{
    triggerRef: string;
    url: string;
    post: (payload: Json) => Promise<number>;
  }> {
    const name = this.nameOf('hook');
    const triggerRef = `${this.pack}.${name}`;
    const { webhookUrl } = await this.trpc.mutate<{ webhookUrl: string }>('triggers.create', {
      packRef: this.pack,
      ref: triggerRef,
      label: name,
    });
    const post = async (payload: Json): Promise<number> => {
      const response = await this.request.post(new URL(webhookUrl).pathname, { data: payload });
      return ((await response.json()) as { data: { event_id: number } }).data.event_id;
    };
    return { triggerRef, url: webhookUrl, post };
  }

  /** Gives the new rule's ref. */
  async createRule(rule: {
    triggerRef: string;
    triggerParams?: JsonObject;
    actionRef: string;
    actionParams?: JsonObject;
    conditions?: JsonObject;
  }): Promise<string> {
    const name = this.nameOf('rule');
    const ref = `${this.pack}.${name}`;
    await this.trpc.mutate('rules.create', { packRef: this.pack, ref, label: name, ...rule });
    return ref;
  }

  /** What an execution left for people, newest first. */
  async artifactsOf<Artifact>(executionId: number): Promise<Artifact[]> {
    return (await this.trpc.query<{ items: Artifact[] }>('artifacts.list', { executionId, limit: 200 }))
      .items;
  }

  /** A trigger's events, newest first. */
  async events(
    triggerRef: string,
  ): Promise<{ id: number; failed: number; executionId: number | null; ruleRef: string | null }[]> {
    const { items } = await this.trpc.query<{ items: Awaited<ReturnType<Studio['events']>> }>('events.list', {
      triggerRef,
      limit: 200,
    });
    return items;
  }

  async setRuleEnabled(ref: string, enabled: boolean): Promise<void> {
    await this.trpc.mutate('rules.setEnabled', { ref, enabled });
  }

  /** The timer of a rule; null where it has none. */
  async timerOf(
    ref: string,
  ): Promise<{ state: string; nextAt: string | null; problem: string | null } | null> {
    return (await this.trpc.query<{ timer: Awaited<ReturnType<Studio['timerOf']>> }>('rules.get', { ref }))
      .timer;
  }

  async sensor(ref: string): Promise<{
    state: string;
    worker: string | null;
    failures: number;
    lastError: string | null;
    cursor: Json;
  }> {
    return this.trpc.query('sensors.get', { ref });
  }

  async sensorLog(ref: string, stream: 'stdout' | 'stderr'): Promise<string> {
    return (await this.trpc.query<{ text: string }>('sensors.log', { ref, stream })).text;
  }

  /** Waits until every rule has been asked about an event. */
  async untilMatched(eventId: number): Promise<RuleEvent> {
    return this.poll(
      () => this.trpc.query<RuleEvent>('events.get', { id: eventId }),
      ({ processedAt }) => processedAt !== null,
      patienceSeconds,
      () => `event ${eventId} has not been looked at`,
    );
  }

  /** The same studio with a new pack for what is made; gives the pack's ref too. */
  async inNewPack(visibility: 'tenant' | 'private' = 'tenant'): Promise<{ studio: Studio; packRef: string }> {
    const packRef = this.nameOf('pack');
    await this.trpc.mutate('packs.create', { ref: packRef, label: packRef, visibility });
    return { studio: new Studio(this.request, packRef), packRef };
  }

  async createKey(key: NewKey): Promise<void> {
    await this.trpc.mutate('keys.create', { name: key.ref, ...key });
  }

  /** @throws Refused 404 where there is none that this person sees */
  async getKey(key: KeyName): Promise<{ value?: Json; expiresAt: string | null }> {
    return this.trpc.query('keys.get', key);
  }

  async revealKey(key: KeyName): Promise<Json> {
    return (await this.trpc.mutate<{ value: Json }>('keys.reveal', key)).value;
  }

  async updateKey(
    key: KeyName & { value?: Json; encrypted?: boolean; ttlSeconds?: number | null },
  ): Promise<void> {
    await this.trpc.mutate('keys.update', key);
  }

  /** Asks until the answer fits, whatever is asked. */
  async untilSo<T>(ask: () => Promise<T>, fits: (answer: T) => boolean): Promise<T> {
    return this.poll(ask, fits, patienceSeconds, (last) => `the answer is ${JSON.stringify(last)}`);
  }

  private nameOf(name: string): string {
    return `${name}_${randomBytes(4).toString('hex')}`;
  }

  /** Asks until the answer fits. */
  private async poll<T>(
    ask: () => Promise<T>,
    fits: (answer: T) => boolean,
    seconds: number,
    describe: (last: T) => string,
  ): Promise<T> {
    const until = performance.now() + seconds * 1000;
    for (;;) {
      const answer = await ask();
      if (fits(answer)) return answer;
      if (performance.now() > until) throw new Error(`After ${seconds} s, ${describe(answer)}.`);
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }
}
