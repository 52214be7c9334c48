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
  notHeld: 'Not held:',
  holds: (count: number) => (count === 1 ? '1 promise holds' : `${count} promises hold`),
  runtimes: 'Runtimes',
  heartbeat: 'Last heard of',
} as const;
