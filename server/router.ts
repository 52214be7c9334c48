import { actionsRouter } from './actions/router';
import { artifactsRouter } from './artifacts/router';
import { auditRouter } from './audit/router';
import { eventsRouter } from './events/router';
import { executionsRouter } from './executions/router';
import { homeRouter } from './home/router';
import { accessRouter } from './identities/access-router';
import { authRouter, peopleRouter } from './identities/router';
import { inquiriesRouter } from './inquiries/router';
import { keysRouter } from './keys/router';
import { liveRouter } from './live/router';
import { packsRouter } from './packs/router';
import { rulesRouter } from './rules/router';
import { sensorsRouter } from './sensors/router';
import { settingsRouter } from './settings/router';
import { tenantsRouter } from './tenants/router';
import { router } from './trpc';
import { triggersRouter } from './triggers/router';
import { webhooksRouter } from './webhooks/router';
import { workQueuesRouter } from './work-queues/router';
import { workersRouter } from './workers/router';
import { workflowsRouter } from './workflows/router';

/** Everything that the browser may call, under `/trpc`. */
export const appRouter = router({
  auth: authRouter,
  home: homeRouter,
  people: peopleRouter,
  access: accessRouter,
  packs: packsRouter,
  actions: actionsRouter,
  workflows: workflowsRouter,
  executions: executionsRouter,
  inquiries: inquiriesRouter,
  triggers: triggersRouter,
  sensors: sensorsRouter,
  webhooks: webhooksRouter,
  rules: rulesRouter,
  events: eventsRouter,
  keys: keysRouter,
  artifacts: artifactsRouter,
  queues: workQueuesRouter,
  tenants: tenantsRouter,
  audit: auditRouter,
  settings: settingsRouter,
  workers: workersRouter,
  live: liveRouter,
});
export type AppRouter = typeof appRouter;
