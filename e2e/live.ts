import type { APIRequestContext } from '@playwright/test';
import type { Person } from './records';

/** What the live API sends. */
export interface Notice {
  type: string;
  notification_type: string;
  entity_type: string;
  entity_id: number;
  payload: Record<string, unknown>;
}

/** A reader of the WebSocket, with the token of a person as a subprotocol, as a browser's script would be one. */
export class LiveReader {
  readonly notices: Notice[] = [];
  private wake: () => void = () => {};

  private constructor(private readonly socket: WebSocket) {
    socket.addEventListener('message', ({ data }) => {
      this.notices.push(JSON.parse(String(data)) as Notice);
      this.wake();
    });
    socket.addEventListener('close', () => this.wake());
  }

  static async open(request: APIRequestContext, baseURL: string, person: Person): Promise<LiveReader> {
    const token = await tokenOf(request, person);
    const socket = new WebSocket(`${baseURL.replace('http', 'ws')}/ws`, ['attune.v1', `attune.jwt.${token}`]);
    const reader = new LiveReader(socket);
    await reader.until(({ type }) => type === 'welcome');
    return reader;
  }

  /** Resolves once the studio has taken the filters. */
  async subscribe(...filters: string[]): Promise<void> {
    for (const filter of filters) this.socket.send(JSON.stringify({ type: 'subscribe', filter }));
    await this.settled();
  }

  /** Resolves once all that was sent before has been answered. */
  async settled(): Promise<void> {
    const isPong = ({ type }: Notice) => type === 'pong';
    const before = this.notices.filter(isPong).length;
    this.socket.send('{"type":"ping"}');
    await this.untilAll((notices) => notices.filter(isPong).length > before);
  }

  /** The first notice that fits. */
  async until(fits: (notice: Notice) => boolean): Promise<Notice> {
    await this.untilAll((notices) => notices.some(fits));
    return this.notices.find(fits) as Notice;
  }

  /** What was told, beside welcome and pong. */
  told(): Notice[] {
    return this.notices.filter(({ type }) => type === 'notification');
  }

  close(): void {
    this.socket.close();
  }

  private async untilAll(fits: (notices: Notice[]) => boolean): Promise<void> {
    while (!fits(this.notices)) {
      if (this.socket.readyState >= WebSocket.CLOSING) throw new Error('the live connection was closed');
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

/** An access token of the person. */
export async function tokenOf(
  request: APIRequestContext,
  { login, password }: Pick<Person, 'login' | 'password'>,
): Promise<string> {
  const response = await request.post('/auth/login', { data: { login, password } });
  return ((await response.json()) as { data: { access_token: string } }).data.access_token;
}
