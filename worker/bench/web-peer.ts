import '@/server/no-generated-code';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { createApp } from '@/server/http/app';
import { startListening } from '@/server/live';

// The web process's way to its data, without pages. Ends when the process that measures does.
const app = createApp({ pages: true, stopping: false }, new AbortController().signal);
const listener = getRequestListener((request, bindings) => app.fetch(request, bindings), {
  overrideGlobalObjects: false,
});
await startListening();
const server = createServer((request, response) => void listener(request, response));
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit(0));
