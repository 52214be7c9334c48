import type { JsonObject } from '../../fields';

/** What is served beside the declared routes. */

const json = (description: string, schema: JsonObject) => ({
  description,
  content: { 'application/json': { schema } },
});
const error = (description: string) => json(description, { $ref: '#/components/schemas/Error' });
const text = { type: 'string' };
const object = (...names: string[]) => ({
  type: 'object',
  required: names,
  properties: Object.fromEntries(names.map((name) => [name, text])),
});

function open(
  id: string,
  tag: string,
  summary: string,
  responses: JsonObject,
  more: JsonObject = {},
): JsonObject {
  return { operationId: id, tags: [tag], summary, security: [], ...more, responses };
}
const probe = (id: string, summary: string, schema: JsonObject, away: JsonObject): JsonObject => ({
  get: open(id, 'health', summary, { '200': json('Well', schema), '503': json('Not now', away) }),
});

export const otherPaths: Record<string, JsonObject> = {
  '/health': probe('health', 'Whether the process answers', object('status'), object('status')),
  '/health/live': probe('health_live', 'Whether the process answers', object('status'), object('status')),
  '/health/ready': probe(
    'health_ready',
    'Whether the process may be sent requests',
    object('status'),
    object('status', 'reason'),
  ),
  '/health/detailed': probe(
    'health_detailed',
    'The parts, and the version',
    {
      ...object('status', 'database', 'version'),
      properties: { status: text, database: text, version: text, workers: { type: 'integer' } },
    },
    object('status', 'database', 'version'),
  ),
  '/api/v1/webhooks/{key}': {
    post: open(
      'receive_webhook',
      'webhooks',
      'An event for the trigger whose key this is; the key is what authorises',
      {
        '200': json('One event', {
          type: 'object',
          required: ['data'],
          properties: {
            data: {
              type: 'object',
              required: ['event_id', 'trigger_ref', 'received_at', 'message'],
              properties: {
                event_id: { type: 'integer' },
                trigger_ref: text,
                received_at: text,
                message: text,
              },
            },
          },
        }),
        '202': json('Accepted; what comes of it is still to come', { type: 'object' }),
        '400': error('The body is empty or malformed'),
        '401': error('The signature is missing or wrong'),
        '403': error('The address is not on the list'),
        '404': error('No webhook has this key, or it is off'),
        '413': error('The body is too large'),
        '429': error('Too many; Retry-After says when to come back'),
        '503': error('The database is away'),
      },
      {
        parameters: [{ name: 'key', in: 'path', required: true, schema: text }],
        requestBody: {
          required: true,
          description:
            'An envelope {payload, headers?, source_ip?, user_agent?}, or any JSON, form or text as it is',
          content: {
            'application/json': { schema: {} },
            'application/x-www-form-urlencoded': { schema: { type: 'object' } },
            'text/plain': { schema: text },
          },
        },
      },
    ),
  },
  '/api/v1/agent/info': {
    get: open('agent_info', 'agent', 'What worker agents can be downloaded', {
      '200': json('Configured', { type: 'object' }),
      '503': error('Not configured'),
    }),
  },
  '/api/v1/agent/binary': {
    get: open(
      'agent_binary',
      'agent',
      'A worker agent, for its bootstrap token',
      {
        '200': { description: 'The program', content: { 'application/octet-stream': {} } },
        '400': error('There is no such architecture'),
        '401': error('Without its bootstrap token'),
        '503': error('Not configured'),
      },
      { parameters: [{ name: 'arch', in: 'query', required: false, schema: text }] },
    ),
  },
  '/ws': {
    get: open(
      'live',
      'live',
      'The live API, by WebSocket',
      {
        '101': { description: 'A WebSocket; the protocol attune.v1 is selected where it is offered' },
        '401': error('No token, or one that does not count'),
        '426': error('Not asked for as a WebSocket'),
      },
      {
        description:
          'Send the token as the header Authorization, or as the subprotocols attune.v1 and attune.jwt.<token>. The server sends {"type":"welcome", client_id, message}; send {"type":"subscribe","filter":F} with all, entity_type:<t>, entity:<t>:<id>, user:<id> or notification_type:<t>, and be sent {"type":"notification", notification_type, entity_type, entity_id, payload, user_id, timestamp} or {"type":"error", message}. An ended token closes with 4401.',
        security: [{ bearer: [] }],
      },
    ),
  },
};
