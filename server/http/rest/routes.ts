import { artifactRoutes } from '../../artifacts/rest';
import { executionRoutes } from '../../executions/rest';
import { keyRoutes } from '../../keys/rest';
import { packRoutes } from '../../packs/rest';
import { workQueueRoutes } from '../../work-queues/rest';
import type { Route } from './route';

/** Everything below `/api/v1` that is declared as data. */
export const apiRoutes: readonly Route[] = [
  ...keyRoutes,
  ...executionRoutes,
  ...packRoutes,
  ...artifactRoutes,
  ...workQueueRoutes,
];
