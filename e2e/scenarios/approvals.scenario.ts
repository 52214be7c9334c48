import { expect, scenario } from './scenario';
import { at, only, statesOf } from './spans';
import type { Refused } from '../trpc';

const approval = {
  type: 'object',
  required: ['approved'],
  properties: { approved: { type: 'boolean' }, note: { type: 'string' } },
};

scenario.describe('approvals', () => {
  scenario('T2.6 a rejection takes only the rejecting branch', async ({ studio, studioOf }) => {
    const person = await studio.createApprover('Rena Reviewer');
    const ref = await studio.publishWorkflow('release', {
      tasks: [
        {
          name: 'approve',
          action: 'core.ask',
          input: { prompt: 'Deploy?', assigned_to: [`user:${person.login}`], response_schema: approval },
          next: [
            { when: '{{ result().response.approved }}', do: ['deploy'] },
            { otherwise: true, do: ['tell'] },
          ],
        },
        { name: 'deploy', action: 'core.noop' },
        { name: 'tell', action: 'core.set', input: { note: '{{ task.approve.result.response.note }}' } },
      ],
    });
    const id = await studio.run(ref);
    const asked = await studio.untilAsked(id, 'approve');
    const reviewer = await studioOf(person);
    await reviewer.answer(asked.id, { approved: false, note: 'not on a Friday' }, 'see the calendar');
    expect(await studio.ended(id)).toMatchObject({
      state: 'completed',
      result: { tell: { data: { note: 'not on a Friday' } } },
    });
    const tree = await studio.tree(id);
    expect(statesOf(tree)).toEqual({ root: 'completed', approve: 'completed', tell: 'completed' });
    expect(await studio.get(only(tree, 'approve').id)).toMatchObject({
      result: {
        succeeded: true,
        response: { approved: false, note: 'not on a Friday' },
        responded_by: person.login,
        comment: 'see the calendar',
        defaulted: false,
      },
    });
  });

  scenario(
    'T2.6 a form of several fields is checked, told field by field, and decided once',
    async ({ studio, studioOf }) => {
      const person = await studio.createApprover('Mia Multi');
      const ref = await studio.publishWorkflow('form', {
        tasks: [
          {
            name: 'ask',
            action: 'core.ask',
            input: {
              prompt: 'Where to?',
              assigned_to: `user:${person.login}`,
              response_schema: {
                type: 'object',
                required: ['region', 'machines'],
                properties: {
                  region: { type: 'string', enum: ['eu', 'us'] },
                  machines: { type: 'integer', minimum: 1, maximum: 10 },
                  tags: { type: 'array', items: { type: 'string' } },
                },
              },
            },
          },
        ],
      });
      const id = await studio.run(ref);
      const asked = await studio.untilAsked(id, 'ask');
      const mia = await studioOf(person);
      expect((await mia.inbox()).map((inquiry) => inquiry.id)).toEqual([asked.id]);

      const refusal = await mia
        .answer(asked.id, { region: 'mars', machines: 0 })
        .catch((error: unknown) => error);
      expect(refusal).toMatchObject({ status: 400, word: 'response_invalid' });
      expect((refusal as Refused).details.map(({ path }) => path).sort()).toEqual([
        'response.machines',
        'response.region',
      ]);
      expect((await studio.inquiry(asked.id)).status).toBe('pending');

      const response = { region: 'eu', machines: 3, tags: ['blue', 'green'] };
      await mia.answer(asked.id, response);
      const second = await mia
        .answer(asked.id, { region: 'us', machines: 1 })
        .catch((error: unknown) => error);
      expect(second).toMatchObject({ status: 409, word: 'already_decided' });
      expect((second as Refused).message).toContain('Mia Multi has answered this already.');
      expect(await studio.ended(id)).toMatchObject({ state: 'completed', result: { ask: { response } } });
      expect(await mia.inbox()).toEqual([]);
    },
  );

  scenario(
    'T2.6 who is not asked may not answer, and does not find it in their inbox',
    async ({ studio, studioOf }) => {
      const [asked, stranger] = [
        await studio.createApprover('Asa Asked'),
        await studio.createApprover('Sam Stranger'),
      ];
      const ref = await studio.publishWorkflow('private', {
        tasks: [
          {
            name: 'ask',
            action: 'core.ask',
            input: { prompt: 'Well?', assigned_to: [`user:${asked.login}`] },
          },
        ],
      });
      const id = await studio.run(ref);
      const inquiry = await studio.untilAsked(id, 'ask');
      const sam = await studioOf(stranger);
      expect(await sam.inbox()).toEqual([]);
      await expect(sam.answer(inquiry.id, {})).rejects.toMatchObject({ status: 403 });
      await (await studioOf(asked)).answer(inquiry.id, { fine: true });
      expect(await studio.ended(id)).toMatchObject({ state: 'completed' });
    },
  );
});

scenario.describe('several approvals in one run', () => {
  scenario(
    'T3.9 the manager, then security: each in turn, and later tasks see both answers',
    async ({ studio, studioOf }) => {
      const [manager, security] = [
        await studio.createApprover('Max Manager'),
        await studio.createApprover('Sue Security'),
      ];
      const ref = await studio.publishWorkflow(
        'two_approvals',
        `
parameters: { app: { type: string, required: true } }
tasks:
  - name: manager
    action: core.ask
    input:
      prompt: "Deploy **{{ parameters.app }}**?"
      assigned_to: [ "user:${manager.login}" ]
      response_schema: { approved: { type: boolean, required: true }, budget: { type: integer, required: true } }
    next:
      - { when: "{{ result().response.approved }}", do: [security] }
      - { otherwise: true, do: [rejected] }
  - name: security
    action: core.ask
    input:
      prompt: "{{ parameters.app }} may cost {{ task.manager.result.response.budget }}. Is it safe?"
      assigned_to: [ "user:${security.login}" ]
      response_schema: { approved: { type: boolean, required: true }, risk: { type: string, enum: [low, high], required: true } }
    next:
      - { when: "{{ result().response.approved and result().response.risk == 'low' }}", do: [deploy] }
      - { otherwise: true, do: [rejected] }
  - name: deploy
    action: core.set
    input:
      text: "{{ task.manager.result.responded_by }} gave {{ task.manager.result.response.budget }}, {{ task.security.result.responded_by }} saw {{ task.security.result.response.risk }} risk"
      comment: "{{ task.security.result.comment }}"
  - { name: rejected, action: core.noop }
output_map: { said: "{{ task.deploy.result.data }}" }
`,
      );
      const [approved, rejected] = [
        await studio.run(ref, { app: 'web' }),
        await studio.run(ref, { app: 'shop' }),
      ];
      const [max, sue] = [await studioOf(manager), await studioOf(security)];

      const first = await studio.untilAsked(approved, 'manager');
      const other = await studio.untilAsked(rejected, 'manager');
      expect(first.prompt).toBe('Deploy **web**?');
      // Security is not asked before the manager has agreed.
      expect(await sue.inbox()).toEqual([]);
      await expect(sue.answer(first.id, { approved: true, budget: 1 })).rejects.toMatchObject({
        status: 403,
      });
      await max.answer(first.id, { approved: true, budget: 500 });
      await max.answer(other.id, { approved: false, budget: 0 });

      const second = await studio.untilAsked(approved, 'security');
      expect(second.prompt).toBe('web may cost 500. Is it safe?');
      expect((await studio.inquiry(first.id)).respondedBy).toBe('Max Manager');
      await sue.answer(second.id, { approved: true, risk: 'low' }, 'scanned today');

      expect(await studio.ended(approved)).toMatchObject({
        state: 'completed',
        result: {
          said: {
            text: `${manager.login} gave 500, ${security.login} saw low risk`,
            comment: 'scanned today',
          },
        },
      });
      const tree = await studio.tree(approved);
      expect(statesOf(tree)).toEqual({
        root: 'completed',
        manager: 'completed',
        security: 'completed',
        deploy: 'completed',
      });
      expect(at(second.created)).toBeGreaterThanOrEqual(at(only(tree, 'manager').endedAt));

      await studio.ended(rejected);
      expect(statesOf(await studio.tree(rejected))).toEqual({
        root: 'completed',
        manager: 'completed',
        rejected: 'completed',
      });
      expect(await sue.inbox()).toEqual([]);
    },
  );

  scenario(
    'T3.9 both at once: the run waits for the second whoever answers first',
    async ({ studio, studioOf }) => {
      const people = [await studio.createApprover('Ann First'), await studio.createApprover('Bob Second')];
      const ref = await studio.publishWorkflow('both', {
        tasks: [
          ...people.map(({ login }, place) => ({
            name: `ask_${place}`,
            action: 'core.ask',
            input: { prompt: 'Agreed?', assigned_to: [`user:${login}`], response_schema: approval },
            next: [{ do: ['decide'] }],
          })),
          {
            name: 'decide',
            action: 'core.set',
            join: 'all',
            input: {
              both: '{{ task.ask_0.result.response.approved and task.ask_1.result.response.approved }}',
            },
          },
        ],
        output_map: { both: '{{ task.decide.result.data.both }}' },
      });
      const id = await studio.run(ref);
      const [ann, bob] = await Promise.all(people.map(studioOf));
      const forAnn = await studio.untilAsked(id, 'ask_0');
      const forBob = await studio.untilAsked(id, 'ask_1');
      await bob?.answer(forBob.id, { approved: true });
      await studio.untilTask(id, 'ask_1', ({ state }) => state === 'completed');
      expect(statesOf(await studio.tree(id))).toEqual({
        root: 'running',
        ask_0: 'waiting',
        ask_1: 'completed',
      });
      await ann?.answer(forAnn.id, { approved: true });
      expect(await studio.ended(id)).toMatchObject({ state: 'completed', result: { both: true } });
    },
  );
});
