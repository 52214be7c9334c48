/** Limits on how many executions run at a time, the queue for a slot, and priorities. */
export const concurrency = {
  title: 'At the same time',
  limit: 'How many may run',
  limitHint: 'Executions of this at once. (Default: no limit)',
  key: 'Counted for each',
  keyHint:
    'An expression over parameters, such as {{ parameters.host }}: each value has a limit of its own. (Default: all count together)',
  whenFull: 'When all are taken',
  whenFulls: { queue: 'Wait in a queue', reject: 'Fail at once' },
  maxQueued: 'How many may wait',
  maxQueuedHint: 'One more fails at once. (Default: 10,000)',
  position: (position: number) => (position === 1 ? 'Next in the queue' : `Number ${position} in the queue`),
  heldBy: 'for the slot of',
  priority: 'Priority',
  priorityHint: 'From -100 to 100; higher goes first. What it starts inherits it. (Default: 0)',
  priorityOf: (priority: number) => `priority ${priority}`,
  counting: 'Looking up its place…',
} as const;
