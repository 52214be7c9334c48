import { Hono } from 'hono';
import { env } from '../../env';
import type { HttpEnv } from '../bindings';
import { describeApi } from './document';
import { specPolicy, toSpecPage } from './page';

let made: { json: string; page: string } | undefined;

function spec(): { json: string; page: string } {
  return (made ??= (() => {
    const document = describeApi(env().ATTUNE_VERSION);
    return { json: JSON.stringify(document), page: toSpecPage(document) };
  })());
}

/** `/api-spec`: the description for people, and `/api-spec/openapi.json` for programs. No token: it says nothing of anybody’s. */
export function createSpec(): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.get('/', (c) => c.html(spec().page, 200, { 'content-security-policy': specPolicy }));
  app.get('/openapi.json', (c) => c.body(spec().json, 200, { 'content-type': 'application/json' }));
  return app;
}
