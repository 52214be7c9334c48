import { accept, allKept } from './events/accept';
import { matching, others } from './events/matching';
import { start } from './events/start';
import { manyTimers } from './events/timers';
import type { Suite } from './suite';

/** What it costs from a webhook to what it starts. */
export const events: Suite = {
  name: 'events',
  cases: [start, accept, allKept, matching, others, manyTimers],
};
