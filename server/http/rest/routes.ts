import { actionRoutes } from '../../actions/rest';
import { artifactRoutes } from '../../artifacts/rest';
import { auditRoutes } from '../../audit/rest';
import { eventRoutes } from '../../events/rest';
import { executionRoutes } from '../../executions/rest';
import { peopleRoutes } from '../../identities/rest-people';
import { teamRoutes } from '../../identities/rest-teams';
import { inquiryRoutes } from '../../inquiries/rest';
import { keyRoutes } from '../../keys/rest';
import { liveRoutes } from '../../live/rest';
import { packRoutes } from '../../packs/rest';
import { ruleRoutes } from '../../rules/rest';
import { triggerRoutes } from '../../triggers/rest';
import { webhookRoutes } from '../../webhooks/rest';
import { runtimeRoutes } from '../../runtimes/rest';
import { sensorRoutes } from '../../sensors/rest';
import { tenantRoutes } from '../../tenants/rest';
import { workQueueRoutes } from '../../work-queues/rest';
import { workerRoutes } from '../../workers/rest';
import { workflowRoutes } from '../../workflows/rest';
import type { Route } from './route';

/** Everything below `/api/v1` that is declared as data. */
export const apiRoutes: readonly Route[] = [
  ...keyRoutes,
  // Before those with an id in their address.
  ...liveRoutes,
  ...executionRoutes,
  ...packRoutes,
  ...artifactRoutes,
  ...workQueueRoutes,
  ...actionRoutes,
  ...runtimeRoutes,
  ...workflowRoutes,
  ...workerRoutes,
  ...peopleRoutes,
  ...ruleRoutes,
  ...eventRoutes,
  ...triggerRoutes,
  ...webhookRoutes,
  ...inquiryRoutes,
  ...auditRoutes,
  ...sensorRoutes,
  ...teamRoutes,
  ...tenantRoutes,
];
