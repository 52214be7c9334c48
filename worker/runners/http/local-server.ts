import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Json } from '@/engine/expression/expression';
import { AddressWall } from '@/server/http/address-wall';
import type { Resolve } from './exchange';
import { runHttp, type HttpEnd } from './http';

/** What the server heard. */
interface Heard {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

let server: Server;
export let base: string;
/** The same server under a name: another origin. */
export let elsewhere: string;
export const heard: Heard[] = [];
export const open = new Set<Socket>();

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const part of request) body += String(part);
  heard.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
  const url = new URL(request.url ?? '', base);
  const [, what, rest] = url.pathname.split('/');
  switch (what) {
    case 'status':
      response.writeHead(Number(rest)).end(`this is ${rest}`);
      return;
    case 'json':
      response.setHeader('content-type', 'application/json').end('{"a": [1, {"b": "{{ 7 * 7 }}"}]}');
      return;
    case 'echo':
      response.setHeader('set-cookie', ['a=1', 'b=2']).end(JSON.stringify(heard.at(-1)));
      return;
    case 'to': {
      const status = Number(rest);
      response.writeHead(status, { location: url.searchParams.get('at') ?? '' }).end();
      return;
    }
    case 'round':
      response.writeHead(302, { location: '/round' }).end();
      return;
    case 'zip':
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(Number(rest), 'z')));
      return;
    case 'bytes':
      response.setHeader('content-type', 'text/plain; charset=latin1').end(Buffer.from([0x6a, 0xe4, 0x00]));
      return;
    case 'broken':
      response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy());
      return;
    case 'drip':
      response.write('first');
      return;
    default:
      // Silence.
      return;
  }
}

/** For tests: a server on this machine that does as its paths say. */
export async function startServer(): Promise<void> {
  server = createServer((request, response) => void answer(request, response));
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  base = `http://127.0.0.1:${port}`;
  elsewhere = `http://elsewhere.test:${port}`;
}

export function stopServer(): void {
  server.closeAllConnections();
  server.close();
}

const toLocal: Resolve = (_, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]);

export function send(
  path: string,
  more: { [name: string]: Json } = {},
  {
    allow = '127.0.0.1',
    secrets = [] as string[],
    stop = new AbortController().signal,
    resolve = toLocal,
  } = {},
): Promise<HttpEnd> {
  return runHttp(
    { url: path.startsWith('/') ? base + path : path, ...more },
    { wall: new AddressWall(allow), stop, secretTexts: secrets, resolve },
  );
}
export const dataOf = (end: HttpEnd) =>
  (end.kind === 'stopped' ? null : end.data) as { [name: string]: Json };
export const last = () => heard.at(-1) as Heard;
