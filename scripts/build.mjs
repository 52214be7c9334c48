import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { root } from './paths.mjs';
import { command, step, Trouble } from './progress.mjs';
import { enter } from './runtime.mjs';
import { stampOf } from './stamps.mjs';

const tools = ['package-lock.json', 'tsconfig.json'];
const notShipped = ['.test.ts', '.test.tsx'];

/** The programs that become one file each in dist/. */
const programs = {
  web: 'server/main.ts',
  worker: 'worker/main.ts',
  setup: 'server/setup.ts',
  rotate: 'server/rotate.ts',
};
/** What `npm run bench` runs beside them. */
const benchPrograms = {
  bench: 'worker/bench/main.ts',
  'bench-floor': 'worker/bench/floor-peer.ts',
  'bench-web': 'worker/bench/web-peer.ts',
};

/** The Prisma CLI wants to download its engine; this one is in a package. */
export function prismaEnvironment(databaseUrl) {
  return {
    ...process.env,
    // Nothing that generates or builds connects; the configuration only wants to be complete.
    DATABASE_URL: databaseUrl ?? process.env['DATABASE_URL'] ?? 'postgresql://nobody@127.0.0.1:1/none',
    PRISMA_SCHEMA_ENGINE_BINARY: path.join(root, 'scripts/schema-engine-shim.mjs'),
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
  };
}

const bin = (name) => path.join(root, 'node_modules/.bin', name);

/** Makes Prisma's client from the schema, where it is not up to date. */
export async function generateClient() {
  const stamp = stampOf('client', {
    sources: ['prisma/schema.prisma', 'prisma.config.ts', 'package-lock.json'],
    outputs: ['server/generated/prisma/client.ts'],
  });
  if (stamp.isFresh()) return;
  await step(
    'Generating the database client',
    () =>
      command('Generating the database client', bin('prisma'), ['generate'], {
        cwd: root,
        env: prismaEnvironment(),
      }),
    { slow: true },
  );
  stamp.keep();
}

/** Bundles the web process, the worker and the setup into dist/, where their sources changed. */
export async function bundlePrograms() {
  await generateClient();
  await bundle('programs', 'Bundling the web process and the worker', programs);
}

/** The same for the programs of `npm run bench`. */
export async function bundleBench() {
  await bundle('bench', 'Bundling the measurements', benchPrograms);
}

/** The same for the command line, a program of its own. */
export async function bundleCommandLine() {
  await bundle('cli', 'Bundling the command line', { attune: 'cli/main.ts' }, ['cli', 'client']);
}

async function bundle(name, title, entries, places = ['engine', 'server', 'worker']) {
  const stamp = stampOf(name, {
    sources: [...places, 'scripts/build.mjs', ...tools],
    except: notShipped,
    outputs: Object.keys(entries).map((out) => `dist/${out}.mjs`),
  });
  if (stamp.isFresh()) return;
  await step(title, async () => {
    stamp.read();
    const { build } = await import('esbuild');
    const { outputFiles } = await build({
      write: false,
      absWorkingDir: root,
      entryPoints: Object.entries(entries).map(([out, place]) => ({ in: place, out })),
      outdir: 'dist',
      outExtension: { '.js': '.mjs' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node22',
      packages: 'external',
      alias: { '@': root },
      sourcemap: true,
      logLevel: 'silent',
    }).catch((error) => {
      throw new Trouble(`The programs could not be bundled:\n${error.message}`);
    });
    // Renamed into place: a process that starts meanwhile finds the old program or the new one, never half of one.
    mkdirSync(path.join(root, 'dist'), { recursive: true });
    for (const file of outputFiles) {
      writeFileSync(`${file.path}.new`, file.contents);
      renameSync(`${file.path}.new`, file.path);
    }
  });
  stamp.keep();
}

/** Makes the types of client/ from the API's own description, where it is not up to date. */
export async function generateApiTypes() {
  const place = 'client/generated/api.ts';
  const stamp = stampOf('api-types', {
    sources: ['engine', 'server', 'scripts/build.mjs', ...tools],
    except: notShipped,
    outputs: [place],
  });
  if (stamp.isFresh()) return;
  stamp.read();
  await generateClient();
  await bundle('api-document', 'Bundling the API’s description', {
    'api-document': 'server/http/openapi/print.ts',
  });
  const { stdout } = await command(
    'Describing the API',
    process.execPath,
    [path.join(root, 'dist/api-document.mjs')],
    { cwd: root, env: prismaEnvironment() },
  );
  const { default: openapiTs, astToString } = await import('openapi-typescript');
  const types = astToString(await openapiTs(JSON.parse(stdout)));
  mkdirSync(path.join(root, 'client/generated'), { recursive: true });
  writeFileSync(path.join(root, place), types);
  stamp.keep();
}

/** Builds the pages, where their sources changed. */
export async function buildPages() {
  const stamp = stampOf('pages', {
    sources: [
      'app',
      'components',
      'engine',
      'server',
      'public',
      'next.config.js',
      'postcss.config.mjs',
      ...tools,
    ],
    except: notShipped,
    outputs: ['.next/BUILD_ID'],
  });
  if (stamp.isFresh()) return;
  await step(
    'Building the pages (half a minute)',
    () => {
      stamp.read();
      return command('Building the pages', bin('next'), ['build'], {
        cwd: root,
        env: { ...prismaEnvironment(), NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
      });
    },
    { slow: true },
  );
  stamp.keep();
}

/** Builds whatever is not up to date. */
export async function buildAll() {
  await withLock('build', async () => {
    await bundlePrograms();
    await bundleCommandLine();
    await buildPages();
  });
}

if (process.argv[1] === path.join(root, 'scripts/build.mjs')) {
  await enter(buildAll);
}
