import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderTemplate, type Json } from '@/engine/expression/expression';
import { createAction } from '../actions/service';
import { closeDatabase, inSystem, inTenant, querySystem } from '../db';
import { getEvent } from '../events/service';
import { matchEvent } from '../events/match';
import { getExecution, getTree } from '../executions/service';
import { StepTaker } from '../executions/step-taker';
import { claimer, done, finishExecution, run, work, workflow } from '../executions/test-worker';
import type { Claim } from '../executions/claims';
import type { JsonObject } from '../fields';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { createPack } from '../packs/service';
import { makePerson, makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { testRule } from '../rules/backtest';
import { createRule } from '../rules/service';
import { decideWithKeys } from '../rules/scope';
import { createTrigger, emitEvent } from '../triggers/service';
import { NamedKeys, readOwnKeys } from './named';
import type { CreateKey } from './schema';
import { createKey, removeKey, updateKey } from './service';

const mask = '********';
let ada: Actor;
let eve: Actor;

beforeAll(async () => {
  ada = await makePerson(await makeTenant(), 'Ada');
  eve = await makePerson(await makeTenant(), 'Eve');
  for (const actor of [ada, eve]) await makeOps(actor);
  await createPack(ada, { ref: 'chat', label: 'Chat', description: '', version: '0.1.0' });
  await createTrigger(ada, {
    packRef: 'ops',
    ref: 'ops.alert',
    label: 'Alert',
    description: '',
    webhook: false,
  });
});
afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

async function makeOps(actor: Actor): Promise<void> {
  await createPack(actor, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
  await createAction(actor, {
    packRef: 'ops',
    ref: 'ops.say',
    label: 'Say',
    description: '',
    runtime: 'shell',
    code: 'echo "$it"',
    paramSchema: { it: {} },
    outputFormat: 'text',
    timeoutSeconds: 10,
    idempotent: false,
  });
}

const put = (ref: string, value: Json, changed: Partial<CreateKey> = {}, actor = ada) =>
  createKey(actor, { ref, name: ref, value, ownerType: 'system', encrypted: false, ...changed });
const ofPack = (owner: string): Partial<CreateKey> => ({ ownerType: 'pack', owner });
const expire = (ref: string) =>
  inSystem((tx) =>
    tx.query(
      `UPDATE key SET expires_at = clock_timestamp() - interval '1 millisecond' WHERE tenant_id = $1 AND ref = $2`,
      [ada.tenantId, ref],
    ),
  );

/** What a template in a workflow of `ops` gives. */
async function render(template: string, actor = ada, reader: { packRef?: string; actionRef?: string } = {}) {
  const keys = new NamedKeys({ tenantId: actor.tenantId, packRef: 'ops', actionRef: 'ops.flow', ...reader });
  const { value, secret, redacted } = await inTenant(actor.tenantId, (tx) =>
    decideWithKeys(tx, keys, () =>
      renderTemplate(template, { names: { keystore: keys.values, datastore: keys.values } }),
    ),
  );
  return { value, secret, redacted, texts: keys.secretTexts };
}

describe('a key’s name in an expression', () => {
  it('T1.6 gives its value, null where there is none, and a secret decrypted and marked', async () => {
    await put('color', 'blue');
    await put('numbers', { list: [1, 2] });
    await put('token', 't0k-of-the-system', { encrypted: true });
    expect(await render('{{ keystore.color }}')).toMatchObject({ value: 'blue', secret: false });
    expect((await render('{{ datastore.numbers.list[1] }}')).value).toBe(2);
    expect((await render('{{ keystore.nothing }}')).value).toBeNull();
    expect((await render('{{ keystore.nothing.at.all | default("x") }}')).value).toBe('x');
    expect(await render('{{ keystore.token }}')).toEqual({
      value: 't0k-of-the-system',
      secret: true,
      redacted: mask,
      texts: ['t0k-of-the-system'],
    });
  });

  it('leads to the own key, then the pack’s, then the system’s', async () => {
    await put('place', 'system');
    expect((await render('{{ keystore.place }}')).value).toBe('system');
    await put('place', 'pack', ofPack('ops'));
    expect((await render('{{ keystore.place }}')).value).toBe('pack');
    await put('place', 'own', { ownerType: 'action', owner: 'ops.say' });
    expect((await render('{{ keystore.place }}')).value).toBe('pack');
    expect((await render('{{ keystore.place }}', ada, { actionRef: 'ops.say' })).value).toBe('own');
    expect((await render('{{ keystore.place }}', ada, { packRef: 'chat' })).value).toBe('system');
  });

  it('reaches another pack’s or action’s only when it is said whose it is, and none of a private pack', async () => {
    await put('room', 'general', ofPack('chat'));
    await put('volume', 'loud', { ownerType: 'action', owner: 'ops.say' });
    expect((await render('{{ keystore.room }}')).value).toBeNull();
    expect((await render('{{ keystore.chat.room }}')).value).toBe('general');
    expect((await render('{{ keystore["chat.room"] }}')).value).toBe('general');
    expect((await render('{{ keystore.ops.say.volume }}', ada, { packRef: 'chat' })).value).toBe('loud');
    await querySystem(`UPDATE pack SET visibility = 'private' WHERE tenant_id = $1 AND ref = 'chat'`, [
      ada.tenantId,
    ]);
    expect((await render('{{ keystore.chat.room }}')).value).toBeNull();
    expect((await render('{{ keystore.chat.room }}', ada, { packRef: 'chat' })).value).toBe('general');
    await querySystem(`UPDATE pack SET visibility = 'tenant' WHERE tenant_id = $1 AND ref = 'chat'`, [
      ada.tenantId,
    ]);
  });

  it('may have dots, read as members or as one name, and may be computed', async () => {
    await put('db.main.password', 'in-depth', { encrypted: true });
    expect(await render('{{ keystore.db.main.password }}')).toMatchObject({
      value: 'in-depth',
      secret: true,
    });
    expect((await render('{{ keystore["db.main.password"] }}')).value).toBe('in-depth');
    expect((await render('{{ keystore["col" ~ "or"] }}')).value).toBe('blue');
    expect((await render('{{ keystore[keystore.pointer or "color"] }}')).value).toBe('blue');
    expect((await render('{{ keystore.db.other }}')).value).toBeNull();
  });

  it('shows no list of what there is', async () => {
    expect((await render('{{ keystore | length }}{{ keystore | tojson }}')).value).toBe('0{}');
  });

  it('finds nothing of people, of other tenants, or past its time', async () => {
    await put('diary', 'dear diary', { ownerType: 'identity' });
    await put('abroad', 'elsewhere', {}, eve);
    await put('abroad2', 'elsewhere', ofPack('ops'), eve);
    await put('gone', 'once', { ttlSeconds: 60 });
    expect((await render('{{ keystore.gone }}')).value).toBe('once');
    await expire('gone');
    const all =
      '{{ [keystore.diary, keystore.abroad, keystore.abroad2, keystore.ops.abroad2, keystore.gone] }}';
    expect((await render(all)).value).toEqual([null, null, null, null, null]);
    expect((await render('{{ keystore.abroad }}', eve)).value).toBe('elsewhere');
  });

  it('is refused beyond 200 at a time', async () => {
    await expect(render('{% for n in range(300) %}{{ keystore["many" ~ n] }}{% endfor %}')).rejects.toThrow(
      'More than 200 keys are read here at a time.',
    );
  });

  it('fails with the reason where its seal is broken', async () => {
    await put('broken', 'x', { encrypted: true });
    await querySystem(
      `UPDATE key SET sealed = set_byte(sealed, 30, get_byte(sealed, 30) # 1) WHERE ref = 'broken'`,
    );
    await expect(render('{{ keystore.broken }}')).rejects.toThrow('The key broken cannot be opened');
  });
});

/** Runs everything; gives the parameters that each claim had, by the text of its action. */
async function given(): Promise<{ it: Json | undefined; secretTexts: readonly string[] }[]> {
  const claims: Claim[] = await work();
  return claims.map(({ parameters, secretTexts }) => ({ it: parameters['it'], secretTexts }));
}
const storedOf = async (id: number) => (await getTree(ada, id)).map((each) => each.id);

describe('a workflow', () => {
  it('T1.6 hands keys to its actions: plain ones as they are, secrets opened for the worker and masked at rest', async () => {
    await put('api_token', 'tok-4711-abcdef', { encrypted: true, ...ofPack('ops') });
    const ref = await workflow(ada, [
      {
        name: 'a',
        action: 'ops.say',
        input: { it: ['{{ keystore.color }}', 'Bearer {{ keystore.api_token }}'] },
      },
    ]);
    const id = await run(ada, ref);
    const [claim] = await given();
    expect(claim?.it).toEqual(['blue', 'Bearer tok-4711-abcdef']);
    expect(claim?.secretTexts).toEqual(expect.arrayContaining(['Bearer tok-4711-abcdef', 'tok-4711-abcdef']));
    const [, child] = await storedOf(id);
    expect((await getExecution(ada, child ?? 0)).parameters).toEqual({ it: ['blue', mask] });
    expect(await findSecret('tok-4711-abcdef')).toEqual([]);
  });

  it('reads each key as it is at that step', async () => {
    await put('moving', 'first');
    const ref = await workflow(ada, [
      { name: 'a', action: 'ops.say', input: { it: '{{ keystore.moving }}' }, next: [{ do: ['b'] }] },
      { name: 'b', action: 'ops.say', input: { it: '{{ keystore.moving }}' }, next: [{ do: ['c'] }] },
      { name: 'c', action: 'ops.say', input: { it: '{{ keystore.moving }}' } },
    ]);
    await run(ada, ref);
    const seen: (Json | undefined)[] = [];
    let isFirst = true;
    for (let round = 0; round < 3; round += 1) {
      const claims = await work((claim) => {
        seen.push(claim.parameters['it']);
        return isFirst ? null : done();
      });
      if (!isFirst) break;
      isFirst = false;
      expect(claims).toHaveLength(1);
      await updateKey(ada, { ref: 'moving', value: 'second' });
      await finishExecution(claims[0] as Claim, done());
    }
    expect(seen).toEqual(['first', 'second', 'second']);
    await removeKey(ada, { ref: 'moving' });
  });

  it('keeps looking for a key’s text in what a later item says, also when another worker takes the run over', async () => {
    await put('item_token', 'itm-5521-fedcba', { encrypted: true, ...ofPack('ops') });
    const ref = await workflow(ada, [
      {
        name: 'a',
        action: 'ops.say',
        with_items: { items: [1, 2], concurrency: 1 },
        input: { it: 'Bearer {{ keystore.item_token }} {{ item }}' },
      },
    ]);
    await run(ada, ref);
    const [first] = await work(() => null);
    // What the item is to be given was decided when its task began.
    await removeKey(ada, { ref: 'item_token' });
    const other = new StepTaker(
      claimer,
      () => undefined,
      () => performance.now(),
      () => true,
    );
    await other.finish(first as Claim, done(), false);
    const [second] = await work();
    expect(second?.parameters['it']).toBe('Bearer itm-5521-fedcba 2');
    expect(second?.secretTexts).toContain('itm-5521-fedcba');
    expect(await findSecret('itm-5521-fedcba')).toEqual([]);
  });

  it('keeps a secret key out of its variables and its output', async () => {
    const ref = await workflow(
      ada,
      [{ name: 'a', action: 'ops.say', input: {}, next: [{ publish: [{ leak: '{{ keystore.token }}' }] }] }],
      { output_map: { leak: '{{ keystore.token }}' } },
    );
    const id = await run(ada, ref);
    await work();
    const root = await getExecution(ada, id);
    expect(JSON.stringify(root)).not.toContain('t0k-of-the-system');
    expect(await findSecret('t0k-of-the-system')).toEqual([]);
  });
});

/** Executions, runs, events and the like that hold the text. */
async function findSecret(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const table of [
    'execution',
    'workflow_run',
    'task_run',
    'item_input',
    'change_feed',
    'rule_evaluation',
    'silent_evaluation',
    'rule_firing',
    'enforcement',
    'event',
    'key',
  ]) {
    const rows = await querySystem(`SELECT 1 FROM ${table} t WHERE strpos(t::text, $1) > 0 LIMIT 1`, [text]);
    if (rows.length > 0) found.push(table);
  }
  return found;
}

describe('a rule', () => {
  const rule = (name: string, conditions: JsonObject, actionParams: JsonObject) =>
    createRule(ada, {
      packRef: 'ops',
      ref: `ops.${name}`,
      label: name,
      description: '',
      triggerRef: 'ops.alert',
      actionRef: 'ops.say',
      conditions,
      actionParams,
      enabled: true,
    });
  const emit = async (payload: JsonObject) => {
    const { eventId } = await emitEvent(ada, { ref: 'ops.alert', payload });
    await matchEvent({ tenantId: ada.tenantId, rootId: 0, id: eventId });
    const { evaluations } = (await getEvent(ada, eventId)) as unknown as {
      evaluations: { ruleRef: string; verdict: string }[];
    };
    return evaluations;
  };

  it('compares with keys and hands them on; of secrets it stores masks only', async () => {
    await put('limit', 80);
    await put('pass', 'pass-9f27ac', { encrypted: true });
    await rule(
      'by_key',
      {
        all: [
          { field: 'payload.used', operator: 'greater', value: '{{ keystore.limit }}' },
          { field: 'keystore.pass', operator: 'equals', value: '{{ event.payload.pass }}' },
        ],
      },
      { it: 'p={{ keystore.pass }} {{ keystore.color }}' },
    );
    await rule(
      'by_expression',
      { expression: "keystore.pass == 'another' or keystore.pass | length == 999" },
      {},
    );
    await rule('by_value', { expression: 'keystore.pass' }, { it: '{{ keystore.color }}' });
    const said = await emit({ used: 81, pass: 'pass-9f27ac' });
    expect(Object.fromEntries(said.map(({ ruleRef, verdict }) => [ruleRef, verdict]))).toEqual({
      'ops.by_key': 'matched',
      'ops.by_expression': 'silent',
      'ops.by_value': 'matched',
    });
    const claims = await given();
    expect(claims.map(({ it: text }) => text).sort()).toEqual(['blue', 'p=pass-9f27ac blue']);
    // What the event brought along is the event's.
    expect(await findSecret('pass-9f27ac')).toEqual(['event']);
    expect(
      (await emit({ used: 79, pass: 'wrong' })).find(({ ruleRef }) => ruleRef === 'ops.by_key'),
    ).toMatchObject({
      verdict: 'silent',
    });
    await work();
  });

  it('is tried out with masks for those who may not read the key', async () => {
    const attempt = async (actor: Actor) =>
      testRule(actor, {
        packRef: 'ops',
        triggerRef: 'ops.alert',
        conditions: { expression: "keystore.pass == 'pass-9f27ac'" },
        actionParams: { it: '{{ keystore.color }} {{ keystore.pass }}' },
        payload: {},
      });
    expect(await attempt(ada)).toMatchObject({ verdict: 'matched', parameters: { it: mask } });
    const looker = await makePerson(ada.tenantId, 'Looker', [{ resource: 'rules', actions: ['read'] }]);
    expect(await attempt(looker)).toMatchObject({ verdict: 'silent', parameters: null });
  });
});

describe('what an action is given by name', () => {
  it('are its own keys and its pack’s, its own first; those of the system, of others and past their time are not', async () => {
    const own = { ownerType: 'action', owner: 'ops.say' } as const;
    await put('given.one', 'pack', ofPack('ops'));
    await put('given.two', 'pack', ofPack('ops'));
    await put('given.two', { own: true }, { ...own, encrypted: true });
    await put('given.past', 'x', { ...own, ttlSeconds: 60 });
    await expire('given.past');
    await put('given.foreign', 'x', ofPack('ops'), eve);
    const { values, secretTexts } = await inTenant(ada.tenantId, (tx) =>
      readOwnKeys(tx, { tenantId: ada.tenantId, packRef: 'ops', actionRef: 'ops.say' }),
    );
    expect(Object.entries(values).filter(([name]) => name.startsWith('given'))).toEqual([
      ['given.one', 'pack'],
      ['given.two', { own: true }],
    ]);
    expect(Object.keys(values)).not.toContain('color');
    expect(secretTexts).toContain('tok-4711-abcdef');
  });
});
