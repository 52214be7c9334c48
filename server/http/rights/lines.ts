import { z } from 'zod';
import { authRoutes } from '../../identities/rest';
import type { Resource, RightAction } from '../../identities/schema';
import { appRouter } from '../../router';
import type { Route } from '../rest/route';
import { apiRoutes } from '../rest/routes';

interface Right {
  resource: Resource;
  action: RightAction;
}

/** Everything that may be called, as the rights matrix has it: each route of the API, each procedure of the studio. */
export interface Line {
  /** `GET /api/v1/keys`, or `keys.list`. */
  name: string;
  /** As it is declared: `keys:read`, `signed in`, `anyone`; with ` or self` where people may do it about themselves. */
  needs: string;
  rights: readonly Right[];
  /** Of what there must be one for the call: see `nounOf`. */
  noun: Noun | null;
  kind: 'rest' | 'query' | 'mutation' | 'subscription';
  method: string;
  path: string;
  isUpload: boolean;
  /** What goes into the body, or is a procedure's input. */
  input: JsonSchema | null;
}

/** The part of JSON Schema that samples are made of. */
export interface JsonSchema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  properties?: { [name: string]: JsonSchema };
  required?: string[];
  items?: JsonSchema;
  minItems?: number;
  minimum?: number;
  minLength?: number;
}

export const nouns = [
  'pack',
  'pack with files',
  'action',
  'workflow',
  'saved inputs',
  'shared inputs',
  'trigger',
  'delivery',
  'rule',
  'sensor',
  'queue',
  'item',
  'key',
  'artifact',
  'progress',
  'runtime',
  'execution',
  'workflow run',
  'inquiry',
  'identity',
  'assignment',
  'integration token',
  'set with role',
  'event',
  'enforcement',
  'worker',
  'environment',
  'audit event',
  'own token',
  'own session',
  'own tenant',
  'tenant',
  'team',
] as const;
export type Noun = (typeof nouns)[number];

/** The first that fits. */
const ofAddress: readonly [RegExp, Noun][] = [
  [/^(\/teams\/\{id\}|access\.(updateTeam|removeTeam))/, 'team'],
  [/^access\.(giveRole|takeRole|resolved)/, 'identity'],
  [/^access\.(updateSet|removeSet)/, 'set with role'],
  [/^access\.take$/, 'assignment'],
  [/^(\/sessions\/\{id\}|auth\.endSession)/, 'own session'],
  [/^(\/switch-tenant|auth\.(switch|leave)Tenant)/, 'own tenant'],
  [/^(\/tenants\/\{id\}|tenants\.)/, 'tenant'],
  [/^\/queues\/\{ref\}\/items\/\{id\}/, 'item'],
  [/^\/queues\/\{ref\}/, 'queue'],
  [/deliveries\/\{id\}/, 'delivery'],
  [/^\/triggers\/\{ref\}/, 'trigger'],
  [/^\/identities\/\{id\}\/integration-tokens\/\{token\}/, 'integration token'],
  [/^\/identities\/\{id\}/, 'identity'],
  [/^\/permissions\/sets\/\{id\}/, 'set with role'],
  [/^\/permissions\/assignments\/\{id\}/, 'assignment'],
  [/^\/packs\/\{ref\}/, 'pack'],
  [/^packs\.file$/, 'pack with files'],
  [/^\/runtimes\/\{ref\}/, 'runtime'],
  [/^\/artifacts\/\{id\}\/progress/, 'progress'],
  [/^artifacts\.(addEntry|entries)/, 'progress'],
  [/^executions\.run$/, 'workflow run'],
  [/^\/actions\/\{ref\}/, 'action'],
  [/^\/workflows\/\{ref\}/, 'workflow'],
  [/^\/rules\/\{ref\}/, 'rule'],
  [/^\/sensors\/\{ref\}/, 'sensor'],
  [/^\/keys\/\{ref\}/, 'key'],
  [/^\/artifacts\/(ref\/\{ref\}|\{id\})/, 'artifact'],
  [/^\/executions\/\{id\}/, 'execution'],
  [/^\/inquiries\/\{id\}/, 'inquiry'],
  [/^\/events\/\{id\}/, 'event'],
  [/^\/enforcements\/\{id\}/, 'enforcement'],
  [/^\/workers\/\{id\}/, 'worker'],
  [/^\/audit-events\/\{id\}/, 'audit event'],
  [/^queues\.(changeItem|cancelItem)/, 'item'],
  [/^queues\./, 'queue'],
  [/^webhooks\.(delivery|redeliver)/, 'delivery'],
  [/^(webhooks|triggers)\./, 'trigger'],
  [/^packs\.rebuildEnvironment/, 'environment'],
  [/^packs\./, 'pack'],
  [/^people\./, 'identity'],
  [/^auth\.revokeToken/, 'own token'],
  [/^actions\./, 'action'],
  [/^workflows\.removeInputSet$/, 'saved inputs'],
  [/^workflows\.removeSharedInputSet$/, 'shared inputs'],
  [/^workflows\./, 'workflow'],
  [/^(executions\.|live\.log)/, 'execution'],
  [/^inquiries\./, 'inquiry'],
  [/^sensors\./, 'sensor'],
  [/^rules\./, 'rule'],
  [/^events\./, 'event'],
  [/^keys\./, 'key'],
  [/^artifacts\./, 'artifact'],
  [/^workers\./, 'worker'],
];
const nounOf = (address: string) => ofAddress.find(([pattern]) => pattern.test(address))?.[1] ?? null;

function toJsonSchema(schema: z.ZodType | undefined): JsonSchema | null {
  return schema ? (z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema) : null;
}

const toText = (rights: readonly Right[]) =>
  rights.map(({ resource, action }) => `${resource}:${action}`).join(', ');

function ofRoute(prefix: string, route: Route): Line {
  const { access } = route;
  const method = route.method.toUpperCase();
  const rights = typeof access === 'string' ? [] : [access, ...(access.also ? [access.also] : [])];
  return {
    name: `${method} ${prefix}${route.path}`,
    needs: typeof access === 'string' ? access : toText(rights) + (access.orSelf ? ' or self' : ''),
    rights,
    noun: nounOf(route.path),
    kind: 'rest',
    method,
    path: prefix + route.path,
    isUpload: route.isUpload,
    input: toJsonSchema(route.body),
  };
}

/** What tRPC keeps of a procedure. */
interface Procedure {
  _def: {
    type: 'query' | 'mutation' | 'subscription';
    meta?: { needs?: Right; also?: Right; anyone?: true; signedIn?: true };
    inputs: z.ZodType[];
  };
}

function ofProcedure(name: string, { _def: { type, meta, inputs } }: Procedure): Line {
  const rights = [meta?.needs, meta?.also].filter((right) => right !== undefined);
  const open = meta?.anyone ? 'anyone' : meta?.signedIn ? 'signed in' : 'nothing is declared';
  const [input] = inputs;
  const schema = toJsonSchema(input);
  // A draft of a rule may be tried before there is one: `ref` is left out then.
  const fields = name.startsWith('rules.') ? Object.keys(schema?.properties ?? {}) : schema?.required;
  const isOfOne = fields?.some((field) =>
    ['ref', 'id', 'executionId', 'queueRef', 'tenantId', 'identityId'].includes(field),
  );
  return {
    name,
    needs: rights.length > 0 ? toText(rights) : open,
    rights,
    noun: isOfOne === true && !/\.create|\.assign$/.test(name) ? nounOf(name) : null,
    kind: type,
    method: type === 'mutation' ? 'POST' : 'GET',
    path: `/trpc/${name}`,
    isUpload: false,
    input: schema,
  };
}

export const lines: readonly Line[] = [
  ...authRoutes.map((route) => ofRoute('/auth', route)),
  ...apiRoutes.map((route) => ofRoute('/api/v1', route)),
  ...Object.entries(
    (appRouter as unknown as { _def: { procedures: Record<string, Procedure> } })._def.procedures,
  ).map(([name, procedure]) => ofProcedure(name, procedure)),
];
