#!/usr/bin/env node
// `npx attune`, or `npm run attune --`: the command line of the studio (cli/). It needs no database and no running build.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './paths.mjs';
import { enter } from './runtime.mjs';

// Stdout is the command's alone; what making it ready has to say goes to stderr.
const write = process.stdout.write;
process.stdout.write = process.stderr.write.bind(process.stderr);

await enter(async () => {
  const { bundleCommandLine } = await import('./build.mjs');
  await bundleCommandLine();
  process.stdout.write = write;
  await import(pathToFileURL(path.join(root, 'dist/attune.mjs')).href);
});
