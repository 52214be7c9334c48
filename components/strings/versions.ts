/** What the editor says of revisions, their differences, merging, and who else is there. */
export const versions = {
  change: { same: 'the same', added: 'added', removed: 'removed', changed: 'changed' },
  name: {
    label: 'Name',
    hint: 'Such as “before the move”. Optional, and can be changed later.',
    give: (number: number) => `Name revision ${number}`,
  },
  compare: {
    title: 'Compare',
    button: (number: number) => `Compare revision ${number}`,
    from: 'Before',
    to: 'After',
    draft: 'The draft',
    revision: (number: number, name: string) => `Revision ${number}${name ? ` (${name})` : ''}`,
    graph: 'Graph',
    text: 'Text',
    view: 'How to compare',
    same: 'They are the same. Places on the canvas do not count.',
    tasks: (added: number, removed: number, changed: number) =>
      [
        added > 0 ? `${added} added` : '',
        removed > 0 ? `${removed} removed` : '',
        changed > 0 ? `${changed} changed` : '',
      ]
        .filter(Boolean)
        .join(', ') || 'no task changed',
    transitions: (count: number) => `${count} ${count === 1 ? 'transition differs' : 'transitions differ'}`,
    settings: (names: string) => `of the workflow: ${names}`,
    back: 'Back to the draft',
  },
  merge: {
    title: 'Somebody else saved this workflow',
    by: (who: string) => `${who} saved it`,
    somebody: 'Somebody else',
    conflicts: (count: number) =>
      count === 1 ? 'Both of you changed one part:' : `Both of you changed ${count} parts:`,
    allMine: 'Take all of mine',
    allTheirs: 'Take all of theirs',
    none: 'You changed different parts: both go into one draft.',
    conflict: 'both changed it',
    side: { mine: (change: string) => `${change} by you`, theirs: (change: string) => `${change} by them` },
    compare: (part: string) => `Compare ${part}`,
    take: (part: string) => `Take ${part} of`,
    mine: 'Mine',
    theirs: 'Theirs',
    undecided: (count: number) => `${count} left to decide`,
    save: 'Merge',
    step: 'Merge with the other version',
  },
  presence: {
    label: 'Also here',
    other: (name: string) => `${name} has this workflow open, too`,
    you: 'You have this workflow open in another tab',
  },
  extract: {
    title: 'Extract to a sub-workflow',
    body: (tasks: string) =>
      `Moves ${tasks} into a workflow of their own, and puts one task that runs it in their place.`,
    label: 'Name of the new workflow',
    impossible: 'This selection cannot be taken out as it is:',
    notes: 'Know that:',
    parameters: (names: string) => `Its parameters: ${names}`,
    output: (names: string) => `Its output: ${names}`,
    confirm: 'Extract',
    step: (name: string) => `Extract ${name}`,
    done: (ref: string) => `${ref} is published, and runs in place of what was chosen.`,
    button: 'Extract to a sub-workflow',
  },
} as const;
