import { artifactRoutes } from '../../artifacts/rest';
import { executionRoutes } from '../../executions/rest';
import { keyRoutes } from '../../keys/rest';
import type { Route } from './route';

/** Everything below `/api/v1` that is declared as data. */
export const apiRoutes: readonly Route[] = [...keyRoutes, ...executionRoutes, ...artifactRoutes];
