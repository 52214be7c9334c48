import { setTimeout as delay } from 'node:timers/promises';
import { Validator } from '@cfworker/json-schema';
import { test } from '@playwright/test';
import { createApi, type ApiClient } from '@/client';

/**
 * A program of somebody else: it has the address of the studio, the types that are made from the API's description, and
 * nothing of ours. Every answer that it gets is held against that description.
 */

interface Called<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}
type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
interface Described {
  paths: Record<string, Record<string, Operation>>;
  components: object;
}
interface Operation {
  responses: Record<string, { content?: Record<string, { schema?: object }> }>;
}

const patienceMs = 60_000;
let count = 0;

/** @throws Error with the answer where it is no good one */
export async function good<Data>(call: Promise<Called<Data>>): Promise<Exclude<Data, undefined>> {
  const { data, error, response } = await call;
  if (!response.ok) throw new Error(`${response.status} ${response.url}: ${JSON.stringify(error)}`);
  return data as Exclude<Data, undefined>;
}

export class Program {
  private constructor(
    readonly api: ApiClient,
    readonly login: string,
  ) {}

  /** A program with a tenant of its own, as its administrator, and a pack `p` in it. */
  static async start(baseURL: string | undefined): Promise<Program> {
    const url = baseURL ?? '';
    const described = (await (await fetch(`${url}/api-spec/openapi.json`)).json()) as Described;
    let token: string | null = null;
    const api = createApi(url, () => token);
    api.use({
      onResponse: async ({ schemaPath, request, response }) => {
        const wrong = await breachOf(described, request.method.toLowerCase(), schemaPath, response.clone());
        if (wrong !== null) throw new Error(`${request.method} ${schemaPath}: ${wrong}`);
      },
    });
    const login = `program-${Date.now().toString(36)}-${process.pid}-${(count += 1)}`;
    const body = { login, password: 'a-program-of-somebody', tenant: { name: login } };
    const { data } = await good(api.POST('/auth/register', { body }));
    token = data.access_token;
    await good(api.POST('/api/v1/packs', { body: { ref: 'p', label: 'Program', version: '1.0.0' } }));
    return new Program(api, login);
  }

  /** A shell action `p.<name>` whose script is the entrypoint. */
  async shell(name: string, entrypoint: string, more: Partial<ActionBody> = {}): Promise<string> {
    const ref = `p.${name}`;
    const body = { ref, pack_ref: 'p', label: name, entrypoint, runtime_ref: 'core.shell', ...more };
    await good(this.api.POST('/api/v1/actions', { body }));
    return ref;
  }

  /** A workflow `p.<name>`. */
  async workflow(
    name: string,
    definition: { [key: string]: Json },
    parameters: { [key: string]: Json } = {},
  ): Promise<string> {
    const ref = `p.${name}`;
    await good(
      this.api.POST('/api/v1/workflows', {
        body: {
          ...{ ref, pack_ref: 'p', label: name, version: '1.0.0', definition },
          ...{ param_schema: parameters, out_schema: {} },
        },
      }),
    );
    return ref;
  }

  async execute(ref: string, parameters: { [name: string]: Json } = {}): Promise<number> {
    const body = { action_ref: ref, parameters };
    return (await good(this.api.POST('/api/v1/executions/execute', { body }))).data.id;
  }

  async get(id: number) {
    const path = { id: String(id) };
    return (await good(this.api.GET('/api/v1/executions/{id}', { params: { path } }))).data;
  }

  /** Runs to the end. */
  async run(ref: string, parameters: { [name: string]: Json } = {}) {
    return this.ended(await this.execute(ref, parameters));
  }

  async ended(id: number) {
    const over = ['completed', 'failed', 'cancelled', 'timeout', 'abandoned'];
    return this.until(
      () => this.get(id),
      ({ status }) => over.includes(status),
    );
  }

  /** The executions below a run, oldest first. */
  async children(parent: number) {
    const query = { parent: String(parent), page_size: '1000' };
    const { items } = await good(this.api.GET('/api/v1/executions', { params: { query } }));
    return items.reverse();
  }

  async until<Seen>(look: () => Promise<Seen>, fits: (seen: Seen) => boolean): Promise<Seen> {
    const end = Date.now() + patienceMs;
    for (;;) {
      const seen = await look();
      if (fits(seen)) return seen;
      if (Date.now() > end) throw new Error(`it stays ${JSON.stringify(seen).slice(0, 2_000)}`);
      await delay(60);
    }
  }

  /** A trigger with a webhook; `post` gives the event's id. */
  async webhook(name: string): Promise<{ ref: string; post: (payload: Json) => Promise<number> }> {
    const ref = `p.${name}`;
    await good(this.api.POST('/api/v1/triggers', { body: { ref, pack_ref: 'p', label: name } }));
    const path = { ref };
    const { data } = await good(
      this.api.POST('/api/v1/triggers/{ref}/webhooks/enable', { params: { path } }),
    );
    const key = data.webhook_key ?? '';
    return {
      ref,
      post: async (payload) => {
        const call = this.api.POST('/api/v1/webhooks/{key}', {
          params: { path: { key } },
          body: { payload } as never,
        });
        return ((await good(call)) as { data: { event_id: number } }).data.event_id;
      },
    };
  }
}

interface ActionBody {
  param_schema: { [name: string]: unknown };
  output_format: 'text' | 'json' | 'jsonl' | 'yaml';
  timeout_seconds: number;
}

const validators = new Map<string, Validator>();

/** What an answer breaks of the description; null for nothing. */
async function breachOf(
  described: Described,
  method: string,
  path: string,
  response: Response,
): Promise<string | null> {
  const answer = described.paths[path]?.[method]?.responses[String(response.status)];
  if (!answer) return `${response.status} is not described`;
  const schema = answer.content?.['application/json']?.schema;
  if (!schema || !response.headers.get('content-type')?.startsWith('application/json')) return null;
  const key = `${method} ${path} ${response.status}`;
  const validator =
    validators.get(key) ?? new Validator({ ...schema, components: described.components }, '2020-12');
  validators.set(key, validator);
  const { valid, errors } = validator.validate(await response.json());
  return valid
    ? null
    : errors.map(({ instanceLocation, error }) => `${instanceLocation} ${error}`).join('; ');
}

/** A test of a scenario by such a program. */
export const scenario = test.extend<{ program: Program }>({
  program: async ({ baseURL }, use) => use(await Program.start(baseURL)),
});
export { expect } from '@playwright/test';
