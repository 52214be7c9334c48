import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { create } from 'tar';
import { inSystem } from '../../db';
import type { Actor } from '../../identities/actor';
import type { RestServer } from '../rest/rest-fixture';
import type { Noun } from './lines';

/** What a call names: `ref`, `id` and the like, and what lies around them. */
export type Names = Record<string, string | number>;

/** One thing of each kind in the default tenant, made by its administrator; used up ones are made anew. */
export class World {
  readonly #kept = new Map<Noun, Names>();
  #made = 0;
  common: Names = {};

  constructor(
    private readonly rest: RestServer,
    private readonly owner: Actor,
    private token: string,
  ) {}

  /** With another token, where the one before has ended. */
  speakFor(token: string): void {
    this.token = token;
  }

  fresh(): string {
    return `m${(this.#made += 1)}`;
  }

  async #post(address: string, body: object): Promise<Record<string, unknown>> {
    const { status, body: answer } = await this.rest.call('POST', address, { token: this.token, body });
    if (status >= 300) throw new Error(`${address}: ${JSON.stringify(answer)}`);
    return answer.data ?? {};
  }

  async begin(): Promise<void> {
    await this.#post('/api/v1/packs', { ref: 'base', label: 'Base', version: '1', visibility: 'tenant' });
    const { ref: action } = await this.#action();
    this.common = { pack_ref: 'base', action_ref: action ?? '', dispatch_action_ref: action ?? '' };
    const { ref: trigger } = await this.#trigger();
    this.common = { ...this.common, trigger_ref: trigger ?? '', permission_set_ref: 'core.viewer' };
    const { id: identity } = await this.#identity();
    this.common = { ...this.common, identity_id: identity ?? 0, execution: await this.#execute('core.noop') };
  }

  /** A token that a program of the administrator's may have. */
  async apiToken(): Promise<string> {
    const address = `/api/v1/identities/${this.owner.identityId}/integration-tokens`;
    return String((await this.#post(address, { label: 'x' }))['token']);
  }

  /** The one of its kind. */
  async target(noun: Noun): Promise<Names> {
    const known = this.#kept.get(noun);
    if (known) return known;
    const made = await this.#makers[noun]();
    this.#kept.set(noun, made);
    return made;
  }

  /** The next call has another one. */
  useUp(noun: Noun): void {
    this.#kept.delete(noun);
  }

  async #action(): Promise<Names> {
    const ref = `base.${this.fresh()}`;
    const body = { ref, pack_ref: 'base', label: ref, entrypoint: 'echo x', runtime_ref: 'core.shell' };
    await this.#post('/api/v1/actions', body);
    return { ref, revision: 1 };
  }

  async #trigger(): Promise<Names & { key: string }> {
    const ref = `base.${this.fresh()}`;
    await this.#post('/api/v1/triggers', { ref, pack_ref: 'base', label: ref });
    const { webhook_key: key } = await this.#post(`/api/v1/triggers/${ref}/webhooks/enable`, {});
    return { ref, key: String(key) };
  }

  async #event(): Promise<{ id: number; ref: string }> {
    const { ref, key } = await this.#trigger();
    const { event_id: id } = await this.#post(`/api/v1/webhooks/${key}`, { payload: {} });
    return { ref: String(ref), id: Number(id) };
  }

  async #rule(): Promise<Names> {
    const ref = `base.${this.fresh()}`;
    const { trigger_ref, action_ref } = this.common;
    const body = { ref, pack_ref: 'base', label: ref, trigger_ref, action_ref };
    const { id } = await this.#post('/api/v1/rules', body);
    return { ref, id: Number(id) };
  }

  async #queue(): Promise<Names> {
    const ref = `base.${this.fresh()}`;
    const { action_ref } = this.common;
    const body = { ref, pack_ref: 'base', label: ref, dispatch_action_ref: action_ref, enabled: false };
    await this.#post('/api/v1/queues', body);
    return { ref, queue_ref: ref };
  }

  async #execute(action: string): Promise<number> {
    const { id } = await this.#post('/api/v1/executions/execute', { action_ref: action });
    return Number(id);
  }

  async #identity(): Promise<Names> {
    const { id } = await this.#post('/api/v1/identities', { login: this.fresh() });
    const role = this.fresh();
    await this.#post(`/api/v1/identities/${String(id)}/roles`, { role });
    return { id: Number(id), identity_id: Number(id), role };
  }

  /** One that the administrator is in, too. */
  async #tenant(): Promise<number> {
    const name = this.fresh();
    const { id } = await this.#post('/api/v1/tenants', { name, admin: { login: this.owner.login } });
    return Number(id);
  }

  /** Saved inputs of a workflow: somebody's, or everybody's. */
  async #inputs(of: number | null): Promise<Names> {
    const { ref = '' } = await this.#makers.workflow();
    const id = await this.#insert(
      `INSERT INTO workflow_input_set (tenant_id, workflow_id, name, parameters, identity_id)
       SELECT tenant_id, id, 'x', '{}', $3::bigint FROM workflow WHERE tenant_id = $1 AND ref = $2`,
      [this.owner.tenantId, ref, of],
    );
    return { ref, id };
  }

  async #insert(sql: string, values: unknown[]): Promise<number> {
    const [row] = await inSystem((tx) => tx.query<{ id: number }>(`${sql} RETURNING id`, values));
    return row?.id ?? 0;
  }

  readonly #makers: Record<Noun, () => Promise<Names>> = {
    pack: async () => {
      const ref = this.fresh();
      await this.#post('/api/v1/packs', { ref, label: ref, version: '1', visibility: 'tenant' });
      return { ref };
    },
    'pack with files': async () => {
      const ref = this.fresh();
      await this.#post('/api/v1/packs/register', { path: (await makePackFolder(ref)).folder });
      return { ref };
    },
    action: () => this.#action(),
    workflow: async () => {
      const ref = `base.${this.fresh()}`;
      const definition = { tasks: [{ name: 'a', action: 'core.noop' }] };
      const body = { ref, pack_ref: 'base', label: ref, version: '1', definition };
      await this.#post('/api/v1/workflows', body);
      return { ref, number: 1, draft_version: 1 };
    },
    'saved inputs': () => this.#inputs(this.owner.identityId),
    'shared inputs': () => this.#inputs(null),
    trigger: async () => ({ ref: (await this.#trigger()).ref ?? '' }),
    delivery: async () => {
      const { ref } = await this.#event();
      const address = `/api/v1/triggers/${ref}/webhooks/deliveries`;
      const { body } = await this.rest.call('GET', address, { token: this.token });
      return { ref, id: Number(body.items?.[0]?.['id']) };
    },
    rule: () => this.#rule(),
    sensor: async () => {
      const ref = `base.${this.fresh()}`;
      const body = { ref, pack_ref: 'base', label: ref, entrypoint: 'x.py', runtime_ref: 'core.python' };
      await this.#post('/api/v1/sensors', { ...body, trigger_ref: this.common['trigger_ref'] });
      return { ref, stream: 'stdout' };
    },
    queue: () => this.#queue(),
    item: async () => {
      const queue = await this.#queue();
      const { id } = await this.#post(`/api/v1/queues/${queue['ref'] ?? ''}/items`, { payload: 1 });
      return { ...queue, id: Number(id) };
    },
    key: async () => {
      const ref = this.fresh();
      await this.#post('/api/v1/keys', { ref, name: ref, value: 'x', owner_type: 'system' });
      return { ref };
    },
    artifact: async () => {
      const ref = this.fresh();
      const body = { ref, name: ref, scope: 'system', owner: '', visibility: 'public', type: 'file_text' };
      const { id } = await this.#post('/api/v1/artifacts', body);
      const form = new FormData();
      form.set('file', new Blob(['x']), 'x.txt');
      const headers = { authorization: `Bearer ${this.token}` };
      const address = `${this.rest.origin}/api/v1/artifacts/ref/${ref}/versions/file`;
      await (await fetch(address, { method: 'POST', headers, body: form })).text();
      return { ref, id: Number(id) };
    },
    progress: async () => {
      const ref = this.fresh();
      const body = { ref, name: ref, scope: 'system', owner: '', visibility: 'public', type: 'progress' };
      const { id } = await this.#post('/api/v1/artifacts', body);
      return { ref, id: Number(id) };
    },
    runtime: () => Promise.resolve({ ref: 'core.python' }),
    execution: async () => {
      const id = await this.#execute('core.noop');
      return { id, execution_id: id };
    },
    'workflow run': async () => {
      const { ref } = await this.target('workflow');
      const id = await this.#execute(String(ref));
      // As a worker begins it.
      await inSystem((tx) =>
        tx.query(
          `INSERT INTO workflow_run (tenant_id, root_id, execution_id, workflow_id, revision, head)
           SELECT tenant_id, $1, $1, id, 1, '{"held": []}' FROM workflow WHERE tenant_id = $2 AND ref = $3`,
          [id, this.owner.tenantId, ref],
        ),
      );
      return { id };
    },
    inquiry: async () => {
      const body = { execution: this.common['execution'], prompt: 'Go on?' };
      const { id } = await this.#post('/api/v1/inquiries', body);
      return { id: Number(id) };
    },
    identity: () => this.#identity(),
    assignment: async () => {
      const { id: identity_id } = await this.#identity();
      const body = { identity_id, permission_set_ref: 'core.viewer' };
      const { id } = await this.#post('/api/v1/permissions/assignments', body);
      return { id: Number(id) };
    },
    'integration token': async () => {
      const { id } = await this.#identity();
      const address = `/api/v1/identities/${String(id)}/integration-tokens`;
      const { integration_token: token } = await this.#post(address, { label: 'x' });
      return { id: id ?? 0, token: (token as { id: number }).id };
    },
    'set with role': async () => {
      const ref = `base.${this.fresh()}`;
      const { tenantId } = this.owner;
      const id = await this.#insert(
        `INSERT INTO permission_set (tenant_id, ref, label, grants) VALUES ($1, $2, $2, '[]')`,
        [tenantId, ref],
      );
      const role = this.fresh();
      await this.#post(`/api/v1/permissions/sets/${id}/roles`, { role });
      return { id, ref, role };
    },
    event: async () => {
      const { id } = await this.#event();
      return { id, event_id: id };
    },
    enforcement: async () => {
      const [event, rule] = [await this.#event(), await this.#rule()];
      const { trigger_ref, action_ref } = this.common;
      const id = await this.#insert(
        `INSERT INTO enforcement (tenant_id, event_id, rule_id, rule_ref, trigger_ref, action_ref) VALUES ($1, $2, $3, $4, $5, $6)`,
        [this.owner.tenantId, event.id, rule['id'], rule['ref'], trigger_ref, action_ref],
      );
      return { id };
    },
    worker: async () => ({
      id: await this.#insert('INSERT INTO worker (name, host, pid, slots) VALUES ($1, $1, 1, 1)', [
        this.fresh(),
      ]),
    }),
    environment: async () => {
      const { ref } = await this.target('pack');
      const id = await this.#insert(
        `INSERT INTO environment (tenant_id, key_hash, place, kind, pack_refs, state) VALUES ($1, $2, 'here', 'python', ARRAY[$3], 'failed')`,
        [this.owner.tenantId, this.fresh(), ref],
      );
      return { ref: ref ?? '', id };
    },
    'audit event': async () => {
      const { body } = await this.rest.call('GET', '/api/v1/audit-events', { token: this.token });
      return { id: Number(body.items?.[0]?.['id']) };
    },
    'own session': async () => {
      const token = await this.rest.tokenOf(this.owner.login);
      const { body } = await this.rest.call('GET', '/auth/sessions', { token });
      return { id: Number(body.items?.find(({ current }) => current)?.['id']) };
    },
    'own tenant': async () => {
      const tenant_id = await this.#tenant();
      return { tenant_id };
    },
    team: async () => {
      const { id } = await this.#post('/api/v1/teams', { name: this.fresh() });
      return { id: Number(id) };
    },
    tenant: async () => ({ id: await this.#tenant() }),
    'own token': async () => {
      const address = `/api/v1/identities/${this.owner.identityId}/integration-tokens`;
      const { integration_token: token } = await this.#post(address, { label: 'x' });
      return { id: (token as { id: number }).id };
    },
  };
}

/** A folder with a pack that may be installed, and the same as an archive. */
export async function makePackFolder(ref: string): Promise<{ folder: string; archive: Buffer }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'attune-rights-'));
  await mkdir(path.join(folder, 'actions'));
  await writeFile(path.join(folder, 'pack.yaml'), `ref: ${ref}\nlabel: ${ref}\nversion: 1.0.0\n`);
  const chunks: Buffer[] = [];
  for await (const chunk of create({ gzip: true, cwd: folder }, ['.'])) chunks.push(Buffer.from(chunk));
  return { folder, archive: Buffer.concat(chunks) };
}
