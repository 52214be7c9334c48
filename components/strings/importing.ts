/** What the import of workflows and actions says, and their export. */
export const importing = {
  button: 'Import',
  title: 'Import a workflow',
  body: 'From a file or a pasted text: one of ours, an Orquesta workflow of StackStorm, or the metadata of an action. A workflow and its metadata may stand in one text, with --- between them.',
  file: 'Choose a file',
  orPaste: 'or paste it below',
  text: 'Text to import',
  tooLarge: 'The file has more than 1 MB. Workflows are smaller: is it the right one?',
  unreadable: 'It cannot be read',
  line: (line: number) => `Line ${line}`,
  carried: 'What is carried over',
  formats: { attune: 'Workflow', orquesta: 'Orquesta workflow', metadata: 'Action metadata' },
  workflow: (tasks: number, transitions: number, parameters: number) =>
    `${tasks} ${tasks === 1 ? 'task' : 'tasks'}, ${transitions} ${transitions === 1 ? 'transition' : 'transitions'}, ${parameters > 0 ? 'parameters' : 'no parameters'}`,
  action: (runtime: string) => `An action of the runtime ${runtime}`,
  nothing: 'There is nothing here that it could become.',
  all: 'Everything is carried over.',
  notes: (lost: number, changed: number) =>
    [lost > 0 ? `${lost} not carried over` : '', changed > 0 ? `${changed} to look at` : '']
      .filter(Boolean)
      .join(', ') + ':',
  kinds: { lost: 'not carried', changed: 'changed' },
  pack: 'Pack',
  name: 'Name',
  make: 'Make a draft',
  makeAction: 'Make the action',
  placeholder: (entryPoint: string) => `# Paste the code of ${entryPoint || 'the action'} here.\n`,
  download: 'Download as YAML',
  copy: 'Copy as YAML',
  copied: 'The workflow is in the clipboard, as YAML',
} as const;
