import { Api, type Answered } from '../api';
import { expect, scenario } from './scenario';

/** The public API as other programs use it: tenants, roles and tokens, over HTTP alone. */

const shell = { runtime_ref: 'core.shell', output_format: 'text' };

/** One of everything, in the client's own tenant. */
async function makeOneOfEach(api: Api): Promise<Record<string, string>> {
  await api.made('/packs', { ref: 'own', label: 'Own', version: '1.0.0', visibility: 'tenant' });
  await api.made('/actions', {
    ref: 'own.say',
    pack_ref: 'own',
    label: 'Say',
    entrypoint: 'echo said',
    ...shell,
  });
  await api.made('/triggers', { ref: 'own.rang', pack_ref: 'own', label: 'Rang' });
  await api.made('/rules', {
    ref: 'own.on_ring',
    pack_ref: 'own',
    label: 'On ring',
    trigger_ref: 'own.rang',
    action_ref: 'own.say',
  });
  await api.made('/workflows', {
    ref: 'own.flow',
    pack_ref: 'own',
    label: 'Flow',
    version: '1.0.0',
    definition: { tasks: [{ name: 'a', action: 'own.say' }] },
    param_schema: {},
    out_schema: {},
  });
  await api.made('/keys', { ref: 'own.secret', name: 'Secret', value: 'canary', owner_type: 'system' });
  await api.made('/queues', {
    ref: 'own.line',
    label: 'Line',
    dispatch_action_ref: 'own.say',
    enabled: false,
  });
  const execution = await api.made('/executions/execute', { action_ref: 'own.say' });
  const inquiry = await api.made('/inquiries', {
    execution: execution.id,
    prompt: 'Really?',
    response_schema: {},
  });
  const artifact = await api.made('/artifacts', {
    ref: 'own.notes',
    name: 'Notes',
    scope: 'pack',
    owner: 'own',
    type: 'progress',
  });
  const { body } = await api.call('POST', '/triggers/own.rang/webhooks/enable');
  const key = String(body.data?.['webhook_key']);
  const rung = await api.call('POST', `/webhooks/${key}`, { payload: { n: 1 } });
  const event = String(rung.body.data?.['event_id']);
  return {
    packs: 'own',
    actions: 'own.say',
    triggers: 'own.rang',
    rules: 'own.on_ring',
    workflows: 'own.flow',
    keys: 'own.secret',
    queues: 'own.line',
    executions: String(execution.id),
    inquiries: String(inquiry.id),
    artifacts: String(artifact.id),
    events: event,
    identities: String(api.userId),
  };
}

const names = ({ body }: Answered) => JSON.stringify(body.items);

scenario.describe('tenants', () => {
  scenario(
    'T1.7 what another tenant has is not there: by its name, its id, in lists, logs and trees',
    async ({ baseURL }) => {
      const open = await Api.open(baseURL ?? '');
      const ada = await open.registerTenant('ada');
      const eve = await open.registerTenant('eve');
      const things = await makeOneOfEach(ada);
      for (const [kind, name] of Object.entries(things)) {
        const path = `/${kind}/${name}`;
        expect([path, (await ada.call('GET', path)).status]).toEqual([path, 200]);
        expect([path, (await eve.call('GET', path)).status]).toEqual([path, 404]);
        expect([path, (await eve.call('DELETE', path)).status]).toEqual([path, 404]);
        // A name that both could have, and ids that only one has.
        const listed = names(await eve.call('GET', `/${kind}?page_size=1000`));
        expect([kind, listed.includes(`"${name}"`), listed.includes(`"id":${name},`)]).toEqual([
          kind,
          false,
          false,
        ]);
      }
      for (const [method, path, body] of [
        ['POST', `/executions/${things['executions']}/cancel`, undefined],
        ['POST', `/executions/${things['executions']}/rerun`, {}],
        ['GET', `/executions/${things['executions']}/logs`, undefined],
        ['GET', `/executions/${things['executions']}/tree`, undefined],
        ['POST', `/inquiries/${things['inquiries']}/respond`, { response: {} }],
        ['PUT', `/keys/own.secret`, { value: 'mine' }],
        ['PUT', `/rules/own.on_ring`, { label: 'mine' }],
        ['POST', `/rules/own.on_ring/disable`, undefined],
        ['POST', `/triggers/own.rang/webhooks/regenerate`, undefined],
        ['POST', `/queues/own.line/items`, { payload: {} }],
        ['POST', `/executions/execute`, { action_ref: 'own.say' }],
        ['POST', `/inquiries`, { execution: Number(things['executions']), prompt: 'x', response_schema: {} }],
        ['POST', `/identities/${things['identities']}/integration-tokens`, { label: 'x' }],
      ] as const)
        expect([path, (await eve.call(method, path, body)).status]).toEqual([path, 404]);
      // And the same names are free for her.
      expect(await makeOneOfEach(eve)).toMatchObject({ packs: 'own', keys: 'own.secret' });
      expect((await ada.call('GET', '/keys/own.secret')).body.data).toMatchObject({ value: 'canary' });
      await open.close();
    },
  );
});

scenario.describe('roles', () => {
  /** What each built-in set may do with things of its own tenant: y, or n for 403. */
  const matrix: [string, string, object | null, Record<Role, 'y' | 'n'>][] = [
    ['GET', '/packs', null, { admin: 'y', editor: 'y', executor: 'y', approver: 'y', viewer: 'y' }],
    ['GET', '/actions', null, { admin: 'y', editor: 'y', executor: 'y', approver: 'y', viewer: 'y' }],
    ['GET', '/rules', null, { admin: 'y', editor: 'y', executor: 'y', approver: 'y', viewer: 'y' }],
    ['GET', '/executions', null, { admin: 'y', editor: 'y', executor: 'y', approver: 'y', viewer: 'y' }],
    ['GET', '/events', null, { admin: 'y', editor: 'y', executor: 'y', approver: 'y', viewer: 'y' }],
    ['GET', '/inquiries', null, { admin: 'y', editor: 'y', executor: 'y', approver: 'y', viewer: 'y' }],
    ['GET', '/keys', null, { admin: 'y', editor: 'y', executor: 'y', approver: 'n', viewer: 'y' }],
    ['GET', '/identities', null, { admin: 'y', editor: 'n', executor: 'n', approver: 'n', viewer: 'n' }],
    [
      'GET',
      '/permissions/sets',
      null,
      { admin: 'y', editor: 'n', executor: 'n', approver: 'n', viewer: 'n' },
    ],
    [
      'POST',
      '/executions/execute',
      { action_ref: 'own.say' },
      { admin: 'y', editor: 'y', executor: 'y', approver: 'n', viewer: 'n' },
    ],
    [
      'POST',
      '/packs',
      { ref: 'p-ROLE', label: 'x', version: '1' },
      { admin: 'y', editor: 'y', executor: 'n', approver: 'n', viewer: 'n' },
    ],
    [
      'POST',
      '/actions',
      { ref: 'own.a-ROLE', pack_ref: 'own', label: 'x', entrypoint: 'true' },
      { admin: 'y', editor: 'y', executor: 'n', approver: 'n', viewer: 'n' },
    ],
    [
      'POST',
      '/triggers',
      { ref: 'own.t-ROLE', pack_ref: 'own', label: 'x' },
      { admin: 'y', editor: 'y', executor: 'n', approver: 'n', viewer: 'n' },
    ],
    [
      'PUT',
      '/rules/own.on_ring',
      { label: 'ROLE' },
      { admin: 'y', editor: 'y', executor: 'n', approver: 'n', viewer: 'n' },
    ],
    [
      'POST',
      '/keys',
      { ref: 'k-ROLE', name: 'x', value: 1, owner_type: 'system' },
      { admin: 'y', editor: 'y', executor: 'n', approver: 'n', viewer: 'n' },
    ],
    [
      'POST',
      '/identities',
      { login: 'LOGIN-new-ROLE' },
      { admin: 'y', editor: 'n', executor: 'n', approver: 'n', viewer: 'n' },
    ],
    [
      'POST',
      '/inquiries/INQUIRY/respond',
      { response: { ROLE: true } },
      { executor: 'n', viewer: 'n', approver: 'y', admin: 'y', editor: 'y' },
    ],
  ];
  const roles = ['admin', 'editor', 'executor', 'approver', 'viewer'] as const;
  type Role = (typeof roles)[number];

  scenario(
    'T3.10 each role may do what its permission set says, and hears what it lacks',
    async ({ baseURL }) => {
      scenario.slow();
      const open = await Api.open(baseURL ?? '');
      const owner = await open.registerTenant('roles');
      const things = await makeOneOfEach(owner);
      for (const role of roles) {
        const person = await owner.person(role, [`core.${role}`]);
        for (const [method, path, body, who] of matrix) {
          // Somebody may answer once: each gets one of their own.
          const inquiry = path.includes('INQUIRY')
            ? await owner.made('/inquiries', {
                execution: Number(things['executions']),
                prompt: 'x',
                response_schema: {},
              })
            : null;
          const address = path.replace('INQUIRY', String(inquiry?.id));
          const text = JSON.stringify(body).replaceAll('ROLE', role).replaceAll('LOGIN', owner.login);
          const answer = await person.call(method, address, (JSON.parse(text) as object | null) ?? undefined);
          const told = answer.status === 403 ? 'n' : answer.status < 300 ? 'y' : `${answer.status}`;
          expect([role, method, path, told]).toEqual([role, method, path, who[role]]);
          if (told === 'n') expect(String(answer.body['error'])).toMatch(/\w+:\w+/);
        }
      }
      // Without a token nothing, whatever it is.
      for (const [method, path, body] of matrix)
        expect((await open.call(method, path.replace('INQUIRY', '1'), body ?? undefined)).status).toBe(401);
      await open.close();
    },
  );
});

scenario.describe('tokens for integrations', () => {
  scenario(
    'T3.24 a token is made, exchanged, used, and dead the moment it is revoked',
    async ({ baseURL }) => {
      const open = await Api.open(baseURL ?? '');
      const owner = await open.registerTenant('tokens');
      await makeOneOfEach(owner);
      const person = await owner.person('robot', ['core.executor']);
      const made = await person.made(`/identities/${person.userId}/integration-tokens`, { label: 'CI' });
      const { id } = made['integration_token'] as { id: number };
      const robot = await open.signedIn('/auth/token-login', { token: String(made['token']) });
      const { id: execution } = await robot.made('/executions/execute', { action_ref: 'own.say' });
      await expect
        .poll(async () => (await robot.call('GET', `/executions/${execution}`)).body.data?.['status'])
        .toBe('completed');
      // It is the person, with no more rights.
      expect((await robot.call('POST', '/packs', { ref: 'x', label: 'x', version: '1' })).status).toBe(403);

      await person.call('DELETE', `/identities/${person.userId}/integration-tokens/${id}`);
      expect((await robot.call('GET', '/executions')).status).toBe(401);
      expect((await open.call('POST', '/auth/token-login', { token: String(made['token']) })).status).toBe(
        401,
      );
      // The person's own sessions are another thing.
      expect((await person.call('GET', '/executions')).status).toBe(200);
      await open.close();
    },
  );
});

scenario.describe('history', () => {
  scenario(
    'T3.22 paging by cursor gives each execution once and in order, while new ones come in',
    async ({ baseURL }) => {
      const open = await Api.open(baseURL ?? '');
      const owner = await open.registerTenant('history');
      const before: number[] = [];
      for (let made = 0; made < 60; made += 20)
        before.push(
          ...(await Promise.all(
            Array.from(
              { length: 20 },
              async () => (await owner.made('/executions/execute', { action_ref: 'core.noop' })).id,
            ),
          )),
        );
      const seen: number[] = [];
      for (let after: string | null = null; ;) {
        const query: string = after === null ? '' : `&after=${after}`;
        const { body } = await owner.call('GET', `/executions?page_size=7${query}`);
        seen.push(...(body.items ?? []).map(({ id }) => Number(id)));
        after = (body['pagination'] as { next: string | null }).next;
        if (after === null) break;
        await owner.made('/executions/execute', { action_ref: 'core.noop' });
      }
      expect(seen).toEqual([...before].sort((a, b) => b - a));
      await open.close();
    },
  );
});
