/** What the run dialog says of inputs from events, and of secrets that are not kept. */
export const runInputs = {
  pastEvent: 'A past event…',
  pastEventHint: 'through the rule that leads here, or by its values',
  event: 'Event',
  trigger: 'Trigger',
  chooseTrigger: 'Choose a trigger',
  leadsHere: 'Lead to this workflow',
  others: 'Other triggers',
  chooseEvent: 'Choose an event',
  eventName: (id: number) => `Event ${id}`,
  noEvents: 'Nothing has happened on this trigger yet.',
  older: 'Older events',
  rule: 'Rule',
  ruleOff: 'switched off',
  payload: 'Payload',
  payloadHint: 'Drag a value into a field, or put it there with the button beside it.',
  byRule: (rule: string, event: number) => `Inputs as ${rule} gives them for event ${event}.`,
  notFired: (reason: string) => `It leaves this event alone, though: ${reason}`,
  notRendered: (rule: string, reason: string) => `The inputs of ${rule} cannot be rendered: ${reason}`,
  byName: (names: readonly string[]) =>
    `No rule leads from here to this workflow. Filled in by name: ${names.join(', ')}.`,
  noName: 'No rule leads from here to this workflow, and no field has the name of a value.',
  masked: (names: readonly string[]) =>
    `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} left out: what is stored holds ******** in place of a secret. Type the secret itself.`,
  maskedHere: 'This holds ******** in place of a secret, which is not kept. Type the value itself.',
  cannotPut: 'It holds ******** in place of a secret, which is not kept.',
  putInto: 'Put it into',
  refused: (names: readonly string[]) =>
    `${names.join(', ')} ${names.length === 1 ? 'holds' : 'hold'} ******** in place of a secret. Nothing is run with that: type the value itself.`,
} as const;
