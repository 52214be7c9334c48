import type { Argv } from 'yargs';
import { answerOf } from '../answer';
import { command } from '../command';
import { connect, type Common } from '../connection';
import { plain, printJson, printTable, say } from '../print';
import { toValues } from '../values';
import { readText } from './run';

const statuses = ['pending', 'responded', 'timeout', 'cancelled'] as const;

export const inbox = command({
  command: ['inbox', 'inquiries'],
  describe: 'What people are asked',
  builder: (yargs) =>
    yargs
      .option('status', { type: 'string', choices: statuses, default: 'pending' })
      .option('limit', { type: 'number', default: 20, describe: 'How many at most, up to 1000' }),
  handler: async ({ status, limit, json, ...common }) => {
    const { items } = await answerOf(
      connect(common).GET('/api/v1/inquiries', {
        params: { query: { status: status as (typeof statuses)[number], page_size: String(limit) } },
      }),
    );
    if (json) return printJson(items);
    printTable(
      ['ID', 'STATUS', 'UNTIL', 'FOR', 'QUESTION'],
      items.map((item) => [
        String(item.id),
        item.status,
        item.timeout_at ?? '',
        item.assignees.join(', ') || 'everybody',
        item.prompt.split('\n')[0] ?? '',
      ]),
    );
  },
});

const withAnswer = (yargs: Argv<Common>) =>
  yargs
    .positional('id', {
      type: 'number',
      demandOption: true,
      describe: 'The question, as attune inbox numbers it',
    })
    .positional('values', {
      type: 'string',
      array: true,
      default: [] as string[],
      describe: 'Further fields: name=value',
    })
    .option('comment', { type: 'string', describe: 'Why' });

interface Answer extends Common {
  id: number;
  values: string[];
  comment?: string | undefined;
}

/** @param decision what the command itself says, beside its words */
const respond =
  (decision: { approved?: boolean }) =>
  async ({ id, values, comment, json, url }: Answer): Promise<void> => {
    const api = connect({ url });
    const path = { id: String(id) };
    const { data: asked } = await answerOf(api.GET('/api/v1/inquiries/{id}', { params: { path } }));
    const { properties } = asked.response_schema;
    const schema = (typeof properties === 'object' ? properties : asked.response_schema) as {
      [name: string]: unknown;
    };
    const { data } = await answerOf(
      api.POST('/api/v1/inquiries/{id}/respond', {
        params: { path },
        body: {
          response: { ...(await toValues(values, schema, readText)), ...decision },
          ...(comment !== undefined && { comment }),
        },
      }),
    );
    if (json) printJson(data);
    else say(`Answered: ${plain(asked.prompt.split('\n')[0] ?? '')}`);
  };

export const approve = command({
  command: 'approve <id> [values..]',
  describe: 'Answer a question with yes (approved: true)',
  builder: withAnswer,
  handler: respond({ approved: true }),
});
export const reject = command({
  command: 'reject <id> [values..]',
  describe: 'Answer a question with no (approved: false)',
  builder: withAnswer,
  handler: respond({ approved: false }),
});
export const answer = command({
  command: 'answer <id> [values..]',
  describe: 'Answer a question with fields of its own',
  builder: withAnswer,
  handler: respond({}),
});
