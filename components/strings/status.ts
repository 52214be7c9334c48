/** The states of an execution, one word each. */
export const status = {
  requested: 'Requested',
  delayed: 'Delayed',
  queued: 'Queued',
  scheduled: 'Scheduled',
  running: 'Running',
  waiting: 'Waiting',
  paused: 'Paused',
  canceling: 'Cancelling',
  completed: 'Completed',
  failed: 'Failed',
  timeout: 'Timed out',
  cancelled: 'Cancelled',
  abandoned: 'Abandoned',
} as const;
