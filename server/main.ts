import './no-generated-code';
import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { closeDatabase } from './db';
import { env } from './env';
import { createApp, dataPrefixes } from './http/app';
import type { Readiness } from './http/health';
import { createPageHandler, type PageHandler } from './http/pages';
import { stopOnSignal } from './http/stop-on-signal';
import { createUpgradeHandler } from './http/upgrade';
import { sweepSessions } from './identities/sessions';
import { startListening, stopLive } from './live';
import { stopHub } from './live/hub';
import { log, reasonOf } from './log';
import { stopBoss } from './queue';
import { requireMasterKeys, WrongMasterKey } from './sealing/canary';
import { masterKeys } from './sealing/master-keys';

/** The web process: one Node server for REST, webhooks, the browser's API and its streams; Next behind it for pages. */

const sweepMs = 3_600_000;

async function main(): Promise<void> {
  const { HOST, PORT } = env();
  masterKeys();
  // A wrong key ends us before anybody can ask; a database that is away is asked again below.
  await requireMasterKeys().catch((error: unknown) => {
    if (error instanceof WrongMasterKey) throw error;
  });
  const readiness: Readiness = { pages: false, stopping: false };
  const stopping = new AbortController();
  const next = await prepareNext();
  const showPage = createPageHandler(next.pages);
  const app = createApp(readiness, stopping.signal);
  const showData = getRequestListener((request, bindings) => app.fetch(request, bindings), {
    overrideGlobalObjects: false,
  });

  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const isData = dataPrefixes.some(
      (prefix) => path.startsWith(prefix) && /^[/?]?$/.test(path.charAt(prefix.length)),
    );
    if (isData) return void showData(request, response);
    showPage(request, response).catch((error: unknown) => {
      log.error(
        { path, error: reasonOf(error), stack: error instanceof Error && error.stack },
        'a page failed',
      );
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.on('upgrade', createUpgradeHandler(stopping.signal));
  server.requestTimeout = 60_000;
  await listen(server, HOST, PORT);

  const sweep = setInterval(() => {
    sweepSessions().catch((error: unknown) => {
      log.warn({ error: reasonOf(error) }, 'sessions were not swept');
    });
  }, sweepMs);
  stopOnSignal(async () => {
    readiness.stopping = true;
    clearInterval(sweep);
    const closed = new Promise((resolve) => server.close(resolve));
    stopping.abort();
    server.closeIdleConnections();
    // What has been asked gets its answer; what dawdles is cut.
    setTimeout(() => server.closeAllConnections(), 5_000).unref();
    await closed;
    stopHub();
    await Promise.allSettled([next.close(), stopBoss(), stopLive()]);
    await closeDatabase();
  }, 10);

  await Promise.all([next.pages.then(() => (readiness.pages = true)), startListening(), databaseFits()]);
  const ready = { ready: 'web', pid: process.pid, url: `http://${toHostName(HOST)}:${PORT}` };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

interface PreparedNext {
  pages: Promise<PageHandler>;
  close: () => Promise<void>;
}

async function prepareNext(): Promise<PreparedNext> {
  // Next reads the environment while it loads.
  Object.assign(process.env, { NODE_ENV: env().NODE_ENV, NEXT_TELEMETRY_DISABLED: '1' });
  const { default: next } = await import('next');
  const { HOST, PORT } = env();
  const pages = next({
    dev: env().NODE_ENV === 'development',
    dir: process.cwd(),
    hostname: HOST,
    port: PORT,
    quiet: true,
  });
  const prepared = pages.prepare().then((): PageHandler => pages.getRequestHandler());
  return { pages: prepared, close: () => pages.close() };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${port} on ${host} is taken. Stop what uses it, or choose another with PORT=…`)
          : error.code === 'EACCES'
            ? new Error(
                `Port ${port} needs more rights than this user has. Choose one above 1023 with PORT=…`,
              )
            : error,
      );
    });
    server.listen(port, host, resolve);
  });
}

/** Waits for the database, however long. @throws WrongMasterKey when it is one whose secrets we cannot open */
async function databaseFits(): Promise<void> {
  for (let last = ''; ; await new Promise((resolve) => setTimeout(resolve, 500))) {
    try {
      return await requireMasterKeys();
    } catch (error) {
      if (error instanceof WrongMasterKey) throw error;
      const reason = reasonOf(error);
      if (reason !== last) log.warn({ error: reason }, 'waiting for the database');
      last = reason;
    }
  }
}

function toHostName(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

main().catch((error: unknown) => {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exit(1);
});
