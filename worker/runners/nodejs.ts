import { readSource, type Invocation, type RunnerInput } from './runner';

/** Imports a module; if it exports `run`, calls it with the parameters and leaves what it gives back in the result file. */
export const nodejsBootstrap = `import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
const [, , path, resultPath] = process.argv;
process.argv.splice(1, 3, path);
const module = await import(pathToFileURL(path));
const run = module.run ?? module.default?.run ?? (typeof module.default === 'function' && module.default.name === 'run' ? module.default : undefined);
if (typeof run === 'function') {
  const given = Symbol.for('attune.parameters');
  globalThis[given] ??= JSON.parse(readFileSync(process.env.ATTUNE_PARAMETER_FILE || 0, 'utf8') || '{}');
  const result = await run(globalThis[given]);
  if (result !== undefined || !existsSync(resultPath)) writeFileSync(resultPath, JSON.stringify(result ?? null), { mode: 0o600 });
}
`;

const exportsRun =
  /\bexport\s+(default\s+)?(async\s+)?function\s*\*?\s*run\b|\bexport\s+(const|let|var)\s+run\b|\bexport\s*\{[^}]*\brun\b|\bexports\.run\s*=|\bmodule\.exports\s*=\s*(\{[^}]*\brun\b|run\b|(async\s+)?function\s+run\b)/;

/**
 * Waits to be told what to run, and becomes it as if it had been started so; until then nothing of any execution is in it.
 * CommonJS, because what is run next must be the main module.
 */
export const nodejsWait = `'use strict';
const { closeSync, openSync, readSync, unlinkSync, writeSync } = require('node:fs');
const { runMain } = require('node:module');
const read = () => {
  const piece = Buffer.alloc(65536);
  const pieces = [];
  for (let length = 0; piece[length - 1] !== 10; pieces.push(Buffer.from(piece.subarray(0, length)))) {
    length = readSync(0, piece);
    if (length === 0) process.exit(0);
  }
  return JSON.parse(Buffer.concat(pieces).toString());
};
writeSync(1, 'ready\\n');
const { variables, stdin, args } = read();
Object.assign(process.env, variables);
// The lowest that is free is what was closed.
closeSync(0);
openSync(stdin, 'r+');
process.argv.splice(1, process.argv.length, ...args);
delete require.cache[__filename];
// Gone is the sign that it was taken.
unlinkSync(stdin);
// From an empty stack, so that no traceback tells of this program.
process.nextTick(runMain, args[0]);
`;

/** How to run a Node action: a CommonJS or ES module script as it is, or a module whose exported `run(params)` is awaited. */
export async function toNodejsInvocation({
  source,
  bootstrap,
  modulesFolder,
}: RunnerInput): Promise<Invocation> {
  // Code without a "type" is meant to be recognised by its syntax: no reason to warn its author.
  const options = ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'];
  const text = await readSource(source);
  // What lies beside a pack's file may import it as well.
  if (source.kind === 'file' || /['"]attune['"]/.test(text))
    options.push('--require', `${modulesFolder}/attune-hook.cjs`);
  const isModule = exportsRun.test(text);
  return {
    options,
    lay: (runFolder) => {
      const path = source.kind === 'file' ? source.path : `${runFolder}/action.js`;
      const files =
        source.kind === 'code'
          ? [
              { name: 'action.js', content: source.code },
              // Without a "type" Node looks at the syntax; without this file it would find some package.json above.
              { name: 'package.json', content: '{}\n' },
            ]
          : [];
      return { args: isModule ? [bootstrap, path, `${runFolder}/result.json`] : [path], files };
    },
    callsRun: isModule,
  };
}
