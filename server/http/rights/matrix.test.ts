import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inSystem } from '../../db';
import type { Actor } from '../../identities/actor';
import { signExecutionToken } from '../../identities/execution-token';
import { builtInPermissionSets } from '../../identities/permission-sets';
import { defaultTenantId } from '../../packs/refs';
import { makeTenant } from '../../packs/test-people';
import { stopBoss } from '../../queue';
import { makeMember, password, startRestServer, type RestServer } from '../rest/rest-fixture';
import { linesBeside } from './beside';
import { lines, type Line } from './lines';
import { sample } from './sample';
import { makePackFolder, World, type Names } from './world';

/**
 * Who may call what: every route and every procedure, called as everybody, against docs/rights.md. Where something new
 * is declared, or somebody may more or less than before, run this file with `-u` and look at what changed there.
 */

const callers = [
  'anonymous',
  'viewer',
  'approver',
  'executor',
  'editor',
  'admin',
  'stranger',
  'execution',
] as const;
type Caller = (typeof callers)[number];

/** Bodies that the schema alone does not tell how to make. */
const special: Record<string, (names: Names) => object | Promise<object>> = {
  'POST /auth/login': () => ({ login: people.viewer.login, password }),
  'auth.signIn': () => ({ login: people.viewer.login, password }),
  'auth.changePassword': () => ({ current: password, next: password }),
  'POST /auth/token-login': async () => ({ token: await world.apiToken() }),
  'POST /auth/refresh': async () => ({ refresh_token: await refreshTokenOf(people.viewer.login) }),
  'POST /api/v1/packs/register': async () => ({ path: (await makePackFolder(world.fresh())).folder }),
  'packs.registerFolder': async () => ({ path: (await makePackFolder(world.fresh())).folder }),
  'packs.registerGit': () => ({ url: 'file:///no/such/repository.git' }),
  'POST /api/v1/workflows': (names) => ({
    ...{ ref: names['ref'], pack_ref: names['pack_ref'], label: 'x', version: '1' },
    definition: { tasks: [{ name: 'a', action: 'core.noop' }] },
  }),
  'workflows.saveDraft': ({ ref, draft_version: draftVersion }) => ({
    ...{ ref, draftVersion, layout: { positions: {} } },
    definition: { tasks: [{ name: 'a', action: 'core.noop' }] },
  }),
  'workflows.pin': ({ ref }) => ({ ref, task: 'a', result: { succeeded: true } }),
  'workflows.here': ({ ref }) => ({ ref, tab: randomUUID() }),
  'POST /api/v1/permissions/assignments': (names) => ({
    identity_id: names['identity_id'],
    permission_set_ref: 'core.viewer',
  }),
  'POST /api/v1/rules/{ref}/test': () => ({ payload: {} }),
  'rules.test': ({ ref, trigger_ref: triggerRef }) => ({ ref, triggerRef, conditions: {}, payload: {} }),
  'rules.backtest': ({ ref, trigger_ref: triggerRef }) => ({ ref, triggerRef, conditions: {} }),
  'POST /api/v1/sensors': (names) => ({
    ...{ ref: names['ref'], pack_ref: names['pack_ref'], label: 'x', entrypoint: 'x.py' },
    ...{ runtime_ref: 'core.python', trigger_ref: names['trigger_ref'] },
  }),
  'sensors.create': (names) => ({
    ...{ ref: names['ref'], packRef: names['pack_ref'], label: 'x', description: '', runtime: 'shell' },
    ...{ code: 'true', triggerRefs: [names['trigger_ref']], paramSchema: {}, config: {}, enabled: true },
  }),
  'sensors.update': ({ ref }) => ({ ref, label: 'x' }),
  'POST /api/v1/tenants': ({ login }) => ({ name: login, admin: { login, password } }),
  'tenants.create': ({ login }) => ({ name: login, admin: { login, password } }),
  'people.join': () => ({ login: people.stranger.login, permissionSets: [] }),
  'access.assign': ({ identity_id: identityId }) => ({ identityId, setRef: 'core.viewer' }),
  'packs.file': ({ ref }) => ({ ref, path: 'pack.yaml' }),
};

/** What even an administrator is not given by these calls, and why. */
const unfulfilled: Record<string, string> = {
  'POST /auth/ldap/login': 'no directory is configured',
  'packs.registerGit': 'there is no such repository',
};

interface Answer {
  status: number;
  text: string;
}

let beside: Line[] = [];
let rest: RestServer;
let world: World;
let people: Record<'viewer' | 'approver' | 'executor' | 'editor' | 'admin' | 'stranger', Actor>;
const tokens = new Map<Caller, string>();
const cookies = new Map<Caller, string>();
const table = new Map<string, Record<Caller, Answer>>();
/** What a stranger is told of something that nobody has. */
const ofNothing = new Map<string, Answer>();

async function signIn(caller: Caller, { login }: Actor): Promise<void> {
  tokens.set(caller, await rest.tokenOf(login));
  const response = await fetch(`${rest.origin}/trpc/auth.signIn`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-attune': '1' },
    body: JSON.stringify({ login, password }),
  });
  cookies.set(caller, (response.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '');
}

async function refreshTokenOf(login: string): Promise<string> {
  const { body } = await rest.call('POST', '/auth/login', { body: { login, password } });
  return String(body.data?.['refresh_token']);
}

async function makeExecutionToken(tenantId: number, requester: number): Promise<string> {
  const [row] = await inSystem((tx) =>
    tx.query<{ id: number }>(
      `INSERT INTO execution (id, root_id, tenant_id, action_ref, state, fence, requested_by, lease_until)
       SELECT id, id, $1, 'core.noop', 'running', 1, $2, now() + interval '1 hour' FROM (SELECT nextval('execution_id_seq') AS id) AS next RETURNING id`,
      [tenantId, requester],
    ),
  );
  const executionId = row?.id ?? 0;
  const attempt = { tenantId, rootId: executionId, executionId, fence: 1, timeoutSeconds: 600 };
  return signExecutionToken(attempt, ['core.executor']);
}

beforeAll(async () => {
  rest = await startRestServer();
  const member = (name: string, set: string, tenantId = defaultTenantId) =>
    makeMember(tenantId, name, [], [set]);
  people = {
    viewer: await member('Vera', 'core.viewer'),
    approver: await member('Apu', 'core.approver'),
    executor: await member('Eve', 'core.executor'),
    editor: await member('Edda', 'core.editor'),
    admin: await member('Ada', 'core.admin'),
    stranger: await member('Sten', 'core.admin', await makeTenant()),
  };
  for (const [caller, actor] of Object.entries(people)) await signIn(caller as Caller, actor);
  tokens.set('execution', await makeExecutionToken(defaultTenantId, people.admin.identityId));
  world = new World(rest, people.admin, tokens.get('admin') ?? '');
  await world.begin();
  beside = linesBeside(await makeWebhook());
});
/** Gives its key. */
async function makeWebhook(): Promise<string> {
  const token = tokens.get('admin');
  const body = { ref: 'base.rung', pack_ref: 'base', label: 'Rung' };
  await rest.call('POST', '/api/v1/triggers', { token, body });
  const made = await rest.call('POST', '/api/v1/triggers/base.rung/webhooks/enable', { token, body: {} });
  return String(made.body.data?.['webhook_key']);
}

afterAll(async () => {
  await stopBoss();
  await rest.close();
});

function headersOf(line: Line, caller: Caller): Record<string, string> {
  const token = tokens.get(caller);
  if (line.kind === 'rest') return token === undefined ? {} : { authorization: `Bearer ${token}` };
  const cookie = cookies.get(caller);
  return {
    'x-attune': '1',
    ...(cookie !== undefined && { cookie }),
    // An execution has no cookie: its token does not count here.
    ...(cookie === undefined && token !== undefined && { authorization: `Bearer ${token}` }),
    ...(line.kind === 'subscription' && { accept: 'text/event-stream' }),
  };
}

async function inputOf(line: Line, names: Names): Promise<unknown> {
  const given = special[line.name];
  if (given) return given(names);
  return line.input ? sample(line.input, names) : undefined;
}

async function ask(line: Line, caller: Caller, names: Names): Promise<Answer> {
  const headers = headersOf(line, caller);
  const input = await inputOf(line, names);
  let address = line.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(names[name] ?? name));
  let body: string | FormData | null = null;
  if (line.isUpload) {
    body = new FormData();
    const { archive } = await makePackFolder(world.fresh());
    const file = new Blob([new Uint8Array(archive)]);
    body.set('pack', file, 'pack.tar.gz');
    body.set('file', file, 'x.tar.gz');
  } else if (line.kind === 'query' || line.kind === 'subscription') {
    if (input !== undefined) address += `?input=${encodeURIComponent(JSON.stringify(input))}`;
  } else if (line.kind === 'mutation' || line.input) {
    headers['content-type'] = 'application/json';
    body = JSON.stringify(input ?? {});
  }
  const ending = new AbortController();
  const response = await fetch(rest.origin + address, {
    method: line.method,
    headers,
    body,
    signal: ending.signal,
    redirect: 'manual',
  });
  const isStream = (response.headers.get('content-type') ?? '').includes('event-stream');
  const text = isStream ? '' : await response.text();
  ending.abort();
  return { status: response.status, text: withoutNames(text, names) };
}

/** So that what is said of one thing can be compared with what is said of another. */
function withoutNames(text: string, names: Names): string {
  return Object.values(names)
    .map(String)
    .sort((a, b) => b.length - a.length)
    .reduce(
      (said, name) =>
        said.replaceAll(new RegExp(`(?<![\\w-])${name.replaceAll(/[.*+?]/g, '\\$&')}(?!\\w)`, 'g'), '…'),
      text,
    );
}

const missing = (names: Names): Names =>
  Object.fromEntries(
    Object.entries(names).map(([name, value]) => [
      name,
      typeof value === 'number'
        ? 987_654_321
        : name === 'stream'
          ? value
          : value.includes('.')
            ? 'nosuch.thing'
            : 'nosuch',
    ]),
  );

/** After which whoever called signs in anew. */
const isEnding = ({ name }: Line) =>
  /^auth\.(signOut|changePassword|endOtherSessions|switchTenant)$|^DELETE \/auth\/sessions$/.test(name);

async function fill(line: Line): Promise<void> {
  const answers: Partial<Record<Caller, Answer>> = {};
  for (const caller of callers) {
    const target = line.noun ? await world.target(line.noun) : freshNames(line);
    const names = { ...world.common, ...target };
    const answer = await ask(line, caller, names);
    answers[caller] = answer;
    const isChange = line.method !== 'GET';
    if (line.noun && isChange && answer.status < 300) world.useUp(line.noun);
    if (caller === 'stranger' && ![401, 403].includes(answer.status) && answer.status >= 400)
      ofNothing.set(line.name, await ask(line, caller, missing(names)));
    if (isEnding(line) && caller in people) await signIn(caller, people[caller as keyof typeof people]);
    if (isEnding(line) && caller === 'admin') {
      world.speakFor(tokens.get('admin') ?? '');
      world.useUp('own session');
    }
  }
  table.set(line.name, answers as Record<Caller, Answer>);
}

/** Of something that is made by the call. */
function freshNames({ path }: Line): Names {
  const name = world.fresh();
  const isAlone = /^\/(api\/v1|trpc)\/(packs|keys|artifacts|identities|people)/.test(path);
  return { ref: isAlone ? name : `base.${name}`, login: name };
}

const cellOf = ({ status }: Answer) => (status < 300 || status === 409 ? '✓' : String(status));

function toMarkdown(): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const section = (title: string, of: readonly Line[]) => [
    `## ${title}`,
    '',
    row(['call', 'needs', ...callers]),
    row(['---', '---', ...callers.map(() => '---')]),
    ...of.map((line) => {
      const answers = table.get(line.name);
      return row([
        `\`${line.name}\``,
        line.needs,
        ...callers.map((one) => (answers ? cellOf(answers[one]) : '?')),
      ]);
    }),
    '',
  ];
  return [
    '# Who may call what',
    '',
    'Made by `server/http/rights/matrix.test.ts`, which calls each of them; run it with `-u` after a change, and read what changed.',
    '',
    'Viewer to admin hold the built-in permission set of that name; the stranger is an administrator of another tenant, and asks for the same things; the execution has a token with `core.executor`. ✓ it is done, or would be in another state (409); 401 sign in first; 403 the right is missing; 404 there is no such thing for them.',
    '',
    ...section(
      'REST',
      lines.filter(({ kind }) => kind === 'rest'),
    ),
    ...section(
      'The studio’s own calls (tRPC)',
      lines.filter(({ kind }) => kind !== 'rest'),
    ),
    ...section('Served beside the routes', beside),
    'What these need is asked for by themselves; who else the caller is makes no difference.',
    '',
  ].join('\n');
}

describe('the rights', () => {
  it('are what docs/rights.md says, of every route and every procedure', { timeout: 300_000 }, async () => {
    for (const line of lines) await fill(line);
    for (const line of beside) await fill(line);
    // Else not the right would have decided, but what was sent.
    const refused = [...table].flatMap(([name, { admin }]) =>
      cellOf(admin) === '✓' || unfulfilled[name] || beside.some((line) => line.name === name)
        ? []
        : [`${name}: ${admin.status} ${admin.text.slice(0, 300)}`],
    );
    expect(refused).toEqual([]);
    await expect(toMarkdown()).toMatchFileSnapshot('../../../docs/rights.md');
  });

  it('are nobody’s where something else authorises: all are answered alike', () => {
    for (const { name } of beside) {
      const answers = table.get(name);
      expect({ name, said: new Set(callers.map((caller) => answers?.[caller].status)).size }).toEqual({
        name,
        said: 1,
      });
    }
  });

  it('are what each declares, neither more nor less', () => {
    const wrong = lines.flatMap((line) => {
      if (line.rights.length === 0) return line.needs.startsWith('nothing') ? [line.name] : [];
      return builtInPermissionSets.flatMap(({ ref, grants }) => {
        const caller = ref.replace('core.', '') as Caller;
        const holds = line.rights.every((right) =>
          grants.some(
            ({ resource, actions }) => resource === right.resource && actions.includes(right.action),
          ),
        );
        const status = table.get(line.name)?.[caller].status;
        return holds === (status !== 403) ? [] : [`${line.name} as ${caller}: ${status}`];
      });
    });
    expect(wrong).toEqual([]);
  });

  it('tell a stranger of another tenant’s things exactly what they tell of none', () => {
    expect(ofNothing.size).toBeGreaterThan(50);
    for (const [name, answer] of ofNothing)
      expect({ name, ...table.get(name)?.stranger }).toEqual({ name, ...answer });
  });
});
