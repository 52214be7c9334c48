import { resources, rightActions, type Grant, type Resource, type RightAction } from './schema';

/** A permission set that ships with the studio. It belongs to the standard tenant, so every tenant may assign it. */
export interface BuiltInPermissionSet {
  ref: string;
  label: string;
  description: string;
  grants: Grant[];
}

export const administratorSet = 'core.admin';

type Rights = Partial<Record<Resource, readonly RightAction[]>>;

function toGrants(rights: Rights): Grant[] {
  return Object.entries(rights).map(([resource, actions]) => ({
    resource: resource as Resource,
    actions: [...actions],
  }));
}

/** What everybody with a role may look at: names of keys but never their values, and nothing about people. */
const looking: Rights = {
  packs: ['read'],
  actions: ['read'],
  queues: ['read'],
  rules: ['read'],
  triggers: ['read'],
  executions: ['read'],
  events: ['read'],
  enforcements: ['read'],
  inquiries: ['read'],
  keys: ['read'],
  artifacts: ['read'],
  runtimes: ['read'],
  workers: ['read'],
};

export const builtInPermissionSets: readonly BuiltInPermissionSet[] = [
  {
    ref: administratorSet,
    label: 'Administrator',
    description: 'Everything in the tenant, people and permissions included.',
    grants: resources.map((resource) => ({ resource, actions: [...rightActions] })),
  },
  {
    ref: 'core.editor',
    label: 'Editor',
    description:
      'Builds: packs, actions, workflows, triggers, rules, queues and keys. Runs them and answers inquiries.',
    grants: toGrants({
      ...looking,
      packs: ['read', 'create', 'install', 'configure', 'update', 'delete'],
      actions: ['read', 'create', 'update', 'delete', 'execute'],
      queues: ['read', 'create', 'update', 'delete', 'manage', 'execute'],
      rules: ['read', 'create', 'update', 'delete'],
      triggers: ['read', 'create', 'update', 'delete'],
      executions: ['read', 'create', 'execute', 'cancel'],
      events: ['read', 'create'],
      inquiries: ['read', 'create', 'respond'],
      keys: ['read', 'create', 'update', 'delete'],
      artifacts: ['read', 'create', 'update', 'delete'],
    }),
  },
  {
    ref: 'core.executor',
    label: 'Executor',
    description: 'Looks at everything that runs, starts it and stops it.',
    grants: toGrants({
      ...looking,
      actions: ['read', 'execute'],
      queues: ['read', 'execute'],
      executions: ['read', 'create', 'execute', 'cancel'],
      events: ['read', 'create'],
    }),
  },
  {
    ref: 'core.approver',
    label: 'Approver',
    description: 'Looks at runs and answers the inquiries that are assigned to them.',
    grants: toGrants({
      packs: ['read'],
      actions: ['read'],
      rules: ['read'],
      triggers: ['read'],
      executions: ['read'],
      events: ['read'],
      enforcements: ['read'],
      inquiries: ['read', 'respond'],
      artifacts: ['read'],
      workers: ['read'],
    }),
  },
  {
    ref: 'core.viewer',
    label: 'Viewer',
    description: 'Looks at everything but the values of keys and the list of people; changes nothing.',
    grants: toGrants(looking),
  },
];

/**
 * What somebody may do who holds no set at all: see the standard packs and run their actions, and look at what they
 * started themselves.
 */
export function newcomerGrants(login: string): Grant[] {
  const standard = { pack_refs: [...standardPacks] };
  const own = { ...standard, owner_types: ['identity'], owner_refs: [login] };
  return [
    { resource: 'packs', actions: ['read'], constraints: standard },
    { resource: 'actions', actions: ['read', 'execute'], constraints: standard },
    { resource: 'triggers', actions: ['read'], constraints: standard },
    { resource: 'runtimes', actions: ['read'] },
    { resource: 'executions', actions: ['create', 'execute'], constraints: standard },
    { resource: 'executions', actions: ['read', 'cancel'], constraints: own },
  ];
}

/** The packs that come with the studio, for every tenant. */
export const standardPacks = ['core'] as const;
