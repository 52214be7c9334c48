import { fork, type ChildProcess } from 'node:child_process';
import { Agent, get, request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import pg from 'pg';
import { env } from '@/server/env';

const webProgram = join(process.cwd(), 'dist', 'bench-web.mjs');

/** A web process, a tenant with its administrator, and connections to ask the database the same without anything of ours. */
export class ApiPlace {
  private constructor(
    private readonly web: ChildProcess,
    private readonly port: number,
    private readonly agent: Agent,
    private readonly clients: pg.Client[],
    private readonly token: string,
    readonly tenantId: number,
  ) {}

  static async open(atOnce: number): Promise<ApiPlace> {
    const web = fork(webProgram, [], {
      env: { ...process.env, ATTUNE_SELF_REGISTRATION: 'tenants', ATTUNE_RATE_PER_MINUTE: '0' },
    });
    const port = await new Promise<number>((resolve, reject) => {
      web.once('message', (said) => resolve(Number(said)));
      web.once('exit', (code) => reject(new Error(`the web process ended with ${String(code)}`)));
    });
    const name = `bench-${process.pid}-${Date.now()}`;
    const answer = await fetch(`http://127.0.0.1:${port}/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ login: name, password: 'measured and forgotten', tenant: { name } }),
    });
    const { data } = (await answer.json()) as { data: { access_token: string; user: { tenant_id: number } } };
    const clients = await Promise.all(
      Array.from({ length: atOnce }, async () => {
        const client = new pg.Client({ connectionString: env().DATABASE_URL, application_name: 'bench api' });
        await client.connect();
        return client;
      }),
    );
    const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
    return new ApiPlace(web, port, agent, clients, data.access_token, data.user.tenant_id);
  }

  /** Executions that have ended, as a long history leaves them. */
  async fillHistory(count: number): Promise<void> {
    const [client] = this.clients;
    await client?.query(
      `INSERT INTO execution (tenant_id, root_id, id, action_ref, kind, state, runtime, started_at, ended_at, feed_seq)
       SELECT $1, n.id, n.id, 'core.noop', 'action', 'completed', 'native', now(), now(), 1
       FROM (SELECT nextval('execution_id_seq') AS id FROM generate_series(1, $2)) n`,
      [this.tenantId, count],
    );
    await client?.query('ANALYZE execution');
  }

  /** One call of the API, read to its end. @throws Error for any answer but a good one */
  call(method: string, path: string, body?: object): Promise<unknown> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const options = {
      ...{ host: '127.0.0.1', port: this.port, path, method, agent: this.agent },
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      },
    };
    return new Promise((resolve, reject) => {
      const sent = request(options, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const said = Buffer.concat(parts).toString();
          if (response.statusCode !== 200 && response.statusCode !== 201)
            reject(new Error(`${method} ${path} answered ${response.statusCode}: ${said}`));
          else resolve(JSON.parse(said));
        });
      });
      sent.on('error', reject);
      sent.end(text);
    });
  }

  /** A stream of events, once it has begun. It ends when it is destroyed. */
  stream(path: string): Promise<IncomingMessage> {
    const headers = { authorization: `Bearer ${this.token}` };
    return new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port: this.port, path, headers, agent: false }, (response) => {
        if (response.statusCode === 200) resolve(response);
        else reject(new Error(`${path} answered ${response.statusCode}`));
      }).on('error', reject);
    });
  }

  /** One statement, each lane on a connection of its own. */
  async raw(name: string, text: string, values: readonly unknown[]): Promise<number> {
    const client = this.clients.pop();
    if (!client) throw new Error('there are fewer connections than lanes');
    const { rowCount } = await client.query({ name, text, values: [...values] });
    this.clients.push(client);
    return rowCount ?? 0;
  }

  async close(): Promise<void> {
    this.agent.destroy();
    this.web.disconnect();
    await Promise.all(this.clients.map((client) => client.end()));
  }
}

/** How often a second something is done, so many at any time. */
export async function perSecond(
  calls: number,
  atOnce: number,
  work: () => Promise<unknown>,
): Promise<number> {
  let left = calls;
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left > 0) {
        left -= 1;
        await work();
      }
    }),
  );
  return calls / ((performance.now() - startedMs) / 1_000);
}
