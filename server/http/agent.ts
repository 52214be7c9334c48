import { Hono } from 'hono';
import type { HttpEnv } from './bindings';

/** `/api/v1/agent`: worker agents to download. None is offered here, which is told without asking who calls. */
export function createAgent(): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  for (const path of ['/info', '/binary']) app.get(path, (c) => c.json({ error: 'Not configured' }, 503));
  return app;
}
