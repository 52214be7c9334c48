import { burst } from './engine/burst';
import { chain } from './engine/chain';
import { context } from './engine/context';
import { decisions } from './engine/decisions';
import { fanOut, largeFanOut } from './engine/fan-out';
import { rate } from './engine/rate';
import type { Suite } from './suite';

/** What it costs to carry out workflows and single actions, on built-in no-op tasks. */
export const engine: Suite = {
  name: 'engine',
  cases: [chain, fanOut, largeFanOut, rate, context, burst, decisions],
};
