import { expect, scenario } from './scenario';
import { at, only, statesOf } from './spans';
import type { Refused } from '../trpc';

const approval = {
  type: 'object',
  required: ['approved'],
  properties: { approved: { type: 'boolean' }, note: { type: 'string' } },
};
/** Nobody of this login: nobody answers. */
const nobody = ['user:nobody'];

scenario.describe('approval timeouts', () => {
  scenario(
    'T2.7 the default answer is used when nobody answers in time, and told as such',
    async ({ studio }) => {
      const ref = await studio.publishWorkflow('defaulted', {
        tasks: [
          {
            name: 'ask',
            action: 'core.ask',
            input: {
              prompt: 'Deploy?',
              assigned_to: nobody,
              response_schema: approval,
              timeout: '1s',
              on_timeout: 'default',
              default_response: { approved: false, note: 'no answer in time' },
            },
            next: [
              { when: '{{ timed_out() }}', do: ['late'] },
              {
                when: '{{ succeeded() and result().defaulted and not result().response.approved }}',
                do: ['kept'],
              },
            ],
          },
          { name: 'late', action: 'core.noop' },
          { name: 'kept', action: 'core.noop' },
        ],
      });
      const id = await studio.run(ref);
      expect(await studio.ended(id)).toMatchObject({ state: 'completed' });
      const tree = await studio.tree(id);
      expect(statesOf(tree)).toEqual({ root: 'completed', ask: 'completed', kept: 'completed' });
      const ask = await studio.get(only(tree, 'ask').id);
      expect(ask.result).toMatchObject({
        response: { approved: false, note: 'no answer in time' },
        defaulted: true,
        responded_by: null,
      });
      const inquiry = await studio.inquiry(ask.inquiryId as number);
      expect(inquiry).toMatchObject({ status: 'timeout', respondedBy: null, answers: [] });
      expect(at(inquiry.timeoutAt) - at(inquiry.created)).toBeGreaterThanOrEqual(1_000);
      expect(at(inquiry.timeoutAt) - at(inquiry.created)).toBeLessThan(2_000);
      expect(at(ask.endedAt)).toBeGreaterThanOrEqual(at(inquiry.timeoutAt));
    },
  );

  scenario(
    'T2.7 without a default answer the task times out, which timed_out() routes',
    async ({ studio }) => {
      const ask = (next: object[]) => ({
        name: 'ask',
        action: 'core.ask',
        input: { prompt: 'Well?', assigned_to: nobody, timeout: '1s' },
        next,
      });
      const handled = await studio.run(
        await studio.publishWorkflow('handled', {
          tasks: [
            ask([
              { when: '{{ timed_out() and failed() }}', do: ['late'] },
              { when: '{{ succeeded() }}', do: ['never'] },
            ]),
            { name: 'late', action: 'core.noop' },
            { name: 'never', action: 'core.noop' },
          ],
        }),
      );
      const unhandled = await studio.run(await studio.publishWorkflow('unhandled', { tasks: [ask([])] }));
      expect(await studio.ended(handled)).toMatchObject({ state: 'completed' });
      expect(statesOf(await studio.tree(handled))).toEqual({
        root: 'completed',
        ask: 'timeout',
        late: 'completed',
      });
      expect(await studio.ended(unhandled)).toMatchObject({
        state: 'failed',
        error: 'ask: Nobody answered within 1 s.',
      });
    },
  );

  scenario('T2.7 the task’s own time limit bounds the inquiry as well', async ({ studio }) => {
    const ref = await studio.publishWorkflow('bounded', {
      tasks: [
        {
          name: 'ask',
          action: 'core.ask',
          timeout: 1,
          input: { prompt: 'Well?', assigned_to: nobody, timeout: '4h' },
          next: [{ when: '{{ timed_out() }}', do: ['late'] }],
        },
        { name: 'late', action: 'core.noop' },
      ],
    });
    const id = await studio.run(ref);
    expect(await studio.ended(id)).toMatchObject({ state: 'completed' });
    expect(statesOf(await studio.tree(id))).toEqual({ root: 'completed', ask: 'timeout', late: 'completed' });
  });

  scenario(
    'T2.7 several with different times: each goes at its own, and an answer in time stands',
    async ({ studio, studioOf }) => {
      const person = await studio.createApprover('Tim Timely');
      const ask = (name: string, seconds: number, assignedTo: string[]) => ({
        name,
        action: 'core.ask',
        input: {
          prompt: `${name}?`,
          assigned_to: assignedTo,
          timeout: seconds,
          default_response: { by: 'the clock' },
        },
      });
      const ref = await studio.publishWorkflow('several', {
        tasks: [
          ask('short', 1, nobody),
          ask('middle', 3, nobody),
          ask('long', 5, nobody),
          ask('answered', 4, [`user:${person.login}`]),
        ],
      });
      const id = await studio.run(ref);
      const inquiry = await studio.untilAsked(id, 'answered');
      const tim = await studioOf(person);
      await tim.answer(inquiry.id, { by: 'Tim' });

      // The longest ends after the time of the answered one was over: nothing came of that.
      const run = await studio.ended<Record<string, { response: { by: string }; defaulted: boolean }>>(id);
      expect(run).toMatchObject({
        state: 'completed',
        result: {
          short: { response: { by: 'the clock' }, defaulted: true },
          middle: { response: { by: 'the clock' }, defaulted: true },
          long: { response: { by: 'the clock' }, defaulted: true },
          answered: { response: { by: 'Tim' }, defaulted: false },
        },
      });
      const tree = await studio.tree(id);
      const asked = await Promise.all(
        (['short', 'middle', 'long'] as const).map(async (name) => {
          const execution = await studio.get(only(tree, name).id);
          return { execution, inquiry: await studio.inquiry(execution.inquiryId as number) };
        }),
      );
      const periods = asked.map((one) => at(one.inquiry.timeoutAt) - at(one.inquiry.created));
      expect(periods.map((ms) => Math.floor(ms / 1_000))).toEqual([1, 3, 5]);
      const lateness = asked.map((one) => at(one.execution.endedAt) - at(one.inquiry.timeoutAt));
      for (const ms of lateness) {
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThan(5_000);
      }
      const ends = asked.map(({ execution }) => at(execution.endedAt));
      expect(ends).toEqual(ends.toSorted((a, b) => a - b));
      expect(await studio.inquiry(inquiry.id)).toMatchObject({
        status: 'responded',
        respondedBy: 'Tim Timely',
        response: { by: 'Tim' },
      });
      expect(at(only(tree, 'answered').endedAt)).toBeLessThan(at(inquiry.timeoutAt));
    },
  );

  scenario('T2.7 an answer that comes too late is refused', async ({ studio, studioOf }) => {
    const person = await studio.createApprover('Lara Late');
    const ref = await studio.publishWorkflow('late', {
      tasks: [
        {
          name: 'ask',
          action: 'core.ask',
          input: { prompt: 'Well?', assigned_to: [`user:${person.login}`], timeout: '500ms' },
        },
      ],
    });
    const id = await studio.run(ref);
    await studio.ended(id);
    const { inquiryId } = await studio.get(only(await studio.tree(id), 'ask').id);
    const lara = await studioOf(person);
    const refusal = await lara.answer(inquiryId as number, { fine: true }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ status: 409, word: 'already_decided' });
    expect((refusal as Refused).message).toContain('The time to answer is over.');
    expect(await studio.inquiry(inquiryId as number)).toMatchObject({ status: 'timeout', response: null });
  });
});
