/** Sensors: managed processes that emit events. */
export const sensors = {
  title: 'Sensors',
  description: 'Processes that watch something and emit events. One runs while an enabled rule needs it.',
  empty: 'No sensor yet',
  emptyHint: 'Write one here, or bring them with a pack, in its folder sensors/.',
  create: 'New sensor',
  edit: 'Edit',
  saved: 'Saved. Its process follows within seconds.',
  settings: 'Settings',
  code: 'Code',
  codeHint:
    'It runs on for as long as a rule needs it, and prints a line of JSON for each event. What it kept as its cursor it gets back at its next start.',
  name: 'Name',
  nameHint: (ref: string) => `Its ref will be ${ref}.`,
  label: 'Label',
  whatItWatches: 'Description',
  parameters: 'Parameters (JSON)',
  parametersHint: 'What its code reads, by name.',
  configuration: 'Configuration (JSON)',
  configurationHint: 'Values of its parameters.',
  triggersHint: 'What it emits; an event that names no trigger is of the first.',
  addTrigger: 'Add a trigger',
  chooseTrigger: 'Choose a trigger',
  removeTrigger: (ref: string) => `Remove ${ref}`,
  noTrigger: 'Choose a trigger first. Without one its events reach nobody.',
  enabledAtOnce: 'Runs as soon as a rule needs it.',
  ofFiles: 'It comes from the files of its pack, or you may not change it.',
  remove: 'Remove',
  removeTitle: (ref: string) => `Remove ${ref}?`,
  removeHint: 'Its process ends; its cursor and its log are gone. The events stay.',
  runtimes: { python: 'Python', nodejs: 'Node.js', shell: 'Shell' },
  templates: {
    python: `"""Prints a line of JSON for each event; attune.emit does that."""
import time

import attune

every = attune.parameters().get("every", 60)
seen = attune.cursor(0)
while True:
    seen += 1
    # The cursor is stored with the event: neither is lost nor told twice.
    attune.emit({"n": seen}, cursor=seen)
    time.sleep(every)
`,
    nodejs: `// Prints a line of JSON for each event; emit() does that.
import attune from 'attune';

const { every = 60 } = attune.parameters();
let seen = attune.cursor() ?? 0;
for (;;) {
  seen += 1;
  // The cursor is stored with the event: neither is lost nor told twice.
  attune.emit({ n: seen }, { cursor: seen });
  await new Promise((resolve) => setTimeout(resolve, every * 1000));
}
`,
    shell: `#!/usr/bin/env bash
# One line of JSON comes on stdin: parameters, rules, and the cursor of the last time.
read -r told
n=0
while true; do
  n=$((n + 1))
  echo '{"type":"event","payload":{"n":'$n'},"cursor":'$n'}'
  sleep 60
done
`,
  },
  sensor: 'Sensor',
  state: 'State',
  states: {
    built_in: 'Built in',
    disabled: 'Off',
    waiting: 'Waiting',
    pending: 'Waiting',
    starting: 'Starting',
    running: 'Running',
    backing_off: 'Backing off',
    failing: 'Failing',
  },
  about: {
    built_in: 'It is part of the studio and runs in every worker, not as a process of its own.',
    disabled: 'It is switched off.',
    waiting: 'No enabled rule uses its triggers, so it does not run. Enable a rule to start it.',
    pending: 'A worker is to start it. Where that takes long, no worker has its runtime, or none has room.',
    starting: 'A worker is starting it.',
    running: 'It runs.',
    backing_off: 'It ended, and is started again in a while.',
    failing: (count: number) =>
      `It ended ${count} times in a row. It is still started again about once a minute.`,
  },
  triggers: 'Triggers',
  worker: 'Worker',
  since: 'Since',
  none: 'none',
  enabled: 'On',
  enabledHint: 'Off, it does not run, whatever its rules say.',
  changed: 'Changed.',
  facts: 'How it stands',
  runtime: 'Runtime',
  entrypoint: 'Entrypoint',
  events: 'Events emitted',
  retries: 'Started again',
  lastError: 'It ended last with',
  cursor: 'Cursor',
  cursorHint: 'Where it stands, as it said itself. It is given back at its next start.',
  cursorAbsent: 'It has kept no cursor so far.',
  cursorAt: 'Kept',
  reset: 'Reset',
  resetTitle: 'Forget where it stands?',
  resetHint:
    'It starts anew, as for the first time: what it has told of before may come again. This cannot be undone.',
  rules: 'Rules that need it',
  noRules: 'No rule uses its triggers.',
  newRule: 'New rule',
  on: 'On',
  off: 'Off',
  config: 'Configuration',
  log: 'Log',
  logEmpty: 'It has printed nothing yet.',
  logCut: 'The last lines; there were more.',
  streams: { stdout: 'Output', stderr: 'Errors' },
} as const;
