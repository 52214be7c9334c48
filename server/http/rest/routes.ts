import { artifactRoutes } from '../../artifacts/rest';
import { eventRoutes } from '../../events/rest';
import { executionRoutes } from '../../executions/rest';
import { keyRoutes } from '../../keys/rest';
import { packRoutes } from '../../packs/rest';
import { ruleRoutes } from '../../rules/rest';
import { triggerRoutes } from '../../triggers/rest';
import { webhookRoutes } from '../../webhooks/rest';
import type { Route } from './route';

/** Everything below `/api/v1` that is declared as data. */
export const apiRoutes: readonly Route[] = [
  ...keyRoutes,
  ...executionRoutes,
  ...packRoutes,
  ...artifactRoutes,
  ...ruleRoutes,
  ...eventRoutes,
  ...triggerRoutes,
  ...webhookRoutes,
];
