/** The settings that are in effect. */
export const settings = {
  title: 'Settings',
  description:
    'What this studio runs with. Each comes from an environment variable of the web process; a restart takes up another. Workers have their own environment.',
  search: 'Find a setting',
  name: 'Variable',
  value: 'In effect',
  meaning: 'What it does',
  set: 'Set',
  byDefault: 'Default',
  none: 'none',
  groups: {
    access: 'Access',
    limits: 'Limits',
    retention: 'Retention',
    actions: 'Actions and their walls',
    addresses: 'Addresses',
    workers: 'Workers',
  },
} as const;
