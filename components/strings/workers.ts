/** The processes that carry out executions. */
export const workers = {
  title: 'Workers',
  description: 'The processes that carry out executions.',
  empty: 'No worker is running',
  emptyHint: 'Start one with npm run worker. Until then, executions wait.',
  name: 'Worker',
  status: 'Status',
  statuses: { active: 'Active', draining: 'Stopping', offline: 'Offline' },
  busy: 'Busy',
  busyOf: (busy: number, slots: number) => `${busy} of ${slots}`,
  walls: 'Walls',
  wallHints: {
    L1: 'Process groups only: actions share the worker’s user and files.',
    L2: 'A user and a process space of its own for each action.',
    L3: 'A user, namespaces and a read-only system of its own for each action.',
  },
  runtimes: 'Runtimes',
  heartbeat: 'Last heard of',
} as const;
