import { compileGraph } from '@/engine/definition/graph';
import type { Definition } from '@/engine/definition/schema';
import { advance, initialState } from '@/engine/execution/advance';
import type { RunContext, RunEvent } from '@/engine/execution/state';

const layers = 10;
const width = 10;

/** Ten layers of ten tasks, each of which starts the one below it. */
const definition: Definition = {
  tasks: Array.from({ length: layers * width }, (_, place) => ({
    name: `t${place}`,
    action: 'core.noop',
    next: place + width < layers * width ? [{ when: '{{ succeeded() }}', do: [`t${place + width}`] }] : [],
  })),
};
const graph = compileGraph(definition);
const context: RunContext = {
  parameters: {},
  config: {},
  keystore: () => ({}),
  execution: { id: 1, started_at: null, attempt: 1, url: '' },
  system: { url: '' },
  now: '2026-01-01T00:00:00.000Z',
  random: () => 0.5,
  taskResult: () => null,
  itemResults: () => [],
};

/** Plays so many runs of a graph of 100 tasks to their ends, storing nothing. Gives how many decisions that took. */
export function decideMany(rounds: number): number {
  let decisions = 0;
  for (let round = 0; round < rounds; round += 1) {
    let state = initialState(graph);
    const news: RunEvent[] = [{ type: 'start' }];
    for (let event = news.shift(); event; event = news.shift()) {
      const delta = advance(graph, state, event, context);
      decisions += 1;
      state = delta.state;
      for (const { task, visit, item, attempt } of delta.starts) {
        const result = { succeeded: true, exit_code: 0 };
        news.push({ type: 'attempt_ended', task, visit, item, attempt, outcome: 'completed', result });
      }
    }
    if (state.phase !== 'ended') throw new Error('the run did not end');
  }
  return decisions;
}
