import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that the server got. */
export interface Heard {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A server on this machine for the studio under test to talk to. */
export interface HttpServer {
  url: string;
  /** Of one path, in order. */
  heard: (path: string) => Heard[];
  /** Connections that are open. */
  connections: () => Promise<number>;
  close: () => void;
}

/** Answers as the function says, which is told how many requests its path has had; what it leaves open stays silent. */
export async function startHttpServer(
  answer: (heard: Heard, response: ServerResponse, count: number) => void,
): Promise<HttpServer> {
  const all = new Map<string, Heard[]>();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += String(part)));
    request.on('end', () => {
      const url = request.url ?? '';
      const heard = { method: request.method ?? '', url, headers: request.headers, body };
      const path = url.replace(/\?.*/, '');
      const ofPath = [...(all.get(path) ?? []), heard];
      all.set(path, ofPath);
      answer(heard, response, ofPath.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard: (path) => all.get(path) ?? [],
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
