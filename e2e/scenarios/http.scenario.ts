import { startHttpServer, type HttpServer } from './http-server';
import { expect, scenario } from './scenario';
import { statesOf } from './spans';
import type { Json } from '../records';

interface Result {
  succeeded: boolean;
  error: string | null;
  data: {
    status_code: number;
    success: boolean;
    headers: Record<string, string>;
    body: string;
    json: Json;
    url: string;
  };
}

let server: HttpServer;
scenario.beforeAll(async () => {
  server = await startHttpServer((heard, response, count) => {
    const path = heard.url.replace(/\?.*/, '');
    if (path.startsWith('/echo'))
      response.setHeader('content-type', 'application/json').end(JSON.stringify(heard));
    else if (path === '/missing') response.writeHead(404).end('nothing here');
    else if (path === '/template') response.end('{"text": "{{ 7 * 7 }}"}');
    else if (path === '/moved') response.writeHead(302, { location: '/echo/moved' }).end();
    else if (path === '/inward')
      response.writeHead(302, { location: 'http://169.254.169.254/latest/' }).end();
    else if (path === '/shaky') response.writeHead(count < 3 ? 503 : 200).end(`try ${count}`);
    // All else is silence.
  });
});
scenario.afterAll(() => server.close());

scenario.describe('HTTP requests', () => {
  scenario(
    'T3.18 method, headers, query and body go out; status, headers and body come back',
    async ({ studio }) => {
      const id = await studio.run('core.http_request', {
        url: `${server.url}/echo/all`,
        method: 'POST',
        headers: { 'X-Trace': 'abc' },
        query: { page: 2 },
        body: { name: 'Ada' },
      });
      const { state, result } = await studio.ended<Result>(id);
      expect(state).toBe('completed');
      expect(server.heard('/echo/all')).toMatchObject([
        { method: 'POST', url: '/echo/all?page=2', headers: { 'x-trace': 'abc' }, body: '{"name":"Ada"}' },
      ]);
      expect(result.data).toMatchObject({
        status_code: 200,
        success: true,
        headers: { 'content-type': 'application/json' },
        json: { method: 'POST', body: '{"name":"Ada"}' },
      });
      expect((await studio.log(id)).system).toContain(`POST ${server.url}/echo/all → 200 OK`);
    },
  );

  scenario('T3.18 any answer completes, and a workflow goes by its status', async ({ studio }) => {
    const ref = await studio.publishWorkflow(
      'by_status',
      `
parameters: { at: { type: string } }
tasks:
  - name: ask
    action: core.http_request
    input: { url: "{{ parameters.at }}/missing" }
    next:
      - { when: "{{ result().success }}", do: [found] }
      - { when: "{{ result().status_code == 404 }}", publish: [ { said: "{{ result().body }}" } ], do: [gone] }
  - { name: found, action: core.noop }
  - { name: gone, action: core.noop }
output_map: { said: "{{ workflow.said }}" }
`,
    );
    const id = await studio.run(ref, { at: server.url });
    const run = await studio.ended(id);
    expect(statesOf(await studio.tree(id))).toEqual({
      root: 'completed',
      ask: 'completed',
      gone: 'completed',
    });
    expect(run.result).toMatchObject({ said: 'nothing here' });
  });

  scenario('T3.18 an HTTP action fills its templates from its parameters', async ({ studio }) => {
    const action = await studio.createAction('greet', {
      runtime: 'http',
      code: `url: ${server.url}/echo/{{ name | lower }}\nmethod: PUT\nheaders: { X-Name: "{{ name }}" }\nbody: { count: "{{ count }}" }\n`,
      parameters: { name: { type: 'string' }, count: { type: 'integer', default: 3 } },
    });
    const { state, result } = await studio.ended<Result>(await studio.run(action, { name: 'ADA' }));
    expect(state).toBe('completed');
    expect(result.data).toMatchObject({ status_code: 200 });
    expect(server.heard('/echo/ada')).toMatchObject([
      { method: 'PUT', headers: { 'x-name': 'ADA' }, body: '{"count":3}' },
    ]);
  });

  scenario('T3.18 what an answer says is never a template', async ({ studio }) => {
    const ref = await studio.publishWorkflow(
      'relay',
      `
parameters: { at: { type: string } }
tasks:
  - { name: ask, action: core.http_request, input: { url: "{{ parameters.at }}/template" }, on_success: keep }
  - { name: keep, action: core.set, input: { text: "{{ task.ask.result.data.json.text }}", body: "{{ task.ask.result.data.body }}" } }
output_map: { kept: "{{ task.keep.result.data }}" }
`,
    );
    const { result } = await studio.ended(await studio.run(ref, { at: server.url }));
    expect(result).toMatchObject({ kept: { text: '{{ 7 * 7 }}', body: '{"text": "{{ 7 * 7 }}"}' } });
  });

  scenario(
    'T3.18 secrets in headers are sent and shown nowhere, also when the answer repeats them',
    async ({ studio }) => {
      const token = `canary-${Date.now()}`;
      const headers = { 'X-Api-Key': `${token}-key`, Authorization: `Bearer ${token}-bearer` };
      const id = await studio.run('core.http_request', { url: `${server.url}/echo/secret`, headers });
      const execution = await studio.ended<Result>(id);
      expect(execution.state).toBe('completed');
      expect(server.heard('/echo/secret')).toMatchObject([
        { headers: { 'x-api-key': `${token}-key`, authorization: `Bearer ${token}-bearer` } },
      ]);
      const seen = [execution, await studio.tree(id), await studio.log(id), await studio.changes(id)];
      expect(JSON.stringify(seen)).not.toContain(token);
    },
  );

  scenario('T3.18 redirects are followed, and reported where they led', async ({ studio }) => {
    const { result } = await studio.ended<Result>(
      await studio.run('core.http_request', { url: `${server.url}/moved` }),
    );
    expect(result.data).toMatchObject({ status_code: 200, url: `${server.url}/echo/moved` });
    const unfollowed = await studio.ended<Result>(
      await studio.run('core.http_request', { url: `${server.url}/moved`, follow_redirects: false }),
    );
    expect(unfollowed.result.data).toMatchObject({ status_code: 302, success: false });
  });

  scenario(
    'T3.18 addresses that are not public are refused, however they are written',
    async ({ studio }) => {
      const urls = [
        'http://[::1]:4173/health',
        'http://169.254.169.254/latest/meta-data/',
        'http://10.0.0.1/',
        'http://0x7f.0.0.2/',
        'http://[::ffff:192.168.0.1]/',
        `${server.url}/inward`,
      ];
      const ids = await Promise.all(urls.map((url) => studio.run('core.http_request', { url })));
      for (const id of ids)
        expect(await studio.ended<Result>(id)).toMatchObject({
          state: 'failed',
          error: expect.stringContaining('is not a public address, so it was not asked'),
        });
    },
  );

  scenario('T3.18 no answer fails it, with the reason', async ({ studio }) => {
    const dead = await startHttpServer(() => {});
    dead.close();
    const [refused, late] = await Promise.all([
      studio.run('core.http_request', { url: `${dead.url}/x` }),
      studio.run('core.http_request', { url: `${server.url}/silence`, timeout: 0.5 }),
    ]);
    expect(await studio.ended(refused)).toMatchObject({
      state: 'failed',
      error: `No answer from GET ${dead.url}/x: nothing listens there.`,
    });
    expect(await studio.ended(late)).toMatchObject({
      state: 'failed',
      error: `No answer from GET ${server.url}/silence: timed out after 0.5 s.`,
    });
  });

  scenario('T3.18 a task tries again on an answer that it calls a failure', async ({ studio }) => {
    const ref = await studio.publishWorkflow(
      'shaky',
      `
parameters: { at: { type: string } }
tasks:
  - name: ask
    action: core.http_request
    input: { url: "{{ parameters.at }}/shaky", fail_on_error: true }
    retry: { count: 3, delay: 0.1 }
output_map: { said: "{{ task.ask.result.data.body }}" }
`,
    );
    const id = await studio.run(ref, { at: server.url });
    expect(await studio.ended(id)).toMatchObject({ state: 'completed', result: { said: 'try 3' } });
    const attempts = (await studio.tree(id)).filter(({ taskName }) => taskName === 'ask');
    expect(attempts.map(({ state }) => state)).toEqual(['failed', 'failed', 'completed']);
  });

  scenario('T3.18 cancelling closes the connection at once', async ({ studio }) => {
    const before = server.heard('/hanging').length;
    const id = await studio.run('core.http_request', { url: `${server.url}/hanging`, timeout: 600 });
    await expect.poll(() => server.heard('/hanging').length).toBeGreaterThan(before);
    await studio.cancel(id);
    expect((await studio.ended(id)).state).toBe('cancelled');
  });
});
