/** What one attempt of an action may use. */
export const limits = {
  title: 'Limits of one attempt',
  hint: 'What is left empty is as the worker says.',
  fields: {
    memory_mb: 'Memory in MB',
    processes: 'Processes',
    cpu: 'Cores',
    disk_mb: 'Run folder in MB',
  },
  hints: {
    memory_mb: 'Default 512. Files in its run folder count.',
    processes: 'Default 256, threads included.',
    cpu: 'Such as 0.5. Default: no limit.',
    disk_mb: 'Default 256.',
  },
  network: 'May use the network',
  networkHint: 'Switched off, it runs only where a worker can keep it from the network.',
  notANumber: 'This must be a number.',
} as const;
