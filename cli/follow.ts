import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from '../client';
import { answerOf } from './answer';
import { plain, style, tell, toState } from './print';

/** The longest time between two looks while nothing happens, in milliseconds. */
const slowestMs = 1_000;
const fastestMs = 150;
/** Of how many executions of a tree the log is followed; of more only the states are told. */
const mostLogs = 100;

const ended = new Set(['completed', 'failed', 'timeout', 'cancelled', 'abandoned']);

export type Told = Awaited<ReturnType<typeof getExecution>>;

/** @throws Failure */
export async function getExecution(api: ApiClient, id: number) {
  const call = api.GET('/api/v1/executions/{id}', { params: { path: { id: String(id) } } });
  return (await answerOf(call)).data;
}

async function treeOf(api: ApiClient, id: number) {
  const call = api.GET('/api/v1/executions/{id}/tree', {
    params: { path: { id: String(id) }, query: { page_size: '1000' } },
  });
  return (await answerOf(call)).items;
}

/** What an execution is called among those of its tree. */
export function nameOf(node: Awaited<ReturnType<typeof treeOf>>[number]): string {
  const { workflow_task: task, action_ref: action } = node;
  if (!task) return action;
  const item = task.task_index === null ? '' : `[${task.task_index}]`;
  const again = task.retry_count > 0 ? ` (retry ${task.retry_count})` : '';
  return `${task.task_name}${item}${again}`;
}

/** Where one execution's log is read to. */
interface Reader {
  after: string;
  isRead: boolean;
  /** What has no line end yet, by stream. */
  rest: Map<string, string>;
}

/**
 * Tells what an execution and its tree print and how their states change, until it has ended. What the execution itself
 * prints goes through as it is, stdout to stdout and the rest to stderr; what its tasks print goes to stderr, with
 * their names.
 *
 * @param signal when set off, it stops looking; the execution goes on
 * @throws Failure; DOMException AbortError
 */
export async function follow(api: ApiClient, id: number, signal: AbortSignal): Promise<Told> {
  const states = new Map<number, string>();
  const readers = new Map<number, Reader>();
  for (let waitMs = fastestMs; ;) {
    let isNews = false;
    // The tree before the logs: what has ended by then has printed all it ever will.
    const nodes = withBelow(await treeOf(api, id), id);
    for (const node of nodes) {
      if (states.get(node.id) !== node.state) {
        states.set(node.id, node.state);
        isNews = true;
        if (node.id !== id) tell(`${toState(node.state)} ${plain(nameOf(node))}`);
      }
      if (await readLog(node)) isNews = true;
    }
    const own = nodes.find((node) => node.id === id);
    if (own && ended.has(own.state)) return getExecution(api, id);
    waitMs = isNews ? fastestMs : Math.min(slowestMs, waitMs * 1.5);
    await delay(waitMs, null, { signal });
  }

  async function readLog(
    node: { id: number; state: string } & Parameters<typeof nameOf>[0],
  ): Promise<boolean> {
    const reader = readers.get(node.id) ?? { after: '0', isRead: false, rest: new Map<string, string>() };
    if (reader.isRead || (!readers.has(node.id) && readers.size >= mostLogs)) return false;
    if (node.state === 'requested' || node.state === 'delayed' || node.state === 'queued') return false;
    readers.set(node.id, reader);
    let isNews = false;
    for (;;) {
      const { data } = await answerOf(
        api.GET('/api/v1/executions/{id}/logs', {
          params: { path: { id: String(node.id) }, query: { after: reader.after } },
        }),
      );
      for (const { stream, content } of data.chunks) {
        isNews = true;
        if (node.id !== id) tellLines(nameOf(node), reader, stream, content);
        else if (stream === 'stdout') process.stdout.write(content);
        else process.stderr.write(content);
      }
      reader.after = String(data.next);
      if (data.chunks.length > 0) continue;
      reader.isRead = data.ended;
      if (data.ended) flush(nameOf(node), reader);
      return isNews;
    }
  }
}

/** An execution and what lies below it; the one that is followed may be a child itself. Parents come before children. */
function withBelow<Node extends { id: number; parent: number | null }>(
  nodes: readonly Node[],
  id: number,
): Node[] {
  const below = new Set([id]);
  return nodes.filter((node) => {
    if (node.parent !== null && below.has(node.parent)) below.add(node.id);
    return below.has(node.id);
  });
}

function tellLines(name: string, { rest }: Reader, stream: string, content: string): void {
  const lines = ((rest.get(stream) ?? '') + content).split('\n');
  rest.set(stream, lines.pop() ?? '');
  for (const line of lines) tell(`${style('dim', `${plain(name)} │`)} ${plain(line)}`);
}

function flush(name: string, { rest }: Reader): void {
  for (const line of rest.values())
    if (line !== '') tell(`${style('dim', `${plain(name)} │`)} ${plain(line)}`);
  rest.clear();
}

/** What the command ends with: 0, the action's own code, 124 for a time-out, 130 for a cancelled one, else 1. */
export function exitCodeOf({ state, result }: { state: string; result?: unknown }): number {
  if (state === 'completed') return 0;
  if (state === 'timeout') return 124;
  if (state === 'cancelled') return 130;
  const code =
    typeof result === 'object' && result !== null && 'exit_code' in result ? result.exit_code : null;
  return typeof code === 'number' && code > 0 && code < 256 ? code : 1;
}
