import { WebSocket } from 'ws';

/** For tests of the live API: readers that keep what they were sent. */

export interface Message {
  type: string;
  notification_type?: string;
  entity_type?: string;
  entity_id?: number;
  user_id?: number | null;
  message?: string;
  payload?: Record<string, unknown>;
}

export interface SocketReader {
  socket: WebSocket;
  messages: Message[];
  subscribe: (...filters: string[]) => Promise<void>;
  /** Resolves once `count` notifications have come. */
  notified: (count: number) => Promise<Message[]>;
  /** Resolves once everything that was sent before this has been answered. */
  settled: () => Promise<void>;
  closed: Promise<{ code: number; reason: string }>;
}

/** Connects, and waits for the welcome or the end. */
export async function openSocket(
  origin: string,
  { token, protocols = [] }: { token?: string; protocols?: string[] },
): Promise<SocketReader> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/ws`, protocols, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  const messages: Message[] = [];
  let changed = () => {};
  socket.on('message', (data: Buffer) => {
    messages.push(JSON.parse(data.toString('utf8')) as Message);
    changed();
  });
  let end: { code: number; reason: string } | undefined;
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => {
      end = { code, reason: String(reason) };
      resolve(end);
      changed();
    });
  });
  const failed = new Promise<never>((_, reject) => socket.on('error', reject));
  const until = async (fits: () => boolean) => {
    while (!fits()) {
      if (end) throw new Error(`closed with ${end.code} ${end.reason}`);
      await new Promise<void>((resolve) => (changed = resolve));
    }
  };
  const told = () => messages.filter(({ type }) => type === 'notification');
  const settled = async () => {
    const pongs = messages.filter(({ type }) => type === 'pong').length;
    socket.send('{"type":"ping"}');
    await until(() => messages.filter(({ type }) => type === 'pong').length > pongs);
  };
  const isWelcome = () => messages.some(({ type }) => type === 'welcome');
  await Promise.race([until(isWelcome), closed, failed]);
  failed.catch(() => undefined);
  return {
    socket,
    messages,
    closed,
    settled,
    subscribe: async (...filters) => {
      for (const filter of filters) socket.send(JSON.stringify({ type: 'subscribe', filter }));
      await settled();
    },
    notified: async (count) => {
      await until(() => told().length >= count);
      return told();
    },
  };
}

export interface Event {
  id: string;
  name: string;
  data: { entity_type: string; entity_id: number; payload: Record<string, unknown> };
}

/** Reads events until one fits, or the stream ends; then leaves. */
export async function readEvents(
  url: string,
  headers: Record<string, string>,
  isEnough: (events: Event[]) => boolean,
  whenOpen: () => unknown = () => undefined,
): Promise<{ status: number; events: Event[]; hasEnded: boolean }> {
  const leaving = new AbortController();
  const response = await fetch(url, { headers, signal: leaving.signal });
  if (response.status !== 200) return { status: response.status, events: [], hasEnded: true };
  const events: Event[] = [];
  let text = '';
  let isOpen = false;
  let hasEnded = true;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString('utf8');
    if (!isOpen) void whenOpen();
    isOpen = true;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      const data = field('data');
      if (data !== undefined)
        events.push({
          id: field('id') ?? '',
          name: field('event') ?? 'message',
          data: JSON.parse(data) as Event['data'],
        });
    }
    if (isEnough(events)) {
      hasEnded = false;
      break;
    }
  }
  leaving.abort();
  return { status: 200, events, hasEnded };
}
