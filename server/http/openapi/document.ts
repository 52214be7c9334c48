import type { z } from 'zod';
import type { JsonObject } from '../../fields';
import { authRoutes } from '../../identities/rest';
import { Pagination, PagingQuery } from '../rest/paging';
import type { Route } from '../rest/route';
import { apiRoutes } from '../rest/routes';
import { otherPaths } from './other-paths';
import { Schemas } from './schemas';

/** The API's own description (OpenAPI 3.1), made of the schemas that validate the requests. */
export function describeApi(version: string): JsonObject {
  const schemas = new Schemas();
  const paths: Record<string, JsonObject> = { ...otherPaths };
  const add = (prefix: string, routes: readonly Route[]) => {
    for (const route of routes) {
      const address = `${prefix}${route.path}`;
      paths[address] = { ...paths[address], [route.method]: toOperation(schemas, address, route) };
    }
  };
  add('/auth', authRoutes);
  add('/api/v1', apiRoutes);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Attune Studio',
      version,
      description:
        'Workflows, triggers, rules, approvals. Times are ISO 8601 in UTC. What you may not see is answered like what is not there.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(Object.keys(paths).map(tagOf))].sort().map((name) => ({ name })),
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'An access token of POST /auth/login or POST /auth/token-login.',
        },
      },
      schemas: {
        ...schemas.shared,
        Error: {
          type: 'object',
          required: ['error'],
          properties: {
            error: { type: 'string', description: 'What is wrong, where, and what to do' },
            code: { type: 'string', description: 'The same for programs' },
            details: {
              type: 'array',
              items: {
                type: 'object',
                required: ['path', 'message'],
                properties: { path: { type: 'string' }, message: { type: 'string' } },
              },
            },
          },
        },
        Pagination: schemas.of(Pagination, 'output'),
        Deleted: {
          type: 'object',
          required: ['success', 'message'],
          properties: { success: { const: true }, message: { type: 'string' } },
        },
      },
    },
  };
}

/** The noun of an address: /api/v1/packs/{ref} → packs. */
export function tagOf(address: string): string {
  const [, first = '', , third] = address.split('/');
  return first === 'api' ? (third ?? first) : first;
}

const idOf = (method: string, address: string) =>
  `${method}_${address
    .replace('/api/v1/', '')
    .replaceAll(/[{}]/g, '')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_/, '')}`;

function toOperation(schemas: Schemas, address: string, route: Route): JsonObject {
  const { access, method, summary } = route;
  const rights = typeof access === 'object' ? (access.also ? [access, access.also] : [access]) : [];
  const right = rights.map(({ resource, action }) => `${resource}:${action}`).join(' and ') || null;
  const parameters = [
    ...toParameters(schemas, route.params, 'path'),
    ...toParameters(schemas, route.query, 'query'),
    ...(route.envelope === 'list' ? toParameters(schemas, PagingQuery, 'query') : []),
    ...(route.isRepeatable ? [idempotencyKey] : []),
    ...(route.envelope === 'stream' ? [lastEventId] : []),
  ];
  const body = toBody(schemas, route);
  return {
    operationId: idOf(method, address),
    tags: [tagOf(address)],
    summary,
    ...(right && { description: `Needs the right ${right}.`, 'x-right': right }),
    ...(access === 'anyone' && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: { [String(route.status)]: toAnswer(schemas, route), ...toErrors(route) },
  };
}

const idempotencyKey: JsonObject = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'The first answer to this key is given again for 24 hours; with another request it is refused (409)',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};
const lastEventId: JsonObject = {
  name: 'Last-Event-ID',
  in: 'header',
  description: 'Go on after this event',
  schema: { type: 'string', maxLength: 60 },
};

function toParameters(
  schemas: Schemas,
  schema: z.ZodType | undefined,
  place: 'path' | 'query',
): JsonObject[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = schemas.of(schema, 'input') as {
    properties?: Record<string, JsonObject>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...own }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(typeof description === 'string' && { description }),
    schema: own,
  }));
}

function toBody(schemas: Schemas, route: Route): JsonObject | null {
  if (route.form) {
    const fields = route.form.fields ? schemas.of(route.form.fields, 'input') : { type: 'object' };
    const properties = {
      [route.form.file]: { type: 'string', contentMediaType: 'application/octet-stream' },
      ...(fields['properties'] as JsonObject | undefined),
    };
    const schema = { ...fields, properties, required: [route.form.file] };
    return { required: true, content: { 'multipart/form-data': { schema } } };
  }
  if (!route.body) return null;
  return {
    required: true,
    content: { 'application/json': { schema: schemas.of(route.body, 'input') } },
  };
}

function toAnswer(schemas: Schemas, route: Route): JsonObject {
  const description = route.status === 201 ? 'Made' : 'Done';
  const own = route.answer ? schemas.of(route.answer, 'output') : {};
  const json = (schema: JsonObject) => ({ description, content: { 'application/json': { schema } } });
  switch (route.envelope) {
    case 'one':
      return json({ type: 'object', required: ['data'], properties: { data: own } });
    case 'list':
      return json({
        type: 'object',
        required: ['items', 'pagination'],
        properties: {
          items: { type: 'array', items: own },
          pagination: { $ref: '#/components/schemas/Pagination' },
        },
      });
    case 'deleted':
      return json({ $ref: '#/components/schemas/Deleted' });
    case 'bare':
      return json(own);
    case 'file':
      return { description: 'The file', content: { 'application/octet-stream': {} } };
    case 'stream':
      return {
        description: 'Events, each with an id and this as its data',
        content: { 'text/event-stream': { schema: own } },
      };
  }
}

const meanings: Record<number, string> = {
  400: 'The request does not fit; details say where',
  401: 'No token, or one that does not count any more',
  403: 'A right is missing',
  404: 'There is none, or none that the caller may see',
  409: 'There is one already, or its state does not allow it',
  413: 'The body is too large',
  415: 'The body is of another type',
  422: 'The body does not fit; details say where',
  429: 'Too many; Retry-After says when to come back',
  501: 'Not made, or not set up, here',
  503: 'A part is away or not configured; Retry-After says when to come back',
};

function toErrors(route: Route): JsonObject {
  const { access, method, body, isUpload, params, invalidStatus } = route;
  const takes = body !== undefined || isUpload;
  const statuses = [
    // Of every route: an address can hold a text that is none.
    invalidStatus,
    ...(access === 'anyone' ? [401] : [401, 403]),
    ...(params || takes || route.envelope === 'stream' ? [404] : []),
    ...(method === 'get' ? [] : [409]),
    ...(takes ? [413, 415] : []),
    ...[429, 503],
    ...route.alsoAnswers,
  ];
  return Object.fromEntries(
    [...new Set(statuses)].map((status) => [
      String(status),
      {
        description: meanings[status] ?? '',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    ]),
  );
}
