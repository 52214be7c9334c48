/** Packs. */
export const packs = {
  title: 'Packs',
  description: 'Named sets of actions, workflows, triggers and rules.',
  create: 'New pack',
  createTitle: 'New pack',
  private: 'Only I see it',
  privateHint: 'Nobody else sees the pack or runs what is in it, administrators included.',
  onlyYou: 'Private',
  pack: 'Pack',
  version: 'Version',
  standard: 'Standard',
  contents: 'Contents',
  counts: (actions: number, workflows: number, triggers: number, rules: number) =>
    [
      [actions, 'action'],
      [workflows, 'workflow'],
      [triggers, 'trigger'],
      [rules, 'rule'],
    ]
      .filter(([count]) => Number(count) > 0)
      .map(([count, word]) => `${count} ${word}${count === 1 ? '' : 's'}`)
      .join(', ') || 'empty',
  updated: 'Changed',
  name: 'Name',
  nameHint: 'Letters, digits, _ and -. Refs begin with it: name.action.',
  label: 'Label',
  whatItIs: 'Description',
  created: (ref: string) => `Made the pack ${ref}.`,
  choose: 'Choose a pack',
} as const;
