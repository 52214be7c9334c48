import { fork, type ChildProcess } from 'node:child_process';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { querySystem } from '@/server/db';
import type { JsonObject } from '@/server/fields';
import { createRule } from '@/server/rules/service';
import { createTrigger } from '@/server/triggers/service';
import type { Ground } from '../ground';

const webProgram = join(process.cwd(), 'dist', 'bench-web.mjs');

/** What a monitoring system sends, about 500 bytes. */
export const payload: JsonObject = {
  host: 'web-1.example.org',
  severity: 'warning',
  disk: { mount: '/var', used_percent: 71.5, free_bytes: 123_456_789 },
  labels: { team: 'storage', region: 'eu-west', tier: 'gold' },
  text: 'The disk fills up. '.repeat(15),
};

/** Criteria of three comparisons that the payload does not meet. */
export const unmet: JsonObject = {
  all: [
    { field: 'payload.severity', operator: 'in', value: ['critical', 'fatal'] },
    { any: [{ field: 'payload.disk.used_percent', operator: 'greater_or_equal', value: 90 }] },
    { none: [{ field: 'payload.host', operator: 'starts', value: 'test-' }] },
  ],
};

/** Where events happen: triggers and rules on the ground, and a web process that takes calls. */
export class EventPlace {
  private made = 0;

  private constructor(
    private readonly ground: Ground,
    private readonly web: ChildProcess,
    private readonly port: number,
    private readonly agent: Agent,
  ) {}

  static async open(ground: Ground, atOnce: number): Promise<EventPlace> {
    const web = fork(webProgram, [], { env: process.env });
    const port = await new Promise<number>((resolve, reject) => {
      web.once('message', (said) => resolve(Number(said)));
      web.once('exit', (code) => reject(new Error(`the web process ended with ${String(code)}`)));
    });
    return new EventPlace(ground, web, port, new Agent({ keepAlive: true, maxSockets: atOnce }));
  }

  /** A new trigger with a webhook; gives its ref and the path of its address. */
  async trigger(): Promise<{ ref: string; path: string }> {
    const ref = `ops.bench_trigger_${(this.made += 1)}`;
    const { webhookUrl } = await createTrigger(this.ground.actor, {
      ...{ packRef: 'ops', ref, label: ref, description: '', webhook: true },
    });
    return { ref, path: new URL(webhookUrl ?? '').pathname };
  }

  async rule(triggerRef: string, conditions: JsonObject, actionRef = 'core.echo'): Promise<void> {
    const ref = `ops.bench_rule_${(this.made += 1)}`;
    await createRule(this.ground.actor, {
      ...{ packRef: 'ops', ref, label: ref, description: '', triggerRef, actionRef, conditions },
      ...{ actionParams: {}, enabled: true },
    });
  }

  /** Calls a webhook. Gives the id of the event. @throws Error when the call was not accepted */
  post(path: string): Promise<number> {
    const body = JSON.stringify(payload);
    const options = {
      ...{ host: '127.0.0.1', port: this.port, path, method: 'POST', agent: this.agent },
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    };
    return new Promise((resolve, reject) => {
      const call = request(options, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(parts).toString();
          if (response.statusCode !== 200)
            reject(new Error(`a webhook answered ${response.statusCode}: ${text}`));
          else resolve((JSON.parse(text) as { data: { event_id: number } }).data.event_id);
        });
      });
      call.on('error', reject);
      call.end(body);
    });
  }

  /** How many of these events are stored. */
  async countStored(ids: readonly number[]): Promise<number> {
    const [row] = await querySystem<{ count: number }>(
      'SELECT count(DISTINCT id)::int AS count FROM event WHERE tenant_id = $1 AND id = ANY ($2)',
      [this.ground.actor.tenantId, ids],
    );
    return row?.count ?? 0;
  }

  close(): void {
    this.agent.destroy();
    this.web.disconnect();
  }
}

/** Does something so many times, so many at any time. */
export async function inLanes(count: number, atOnce: number, work: () => Promise<unknown>): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left > 0) {
        left -= 1;
        await work();
      }
    }),
  );
}
