import { cold } from './actions/cold';
import { rates } from './actions/rates';
import { streaming } from './actions/streaming';
import { warm } from './actions/warm';
import type { Suite } from './suite';

/** What it costs to start an action and to hear it to its end, beside bare spawns of the same interpreter. */
export const actions: Suite = {
  name: 'actions',
  cases: [cold, warm, rates, streaming],
};
