/** Actions: the list and the editor. */
export const actions = {
  title: 'Actions',
  description: 'What can be carried out: code in Shell, Python or Node.js, and the built-in ones.',
  create: 'New action',
  search: 'Search actions',
  empty: 'No action matches',
  emptyHint: 'Make one: a few lines of Shell, Python or Node.js.',
  action: 'Action',
  runtime: 'Runtime',
  runtimes: { shell: 'Shell', python: 'Python', nodejs: 'Node.js', native: 'Built-in', workflow: 'Workflow' },
  updated: 'Changed',
  code: 'Code',
  parameters: 'Parameters',
  parametersHint:
    'A JSON object: {"name": {"type": "string", "required": true, "description": "…"}}. JSON Schema works too.',
  settings: 'Settings',
  pack: 'Pack',
  name: 'Name',
  nameHint: (ref: string) => `Its ref will be ${ref}.`,
  label: 'Label',
  whatItDoes: 'Description',
  outputFormat: 'Output',
  outputFormats: {
    text: 'Text',
    json: 'JSON: the whole of stdout, or its last line',
    jsonl: 'JSON lines',
    yaml: 'YAML',
  },
  timeout: 'Time limit in seconds',
  idempotent: 'May run again when its worker dies',
  idempotentHint: 'Switch on when doing it twice does no harm.',
  readOnly:
    'This action belongs to a standard pack or was loaded from files; it can be read and run, not changed.',
  revision: (number: number) => `revision ${number}`,
  stale:
    'Somebody else saved this action in the meantime. Reload to see their version; copy your changes first.',
  notJson: 'This is not JSON yet.',
  mustBeObject: 'This must be a JSON object.',
  saved: (revision: number) => `Saved as revision ${revision}.`,
  run: 'Run',
  runTitle: (ref: string) => `Run ${ref}`,
  started: 'Started.',
  watch: 'Watch it',
  remove: 'Delete',
  removeTitle: (ref: string) => `Delete ${ref}?`,
  removeHint: 'Its revisions go with it. Executions stay.',
  removed: 'Deleted.',
  builtIn: 'A built-in of the studio: it has no code to show.',
  templates: {
    shell:
      '#!/usr/bin/env bash\n# Each parameter is a shell variable of its name.\nset -euo pipefail\n\necho "Hello, ${name:-world}"\n',
    python:
      '"""Parameters arrive as arguments of run(); what it returns is the result."""\n\n\ndef run(name="world"):\n    print(f"Greeting {name}")\n    return {"greeting": f"Hello, {name}"}\n',
    nodejs:
      "// Parameters arrive as one object; what run() returns is the result.\nexport async function run({ name = 'world' }) {\n  console.error(`Greeting ${name}`);\n  return { greeting: `Hello, ${name}` };\n}\n",
  },
} as const;
