import { randomBytes } from 'node:crypto';
import type { APIRequestContext } from '@playwright/test';
import { LiveReader, type Notice } from '../live';
import type { Studio } from '../studio-api';
import { expect, scenario } from './scenario';

/** Live notifications over the WebSocket: all that changes, to those who may see it and to nobody else. */

interface Readers {
  /** May see everything of the tenant. */
  admin: LiveReader;
  /** One who may not, and one of another tenant who may do everything there. */
  outsiders: LiveReader[];
}

async function withReaders(
  { request, baseURL, studio }: { request: APIRequestContext; baseURL: string | undefined; studio: Studio },
  use: (readers: Readers) => Promise<void>,
): Promise<void> {
  // Next listens for upgrades as well once it has shown a page: it must leave ours alone.
  await request.get('/login');
  const open = (login: string, password: string) =>
    LiveReader.open(request, baseURL ?? '', { login, displayName: login, password });
  const nobody = await studio.createPerson('Nora Nothing', []);
  const login = `stranger_${randomBytes(4).toString('hex')}`;
  const stranger = { login, password: 'a-stranger-of-the-scenarios' };
  const registered = await request.post('/auth/register', { data: { ...stranger, tenant: { name: login } } });
  expect(registered.status()).toBe(200);
  const admin = await open(
    process.env['ATTUNE_ADMIN_LOGIN'] ?? 'admin',
    process.env['ATTUNE_ADMIN_PASSWORD'] ?? 'scenarios-need-a-password',
  );
  const outsiders = [
    await open(nobody.login, nobody.password),
    await open(stranger.login, stranger.password),
  ];
  for (const reader of [admin, ...outsiders]) await reader.subscribe('all');
  try {
    await use({ admin, outsiders });
    for (const reader of outsiders) {
      await reader.settled();
      expect(reader.told()).toEqual([]);
    }
  } finally {
    for (const reader of [admin, ...outsiders]) reader.close();
  }
}

const isOf =
  (type: string, id: number, status?: string) =>
  ({ notification_type: own, entity_id: entity, payload }: Notice) =>
    own === type && entity === id && (status === undefined || payload['status'] === status);

const approval = { type: 'object', required: ['approved'], properties: { approved: { type: 'boolean' } } };

scenario.describe('live notifications', () => {
  scenario(
    'T3.14 every change of an execution and its children arrives, only to those who may see',
    async ({ studio, request, baseURL }) => {
      const action = await studio.createAction('says', { runtime: 'shell', code: 'echo hello' });
      const ref = await studio.publishWorkflow('talk', {
        tasks: [
          { name: 'one', action, next: [{ do: ['two'] }] },
          { name: 'two', action: 'core.fail', input: { message: 'no' } },
        ],
      });
      await withReaders({ request, baseURL, studio }, async ({ admin }) => {
        const id = await studio.run(ref);
        await admin.until(isOf('execution_status_changed', id, 'failed'));
        const tree = await studio.tree(id);
        expect(tree).toHaveLength(3);
        const words = { one: 'completed', two: 'failed' } as Record<string, string>;
        for (const node of tree) {
          const told = admin.told().filter(isOf('execution_status_changed', node.id));
          const statuses = told.map(({ payload }) => payload['status']);
          expect(statuses.at(-1)).toBe(words[node.taskName ?? ''] ?? 'failed');
          // As many as the record has, in its order.
          const recorded = (await studio.changes(id)).filter(
            (change) => change.entityType === 'execution' && change.entityId === node.id,
          );
          expect(told.map(({ payload }) => payload['state'])).toEqual(
            recorded.map(({ payload }) => payload['state']),
          );
        }
      });
    },
  );

  scenario(
    'T3.15 inquiries arrive when they are asked, answered and out of time, only to those who may see',
    async ({ studio, studioOf, request, baseURL }) => {
      const person = await studio.createApprover('Ada Answers');
      const ask = (more: object) =>
        studio.publishWorkflow('ask', {
          tasks: [
            {
              name: 'ask',
              action: 'core.ask',
              input: {
                prompt: 'Shall we?',
                assigned_to: [`user:${person.login}`],
                response_schema: approval,
                ...more,
              },
            },
          ],
        });
      const answered = await ask({});
      const late = await ask({ timeout: 1 });
      await withReaders({ request, baseURL, studio }, async ({ admin }) => {
        const asked = await studio.untilAsked(await studio.run(answered), 'ask');
        expect(await admin.until(isOf('inquiry_created', asked.id))).toMatchObject({
          entity_type: 'inquiry',
          payload: { status: 'pending' },
        });
        await (await studioOf(person)).answer(asked.id, { approved: true });
        const told = await admin.until(isOf('inquiry_responded', asked.id, 'responded'));
        expect(typeof told.payload['execution']).toBe('number');
        await studio.run(late);
        await admin.until(
          ({ notification_type: type, payload }) =>
            type === 'inquiry_timeout' && payload['status'] === 'timeout',
        );
      });
    },
  );

  scenario(
    'T3.16 rules arrive when they are triggered, only to those who may see',
    async ({ studio, request, baseURL }) => {
      const { triggerRef, post } = await studio.createWebhook();
      const ref = await studio.createRule({ triggerRef, actionRef: 'core.noop' });
      await withReaders({ request, baseURL, studio }, async ({ admin }) => {
        const events = [await post({ n: 1 }), await post({ n: 2 })];
        for (const event of events) {
          const told = await admin.until(
            ({ notification_type: type, payload }) => type === 'rule_triggered' && payload['event'] === event,
          );
          expect(told).toMatchObject({ entity_type: 'rule', payload: { rule_ref: ref } });
          expect(told.entity_id).toBe(told.payload['id']);
          await admin.until(isOf('execution_status_changed', Number(told.payload['execution']), 'completed'));
        }
      });
    },
  );
});
