import type { Argv } from 'yargs';
import { answerOf } from '../answer';
import { command, group } from '../command';
import { connect, type Common } from '../connection';
import { getExecution, nameOf } from '../follow';
import { plain, printJson, printTable, say, toDuration, toState } from '../print';
import { followToItsEnd } from './run';

const statuses = [
  ...['requested', 'scheduling', 'scheduled', 'running', 'completed'],
  ...['failed', 'canceling', 'cancelled', 'timeout', 'abandoned'],
] as const;

const list = command({
  command: ['list', '$0'],
  describe: 'The newest executions',
  builder: (yargs) =>
    yargs
      .option('action', { type: 'string', describe: 'Only of this action or workflow' })
      .option('status', { type: 'string', choices: statuses, describe: 'Only in this status' })
      .option('limit', { type: 'number', default: 20, describe: 'How many at most, up to 1000' }),
  handler: async ({ action, status, limit, json, ...common }) => {
    const { items } = await answerOf(
      connect(common).GET('/api/v1/executions', {
        params: {
          query: {
            ...(action !== undefined && { action_ref: action }),
            ...(status !== undefined && { status }),
            page_size: String(limit),
          },
        },
      }),
    );
    if (json) return printJson(items);
    printTable(
      ['ID', 'STATE', 'ACTION', 'CREATED', 'TOOK'],
      items.map((item) => [
        String(item.id),
        item.state,
        item.action_ref,
        item.created,
        toDuration(item.started_at, item.updated),
      ]),
    );
  },
});

const withId = (describe: string) => (yargs: Argv<Common>) =>
  yargs.positional('id', { type: 'number', demandOption: true, describe });

const show = command({
  command: 'show <id>',
  describe: 'One execution with its parameters and its result',
  builder: withId('The execution'),
  handler: async ({ id, json, ...common }) => {
    const told = await getExecution(connect(common), id);
    if (json) return printJson(told);
    say(`${toState(told.state)} ${told.action_ref} ${toDuration(told.started_at, told.updated)}`);
    if (told.state_reason) say(plain(told.state_reason));
    say(plain(JSON.stringify({ parameters: told.config, result: told.result }, null, 2)));
  },
});

const tree = command({
  command: 'tree <id>',
  describe: 'The whole tree that an execution belongs to',
  builder: withId('Any execution of the tree'),
  handler: async ({ id, json, ...common }) => {
    const { items } = await answerOf(
      connect(common).GET('/api/v1/executions/{id}/tree', {
        params: { path: { id: String(id) }, query: { page_size: '1000' } },
      }),
    );
    if (json) return printJson(items);
    const depths = new Map<number, number>();
    for (const node of items) {
      const depth = node.parent === null ? 0 : (depths.get(node.parent) ?? 0) + 1;
      depths.set(node.id, depth);
      say(`${'  '.repeat(depth)}${toState(node.state)} ${plain(nameOf(node))} (${node.id})`);
    }
  },
});

const followOne = command({
  command: ['follow <id>', 'logs <id>'],
  describe: 'What it printed and prints, until it has ended; ends as run does',
  builder: withId('The execution'),
  handler: ({ id, json, ...common }) => followToItsEnd(connect(common), id, json),
});

/** What is done to an execution, by a route of that name. */
const steps = {
  cancel: 'Cancel it and what it started',
  pause: 'Have it start nothing new',
  resume: 'Have it go on',
};

const stepCommands = Object.entries(steps).map(([name, describe]) =>
  command({
    command: `${name} <id>`,
    describe,
    builder: withId('The execution'),
    handler: async ({ id, json, ...common }) => {
      const path = `/api/v1/executions/{id}/${name as keyof typeof steps}` as const;
      const { data } = await answerOf(connect(common).POST(path, { params: { path: { id: String(id) } } }));
      if (json) printJson(data);
      else say(`${toState(data.state)} ${data.id}`);
    },
  }),
);

const rerun = command({
  command: 'rerun <id>',
  describe: 'The same once more: whole, or of a workflow from one of its tasks; follows it',
  builder: (yargs) =>
    withId('The execution')(yargs)
      .option('from-task', { type: 'string', describe: 'Of a workflow: begin with this task' })
      .option('detach', { type: 'boolean', default: false, describe: 'Do not wait for its end' }),
  handler: async ({ id, fromTask, detach, json, ...common }) => {
    const api = connect(common);
    const { data } = await answerOf(
      api.POST('/api/v1/executions/{id}/rerun', {
        params: { path: { id: String(id) } },
        body: fromTask === undefined ? {} : { from_task: fromTask },
      }),
    );
    if (!detach) return followToItsEnd(api, data.id, json);
    if (json) printJson(data);
    else say(String(data.id));
  },
});

export const executions = group(
  'executions',
  ['execution', 'runs'],
  'List, look at, follow, cancel, run again',
  [list, show, tree, followOne, ...stepCommands, rerun],
);
