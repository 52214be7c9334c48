import { randomUUID } from 'node:crypto';
import type { RawData, WebSocket } from 'ws';
import { z } from 'zod';
import type { DomainError } from '@/engine/errors';
import { errorNumbers, toKnownError } from '../http-errors';
import { log, reasonOf } from '../log';
import { filterWords, parseFilter, type Filter } from './filter';
import { followFeed, type Batch, type Reader } from './follow';
import { toNotification } from './notification';
import { requestersOf } from './requesters';

const maxSubscriptions = 100;
/** Frames that wait for the welcome, or for each other. */
const maxWaitingFrames = 100;
const pingMs = 30_000;
/** How long a reader may leave what was sent unread. */
const patienceMs = 15_000;
const enoughUnsentBytes = 256 * 1024;

/** Why a connection is closed, as the reader hears it. */
export const closings = {
  goingAway: 1001,
  policy: 1008,
  defect: 1011,
  tryAgain: 1013,
  /** The token has expired, or its session, account or execution has ended. */
  tokenEnded: 4401,
  tooMany: 4429,
} as const;

const Frame = z.object({ type: z.string().max(50), filter: z.string().max(200).optional() });

/** Serves one reader until they leave or may no longer read. Frames take effect in the order in which they come. */
export async function serveSocket(socket: WebSocket, reader: Reader, stopping: AbortSignal): Promise<void> {
  const filters = new Map<string, Filter>();
  const leaving = new AbortController();
  const signal = AbortSignal.any([leaving.signal, stopping]);
  const close = (code: number, reason: string) => {
    socket.close(code, reason.slice(0, 120));
    // A peer that does not answer the closing is cut.
    setTimeout(() => socket.terminate(), 2_000).unref();
  };
  const send = (message: object) => socket.send(JSON.stringify(message));

  let welcomed = () => {};
  let frames = new Promise<void>((resolve) => (welcomed = resolve));
  let waiting = 0;
  socket.on('message', (data, isBinary) => {
    waiting += 1;
    if (waiting > maxWaitingFrames) return close(closings.policy, 'Too many frames at once.');
    frames = frames.then(() => {
      waiting -= 1;
      const answer = take(filters, data, isBinary);
      if (answer && socket.readyState === socket.OPEN) send(answer);
    });
  });
  socket.on('error', (error) => log.debug({ error: reasonOf(error) }, 'a live connection failed'));
  socket.on('close', () => leaving.abort());
  const stopPings = keepAwake(socket);

  try {
    let isFirst = true;
    for await (const batch of followFeed(reader, null, signal)) {
      if (isFirst) {
        // From here on nothing is missed.
        send({
          type: 'welcome',
          client_id: randomUUID(),
          message: 'Connected. Subscribe to hear of changes.',
        });
        welcomed();
        isFirst = false;
      }
      await sendBatch(socket, batch, filters);
    }
    if (stopping.aborted) close(closings.goingAway, 'The studio is restarting. Connect again.');
  } catch (error) {
    const known = toKnownError(error);
    if (known) close(codeOf(known), known.message);
    else {
      log.error({ error: reasonOf(error) }, 'a live connection ended by a defect');
      close(closings.defect, 'Something went wrong on our side.');
    }
  } finally {
    stopPings();
    leaving.abort();
  }
}

/** Carries a frame out; gives what is to be said about it. */
function take(filters: Map<string, Filter>, data: RawData, isBinary: boolean): object | null {
  const wrong = (message: string) => ({ type: 'error', message });
  const frame = isBinary ? null : readFrame(String(data));
  if (!frame) return wrong('A frame must be JSON such as {"type":"subscribe","filter":"all"}.');
  if (frame.type === 'ping') return { type: 'pong' };
  if (frame.type !== 'subscribe' && frame.type !== 'unsubscribe')
    return wrong(`There is no frame of the type ${frame.type}: send subscribe, unsubscribe or ping.`);
  const filter = parseFilter(frame.filter ?? '');
  if (!filter) return wrong(`There is no filter ${frame.filter ?? ''}. Give ${filterWords}.`);
  const name = frame.filter ?? '';
  if (frame.type === 'unsubscribe') filters.delete(name);
  else if (filters.size >= maxSubscriptions && !filters.has(name))
    return wrong(`A connection has at most ${maxSubscriptions} subscriptions.`);
  else filters.set(name, filter);
  return null;
}

function readFrame(text: string): z.infer<typeof Frame> | null {
  try {
    return Frame.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Sends what was subscribed to, once however many filters let it through; waits while the reader is behind. */
async function sendBatch(socket: WebSocket, { actor, rows }: Batch, filters: Map<string, Filter>) {
  if (rows.length === 0) return;
  const requesters = await requestersOf(actor.tenantId, rows);
  const own = [...filters.values()];
  for (const row of rows) {
    const notification = toNotification(row, requesters.get(row.entityId) ?? null);
    if (notification && own.some((fits) => fits(notification))) socket.send(JSON.stringify(notification));
  }
  if (socket.bufferedAmount < enoughUnsentBytes) return;
  const until = performance.now() + patienceMs;
  while (socket.bufferedAmount > 0 && socket.readyState === socket.OPEN) {
    if (performance.now() > until) {
      socket.terminate();
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Asks now and then whether anybody is there; who has not answered by the next time is cut. */
function keepAwake(socket: WebSocket): () => void {
  let isThere = true;
  socket.on('pong', () => (isThere = true));
  const timer = setInterval(() => {
    if (!isThere) return socket.terminate();
    isThere = false;
    socket.ping();
  }, pingMs);
  return () => clearInterval(timer);
}

function codeOf(error: DomainError): number {
  if (error.kind === 'unauthenticated') return closings.tokenEnded;
  if (error.kind === 'too_many') return closings.tooMany;
  return errorNumbers[error.kind].status >= 500 ? closings.tryAgain : closings.policy;
}
