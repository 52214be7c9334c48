import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authRoutes } from '../../identities/rest';
import { startRestServer, type RestServer } from '../rest/rest-fixture';
import { apiRoutes } from '../rest/routes';

interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: object };
}
interface Operation {
  operationId: string;
  security?: unknown[];
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { schema: { properties?: object; required?: string[] } }> };
  responses: Record<string, { content?: Record<string, { schema?: object }> }>;
}

let rest: RestServer;
let document: Document;
beforeAll(async () => {
  rest = await startRestServer();
  const response = await fetch(`${rest.origin}/api-spec/openapi.json`);
  expect(response.headers.get('content-type')).toContain('application/json');
  document = (await response.json()) as Document;
});
afterAll(() => rest.close());

describe('the API’s description', () => {
  it('is valid OpenAPI 3.1', async () => {
    expect(document.openapi).toBe('3.1.0');
    const { valid, errors } = await new Validator().validate({ ...structuredClone(document) });
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  });

  it('has every route with its statuses, and an id of its own', () => {
    const routes = [
      ...apiRoutes.map((route) => ({ ...route, path: `/api/v1${route.path}` })),
      ...authRoutes.map((route) => ({ ...route, path: `/auth${route.path}` })),
    ];
    for (const { method, path, status, access, body, invalidStatus } of routes) {
      const operation = document.paths[path]?.[method];
      const statuses = Object.keys(operation?.responses ?? {});
      const expected = [
        String(status),
        '429',
        '503',
        ...(access === 'anyone' ? [] : ['401', '403']),
        ...(body ? [String(invalidStatus), '413', '415'] : []),
      ];
      expect([method, path, statuses]).toEqual([method, path, expect.arrayContaining(expected)]);
      const named = operation?.parameters?.filter((one) => one.in === 'path').map(({ name }) => name) ?? [];
      expect([path, named]).toEqual([path, [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)]);
    }
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has what is served beside them', () => {
    const others = ['/health', '/health/live', '/health/ready', '/health/detailed'].map((path) => [
      path,
      'get',
    ]);
    for (const [path = '', method = ''] of [
      ...others,
      ['/api/v1/webhooks/{key}', 'post'],
      ['/api/v1/agent/info', 'get'],
      ['/ws', 'get'],
    ])
      expect([path, document.paths[path]?.[method] !== undefined]).toEqual([path, true]);
  });

  it('refers to nothing that is not there', () => {
    const text = JSON.stringify(document);
    for (const [, name = ''] of text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g))
      expect(document.components.schemas).toHaveProperty(name);
    const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
    expect(count(/"\$ref":"/g)).toBe(count(/"\$ref":"#\/components\/schemas\//g));
  });

  it('tells envelopes, pages, forms and keys', () => {
    const { paths } = document;
    const names = (operation: Operation | undefined) => operation?.parameters?.map(({ name }) => name);
    const list = paths['/api/v1/packs']?.['get'];
    expect(names(list)).toEqual(
      expect.arrayContaining(['page', 'page_size', 'per_page', 'limit', 'offset', 'after']),
    );
    expect(list?.responses['200']?.content?.['application/json']?.schema).toMatchObject({
      required: ['items', 'pagination'],
    });
    const execute = paths['/api/v1/executions/execute']?.['post'];
    expect(execute?.requestBody?.content['application/json']?.schema).toMatchObject({
      required: ['action_ref'],
      properties: { action_ref: { type: 'string' } },
    });
    expect(names(execute)).toContain('Idempotency-Key');
    expect(
      paths['/api/v1/packs/upload']?.['post']?.requestBody?.content['multipart/form-data']?.schema,
    ).toMatchObject({ required: ['pack'] });
    expect(paths['/auth/login']?.['post']?.security).toEqual([]);
    expect(paths['/auth/login']?.['post']?.responses).toHaveProperty('422');
  });

  it('is a page too, which loads nothing and runs nothing', async () => {
    const response = await fetch(`${rest.origin}/api-spec`);
    const page = await response.text();
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page).toContain('/api/v1/executions/{id}/cancel');
    expect(page).not.toMatch(/<script|https?:\/\/|src=/);
  });
});

describe('an address that is not there', () => {
  it.each([
    ['GET', '/api/v1/nothing', 404],
    ['POST', '/api/v2/packs', 404],
    ['OPTIONS', '/api/v1/nothing', 404],
    ['PATCH', '/api/v1/packs', 405],
    ['OPTIONS', '/api/v1/packs/x', 405],
    ['GET', '/auth/login', 405],
    ['GET', '/api/v1/webhooks/wh_x', 405],
  ])('is told as JSON: %s %s', async (method, path, expected) => {
    const { status, body, headers } = await rest.call(method, path);
    expect(status).toBe(expected);
    expect(typeof body['error']).toBe('string');
    expect(headers.has('allow')).toBe(expected === 405);
  });

  it('answers HEAD like GET, without the body', async () => {
    const of = async (path: string) => (await fetch(rest.origin + path, { method: 'HEAD' })).status;
    expect([await of('/health'), await of('/api/v1/packs'), await of('/api/v1/nothing')]).toEqual([
      200, 401, 404,
    ]);
  });
});

describe('agents', () => {
  it.each(['info', 'binary', 'binary?arch=x86_64'])('are not configured: %s', async (path) => {
    const { status, body } = await rest.call('GET', `/api/v1/agent/${path}`);
    expect([status, body]).toEqual([503, { error: 'Not configured' }]);
  });
});
