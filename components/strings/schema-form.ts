/** What a form made from a schema says. */
export const schemaForm = {
  required: 'required',
  notSet: 'Not set',
  yes: 'Yes',
  no: 'No',
  fixed: 'Fixed',
  expression: 'Expression',
  mode: 'Fixed or expression',
  defaultIs: (value: string) => `(Default: ${value})`,
  notJson: (reason: string) => `This is not JSON yet: ${reason}`,
  notObject: 'must be a JSON object',
  notANumber: 'This is not a number.',
  unknownFields: 'More inputs',
  unknownHint: 'The action does not describe these.',
  showSecret: 'Show the secret',
  hideSecret: 'Hide the secret',
  keptSecret: 'Kept as it was. Type to replace it.',
  readableSecret:
    'What is typed here stays readable in the definition. Hand on a secret parameter instead, as an expression.',
  maskedValue:
    'What was dropped holds ******** in place of a secret, which is not kept. Type the value itself.',
  noFields: 'Nothing to fill in.',
  add: 'Add input',
  newName: 'Name of the new input',
  remove: (field: string) => `Remove ${field}`,
} as const;
