import { single } from './api/calls';
import { history, lists } from './api/lists';
import { live } from './api/live';
import type { Suite } from './suite';

/** What the REST API costs beside the database under it. */
export const api: Suite = { name: 'api', cases: [lists, single, history, live] };
