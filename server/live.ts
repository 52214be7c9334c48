import { EventEmitter } from 'node:events';
import type { Client, Notification } from 'pg';
import { connectAlone } from './db';
import { log } from './log';

/** The channels of NOTIFY. They say only that there is something to read; the rows are the truth. */
export const channels = ['attune_feed', 'attune_job', 'attune_log'] as const;
export type Channel = (typeof channels)[number];

interface Live {
  bells: EventEmitter;
  listener: Client | undefined;
  /** What the listener listens to: what somebody here wants to hear, from the first who does. */
  heard: Set<Channel>;
  speaker: Client | undefined;
  /** What is to be sent, and when at the latest. */
  pending: Map<string, number>;
  timer: NodeJS.Timeout | undefined;
  /** What is being sent right now: closing waits for it, or it would leave its connection behind. */
  flushing: Promise<void>;
  isFlushing: boolean;
  /** Nothing is sent before. */
  nextMs: number;
  closed: boolean;
}

const shared = globalThis as typeof globalThis & { attuneLive?: Live };

function live(): Live {
  shared.attuneLive ??= (() => {
    const bells = new EventEmitter();
    bells.setMaxListeners(0);
    return {
      bells,
      listener: undefined,
      heard: new Set<Channel>(),
      speaker: undefined,
      pending: new Map<string, number>(),
      timer: undefined,
      flushing: Promise.resolve(),
      isFlushing: false,
      nextMs: 0,
      closed: false,
    };
  })();
  return shared.attuneLive;
}

/** Whoever announces on and on does so this far apart: who is woken finds what came meanwhile. */
const gapMs = 2;
/** What can wait does so for so long: a run of many short tasks would wake every reader at each of them. */
const restMs = 25;

/**
 * Sends a NOTIFY on a connection of its own: at once, or within a few milliseconds where it `canWait`. What is announced
 * while one is being sent goes with the next; equal ones are then sent once. Never throws: polling is behind it.
 */
export function announce(channel: Channel, payload = '', { canWait = false } = {}): void {
  const state = live();
  const line = `${channel} ${payload}`;
  const dueMs = canWait ? performance.now() + restMs : state.nextMs;
  state.pending.set(line, Math.min(dueMs, state.pending.get(line) ?? dueMs));
  if (!state.isFlushing) schedule(state);
}

function schedule(state: Live): void {
  if (state.closed) return;
  const waitMs = Math.min(...state.pending.values()) - performance.now();
  if (waitMs <= 0) {
    state.flushing = flush(state);
  } else {
    // What came last may be due before what is waited for.
    clearTimeout(state.timer);
    state.timer = setTimeout(() => {
      state.timer = undefined;
      if (!state.isFlushing && state.pending.size > 0) schedule(state);
    }, waitMs);
  }
}

/** Takes what is due out of what is pending. */
function takeDue(state: Live): string[] {
  const now = performance.now();
  const due = [...state.pending].flatMap(([line, dueMs]) => (dueMs <= now ? [line] : []));
  for (const line of due) state.pending.delete(line);
  return due;
}

async function flush(state: Live): Promise<void> {
  state.isFlushing = true;
  const beganMs = performance.now();
  // What is announced in the same turn goes along.
  await Promise.resolve();
  const batch = takeDue(state).map((line) => [
    line.slice(0, line.indexOf(' ')),
    line.slice(line.indexOf(' ') + 1),
  ]);
  try {
    if (!state.speaker && !state.closed) {
      state.speaker = await connectAlone('notify');
      state.speaker.on('error', () => (state.speaker = undefined));
    }
    await state.speaker?.query({
      name: 'notify',
      text: 'SELECT pg_notify(channel, payload) FROM unnest($1::text[], $2::text[]) AS n(channel, payload)',
      values: [batch.map(([channel]) => channel), batch.map(([, payload]) => payload)],
    });
  } catch (error) {
    state.speaker = undefined;
    log.debug({ error: (error as Error).message }, 'NOTIFY was not sent; polling will find it');
  } finally {
    state.isFlushing = false;
    state.nextMs = beganMs + gapMs;
    if (state.pending.size > 0) schedule(state);
  }
}

/** Asked again after a wait: it may have been closed meanwhile. */
function isClosed(state: Live): boolean {
  return state.closed;
}

function againIn(state: Live, ms: number): void {
  setTimeout(() => {
    if (!state.closed) void startListening();
  }, ms).unref();
}

/** Listens on a channel; what was said while nobody did is made up for by a bell without a payload. */
async function listenTo(state: Live, client: Client, channel: Channel): Promise<void> {
  if (state.heard.has(channel)) return;
  state.heard.add(channel);
  await client.query(`LISTEN ${channel}`);
  state.bells.emit(channel, '');
}

/** Listens on every channel that somebody here wants to hear, and reconnects for as long as the process lives. */
export async function startListening(): Promise<void> {
  const state = live();
  if (state.listener || state.closed) return;
  try {
    const client = await connectAlone('listen');
    if (isClosed(state)) {
      await client.end();
      return;
    }
    state.listener = client;
    const again = () => {
      if (state.listener !== client) return;
      state.listener = undefined;
      againIn(state, 500);
    };
    client.on('error', again);
    client.on('end', again);
    client.on('notification', ({ channel, payload }: Notification) =>
      state.bells.emit(channel, payload ?? ''),
    );
    state.heard.clear();
    for (const channel of channels)
      if (state.bells.listenerCount(channel) > 0) await listenTo(state, client, channel);
  } catch (error) {
    state.listener = undefined;
    log.warn({ error: (error as Error).message }, 'cannot listen to the database; trying again');
    againIn(state, 1000);
  }
}

/** Calls `listener` at each NOTIFY on the channel. Gives back what ends it. */
export function onAnnouncement(channel: Channel, listener: (payload: string) => void): () => void {
  const state = live();
  const { bells } = state;
  bells.on(channel, listener);
  // Where the connection is lost meanwhile, the next one listens to it.
  if (state.listener) listenTo(state, state.listener, channel).catch(() => undefined);
  return () => bells.off(channel, listener);
}

export async function stopLive(): Promise<void> {
  const state = live();
  state.closed = true;
  if (state.timer) clearTimeout(state.timer);
  await state.flushing;
  const open = [state.listener, state.speaker].filter((client) => client !== undefined);
  state.listener = state.speaker = undefined;
  await Promise.allSettled(open.map((client) => client.end()));
  delete shared.attuneLive;
}
