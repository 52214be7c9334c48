/** What the canvas says. */
export const canvas = {
  region: 'Workflow canvas',
  task: (name: string, action: string, state: string | null) =>
    state ? `Task ${name}, ${action}, ${state}` : `Task ${name}, ${action}`,
  taskRole: 'task',
  transitionRole: 'transition',
  transition: (from: string, to: string, kind: string) => `Transition from ${from} to ${to}, ${kind}`,
  noAction: 'no action',
  exits: { success: 'on success', failure: 'on failure', always: 'always', timeout: 'on timeout' },
  kinds: {
    success: 'on success',
    failure: 'on failure',
    always: 'always',
    timeout: 'on timeout',
    cancelled: 'on cancel',
    custom: 'condition',
    otherwise: 'otherwise',
  },
  handle: (exit: string) => `Connect ${exit}: drag to a task`,
  ends: 'End',
  fails: 'Fail run',
  alreadyConnected: 'These two are connected this way already',
  badges: {
    retry: (count: string) => `Retries ${count} times`,
    timeout: (limit: string) => `Timeout ${limit}`,
    items: 'Runs once per item',
    join: (join: string) =>
      join === 'all'
        ? 'Waits for all that lead here'
        : join === 'any'
          ? 'Starts once, at the first to arrive'
          : `Waits for ${join} of those that lead here`,
    delay: (delay: string) => `Waits ${delay} before it starts`,
    approval: 'Asks a person',
    errors: (count: number) => `${count} ${count === 1 ? 'error' : 'errors'}`,
    warnings: (count: number) => `${count} ${count === 1 ? 'warning' : 'warnings'}`,
    visits: (count: number) => `Ran ${count} times`,
  },
  order: (order: number) => `Asked as number ${order}`,
  insert: 'Insert a task here',
  removeTransition: 'Delete this transition',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  fit: 'Fit to view',
  tidy: 'Tidy up',
  menu: 'More',
  minimap: 'Map of the workflow',
  controls: 'View',
  keyboardHelp:
    'Enter selects, arrow keys move, Delete removes, Shift+Delete also joins the neighbours, C connects, F2 renames, the menu key opens more, Escape lets go.',
  transitionHelp: 'Enter selects, Insert puts a task in between, Delete removes, Escape lets go.',
  moved: (direction: string, x: number, y: number) => `Moved ${direction}, now at ${x}, ${y}`,
  noTasks: 'This workflow has no tasks.',
  marks: { pinned: 'pinned', dirty: 'edited', added: 'added', removed: 'removed', changed: 'changed' },
  markHints: {
    pinned: 'Its output is pinned: runs of the draft take it instead of running this',
    dirty: 'Edited since the run that is shown',
    added: 'Is not in the other version',
    removed: 'Is only in the other version',
    changed: 'Differs from the other version',
  },
  kept: 'kept',
  keptFrom: (id: number) => `Ran in #${id}; its result was kept`,
  notRun: 'not run',
  items: (done: number, total: number) => `${done} of ${total}`,
} as const;
