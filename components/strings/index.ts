import { people } from './people';
import { packDetails } from './pack-details';
import { packs } from './packs';
import { rules } from './rules';
import { triggers } from './triggers';
import { account } from './account';
import { access } from './access';
import { actions } from './actions';
import { workers } from './workers';
import { webhooks } from './webhooks';
import { events } from './events';
import { signIn } from './sign-in';
import { home } from './home';
import { inquiries } from './inquiries';
import { executions } from './executions';
import { artifacts } from './artifacts';
import { audit } from './audit';
import { canvas } from './canvas';
import { code } from './code';
import { common } from './common';
import { concurrency } from './concurrency';
import { errors } from './errors';
import { keys } from './keys';
import { limits } from './limits';
import { nav } from './nav';
import { schemaForm } from './schema-form';
import { shell } from './shell';
import { sensors } from './sensors';
import { settings } from './settings';
import { status } from './status';
import { studio } from './studio';
import { tenants } from './tenants';
import { time } from './time';
import { workQueues } from './work-queues';
import { workflows } from './workflows';

/** All that the studio says, in English. One file per noun; add yours and its line here. */
export const strings = {
  access,
  account,
  actions,
  artifacts,
  audit,
  canvas,
  code,
  common,
  concurrency,
  errors,
  events,
  executions,
  home,
  inquiries,
  keys,
  limits,
  nav,
  packDetails,
  packs,
  people,
  rules,
  schemaForm,
  sensors,
  settings,
  shell,
  signIn,
  status,
  studio,
  tenants,
  time,
  triggers,
  webhooks,
  workers,
  workQueues,
  workflows,
} as const;
