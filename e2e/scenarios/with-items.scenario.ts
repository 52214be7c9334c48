import { expect, scenario } from './scenario';
import { at, childrenOf, only, statesOf } from './spans';

/** Says where it was and which item it is. */
const deployRegion = {
  runtime: 'shell',
  code: 'sleep 0.5; printf \'{"region":"%s","place":%s}\' "$region" "$n"',
  outputFormat: 'json',
  parameters: { region: { type: 'string', required: true }, n: { type: 'integer', required: true } },
} as const;

scenario.describe('with-items', () => {
  scenario(
    'T1.5 the parent runs while one child per item runs, and ends after all of them',
    async ({ studio }) => {
      const action = await studio.createAction('deploy_region', deployRegion);
      const ref = await studio.publishWorkflow(
        'deploy',
        `
parameters:
  regions: { type: array, required: true }
tasks:
  - name: deploy
    action: ${action}
    with_items: "{{ parameters.regions }}"
    input: { region: "{{ item }}", n: "{{ index }}" }
    next: [ { when: "{{ succeeded() }}", do: [verify] } ]
  - name: verify
    action: core.set
    input: { regions: "{{ task.deploy.result | map(attribute='data.region') | list }}" }
output_map: { regions: "{{ task.deploy.result }}", verified: "{{ task.verify.result.data.regions }}" }
`,
      );
      const regions = ['eu', 'us', 'ap', 'sa'];
      const id = await studio.run(ref, { regions });

      const during = await studio.untilTree(id, (tree) =>
        childrenOf(tree, id, 'deploy').some(({ state }) => state === 'running'),
      );
      expect(during[0]).toMatchObject({ id, state: 'running', endedAt: null });

      const run = await studio.ended(id);
      expect(run).toMatchObject({
        state: 'completed',
        result: {
          regions: regions.map((region, place) => ({ succeeded: true, data: { region, place } })),
          verified: regions,
        },
      });
      const tree = await studio.tree(id);
      const children = childrenOf(tree, id, 'deploy');
      expect(children.map(({ itemIndex, attempt, state }) => [itemIndex, attempt, state])).toEqual(
        regions.map((_, place) => [place, 1, 'completed']),
      );
      for (const child of children) {
        const { parameters } = await studio.get(child.id);
        expect(parameters).toEqual({ region: regions[child.itemIndex ?? -1], n: child.itemIndex });
      }

      const lastEnd = Math.max(...children.map(({ endedAt }) => at(endedAt)));
      expect(at(run.startedAt)).toBeLessThanOrEqual(
        Math.min(...children.map(({ startedAt }) => at(startedAt))),
      );
      expect(at(only(tree, 'verify').startedAt)).toBeGreaterThanOrEqual(lastEnd);
      expect(at(run.endedAt)).toBeGreaterThanOrEqual(lastEnd);

      // The feed tells the same: the run's end is the last change of all.
      const ends = (await studio.changes(id)).filter(
        ({ entityType, payload }) => entityType === 'execution' && payload['state'] === 'completed',
      );
      expect(ends.map(({ entityId }) => entityId).at(-1)).toBe(id);
      expect(new Set(ends.map(({ entityId }) => entityId)).size).toBe(tree.length);
      expect(ends).toHaveLength(tree.length);
    },
  );

  scenario('T1.5 an empty list completes with no child and an empty result', async ({ studio }) => {
    const ref = await studio.publishWorkflow(
      'nothing',
      `
tasks:
  - name: each
    action: core.echo
    with_items: []
    input: { message: "{{ item }}" }
    next: [ { when: "{{ succeeded() }}", do: [after] } ]
  - { name: after, action: core.set, input: { items: "{{ task.each.result }}" } }
output_map: { items: "{{ task.after.result.data.items }}" }
`,
    );
    const id = await studio.run(ref);
    expect(await studio.ended(id)).toMatchObject({ state: 'completed', result: { items: [] } });
    expect(statesOf(await studio.tree(id))).toEqual({ root: 'completed', after: 'completed' });
  });

  scenario('T1.5 what is no list fails the task before any item, and says so', async ({ studio }) => {
    const ref = await studio.publishWorkflow(
      'no_list',
      `
parameters: { hosts: { type: string } }
tasks:
  - name: each
    action: core.echo
    with_items: "{{ parameters.hosts }}"
    input: { message: "{{ item }}" }
    next: [ { when: "{{ failed() }}", do: [told] } ]
  - { name: told, action: core.set, input: { why: "{{ task.each.result.error }}" } }
output_map: { why: "{{ task.told.result.data.why }}" }
`,
    );
    const id = await studio.run(ref, { hosts: 'web1' });
    const { state, result } = await studio.ended<{ why: string }>(id);
    expect(state).toBe('completed');
    expect(result.why).toContain('with_items must give a list; this gives a string.');
    expect(only(await studio.tree(id), 'each')).toMatchObject({ state: 'failed', startedAt: null });
  });

  scenario(
    'T1.5 the outcome is computed over all items, also when one fails before the last succeeds',
    async ({ studio }) => {
      const action = await studio.createAction('maybe', {
        runtime: 'shell',
        code: 'if [ "$fails" = true ]; then echo "no $name" >&2; exit 4; fi; sleep 0.3; echo "$name"',
        parameters: { name: { type: 'string' }, fails: { type: 'boolean' } },
      });
      const items = ['a', 'b', 'c', 'd'].map((name) => ({ name, fails: name === 'b' }));
      const tasks = (more: object) => [
        {
          name: 'each',
          action,
          with_items: { items, ...more },
          input: { name: '{{ item.name }}', fails: '{{ item.fails }}' },
          next: [
            { when: '{{ succeeded() }}', do: ['fine'] },
            { when: '{{ failed() }}', do: ['broken'] },
          ],
        },
        { name: 'fine', action: 'core.noop' },
        {
          name: 'broken',
          action: 'core.set',
          input: { codes: "{{ task.each.result | map(attribute='exit_code') | list }}" },
        },
      ];
      const strict = await studio.run(await studio.publishWorkflow('strict', { tasks: tasks({}) }));
      const lenient = await studio.run(
        await studio.publishWorkflow('lenient', { tasks: tasks({ allow_failures: '25%' }) }),
      );
      const stopping = await studio.run(
        await studio.publishWorkflow('stopping', {
          tasks: tasks({ concurrency: 1, on_item_failure: 'stop' }),
        }),
      );

      expect(await studio.ended(strict)).toMatchObject({
        state: 'completed',
        result: { broken: { data: { codes: [0, 4, 0, 0] } } },
      });
      expect(await studio.ended(lenient)).toMatchObject({
        state: 'completed',
        result: { fine: { succeeded: true } },
      });
      await studio.ended(stopping);
      const begun = childrenOf(await studio.tree(stopping), stopping, 'each');
      expect(begun.map(({ itemIndex, state }) => [itemIndex, state])).toEqual([
        [0, 'completed'],
        [1, 'failed'],
      ]);
    },
  );
});
