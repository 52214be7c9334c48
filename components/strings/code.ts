/** What the editors for code and expressions say. */
export const code = {
  loading: 'Loading the editor…',
  tabHint: (label: string) => `${label}. Ctrl+M lets Tab leave the editor.`,
  at: (line: number, column: number) => (line > 1 ? `Line ${line}, column ${column}` : `Column ${column}`),
  before: (label: string) => `${label}, before`,
  after: (label: string) => `${label}, after`,
  preview: {
    from: (origin: string) => `Its value by ${origin}`,
    fails: (origin: string) => `By ${origin} it fails.`,
    absent: (path: string) => `No value of ${path} yet: run it once, or pin an output.`,
    missing: (what: string) => `(nothing at ${what})`,
    empty: '(empty text)',
  },
  insert: {
    button: (label: string) => `Insert a value into ${label}`,
    title: 'Insert a value',
    search: 'Search names',
    nothing: 'No name matches.',
    kinds: {
      task: 'Results of tasks',
      function: 'Of this task',
      item: 'Of this item',
      parameter: 'Parameters',
      variable: 'Variables',
      name: 'Other',
    },
  },
  tree: {
    more: (count: number) => `${count} more`,
    insertable: (path: string) => `Drag ${path} into a field`,
    put: (path: string) => `Put ${path} into a field`,
    empty: 'empty',
    items: (count: number) => `${count} ${count === 1 ? 'item' : 'items'}`,
    keys: (count: number) => `${count} ${count === 1 ? 'key' : 'keys'}`,
  },
} as const;
