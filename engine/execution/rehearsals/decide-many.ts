import { compileGraph, type Graph } from '../../definition/graph';
import type { Definition, Task } from '../../definition/schema';
import type { Json } from '../../expression/expression';
import { advance, initialState } from '../advance';
import type { RunContext, RunEvent, Start } from '../state';

const diamonds = 25;

/**
 * How many decisions it took to play a workflow of 100 tasks so often: 25 diamonds in a row, with conditions, inputs
 * and published variables. Does nothing but decide, for whoever wants to time that.
 *
 *     open ┬→ left ──┬→ close (all) → open …
 *          └→ right ─┘
 */
export function decideMany(rounds: number): number {
  const graph = compileGraph(diamondsInARow());
  let decisions = 0;
  for (let round = 0; round < rounds; round += 1) decisions += play(graph);
  return decisions;
}

function play(graph: Graph): number {
  const results = new Map<string, { result: Json; status: string }>();
  const context: RunContext = {
    parameters: { step: 2, limit: 1_000 },
    config: {},
    keystore: () => ({}),
    execution: { id: 1 },
    system: {},
    now: '2026-01-01T00:00:00.000Z',
    random: () => 0.5,
    taskResult: (name) => results.get(name) ?? null,
    itemResults: () => [],
  };
  const state = initialState(graph);
  const due: Start[] = [];
  let decisions = 0;
  const tell = (event: RunEvent) => {
    const delta = advance(graph, state, event, context);
    decisions += 1;
    state.apply(delta);
    for (const { task, status, result } of delta.taskRuns)
      if (status !== 'running') results.set(task, { result, status });
    due.push(...delta.starts);
  };
  tell({ type: 'start' });
  for (let next = due.shift(); next; next = due.shift()) {
    const { task, visit, item, attempt } = next;
    const result = { succeeded: true, exit_code: 0, data: { n: 1, name: task } };
    tell({ type: 'attempt_ended', task, visit, item, attempt, outcome: 'completed', result });
  }
  if (state.head.phase !== 'ended' || state.head.variables['total'] !== diamonds * 2)
    throw new Error('The run did not go as it should.');
  return decisions;
}

function diamondsInARow(): Definition {
  const tasks: Task[] = [];
  for (let place = 0; place < diamonds; place += 1) {
    const [open, left, right, close] = ['open', 'left', 'right', 'close'].map((name) => `${name}_${place}`);
    tasks.push(
      {
        name: open ?? '',
        action: 'core.noop',
        input: { total: '{{ workflow.total }}', place },
        next: [
          {
            when: '{{ succeeded() and result().n < parameters.limit }}',
            publish: [{ total: '{{ workflow.total + parameters.step }}' }, { last: '{{ result().name }}' }],
            do: [left ?? '', right ?? ''],
          },
          { otherwise: true, do: ['$fail'] },
        ],
      },
      {
        name: left ?? '',
        action: 'core.noop',
        input: { from: `{{ task.${open}.result.data.name }}` },
        next: [{ when: '{{ succeeded() }}', do: [close ?? ''] }],
      },
      {
        name: right ?? '',
        action: 'core.noop',
        input: { text: 'total: {{ workflow.total }}' },
        next: [{ when: '{{ succeeded() }}', do: [close ?? ''] }],
      },
      {
        name: close ?? '',
        action: 'core.noop',
        join: 'all',
        next: place + 1 < diamonds ? [{ when: '{{ succeeded() }}', do: [`open_${place + 1}`] }] : [],
      },
    );
  }
  return { vars: { total: 0 }, tasks };
}
