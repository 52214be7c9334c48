import { statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { create } from 'tar';
import { answerOf } from '../answer';
import { command, group } from '../command';
import { connect } from '../connection';
import { exitCodes, Failure } from '../failure';
import { plain, printJson, printTable, say, tell } from '../print';

const list = command({
  command: ['list', '$0'],
  describe: 'The packs that you may see',
  builder: (yargs) => yargs,
  handler: async ({ json, ...common }) => {
    const { items } = await answerOf(
      connect(common).GET('/api/v1/packs', { params: { query: { page_size: '1000' } } }),
    );
    if (json) return printJson(items);
    printTable(
      ['REF', 'VERSION', 'STANDARD', 'LABEL'],
      items.map((pack) => [pack.ref, pack.version, pack.is_standard ? 'yes' : 'no', pack.label]),
    );
  },
});

/** What belongs to a checkout, or is made anew. */
const leftOut = new Set(['.git', 'node_modules', '__pycache__', '.venv', '.DS_Store']);

/** A pack's archive: the file itself, or a folder packed. @throws Failure usage */
async function archiveOf(from: string): Promise<Uint8Array<ArrayBuffer>> {
  const stat = statSync(from, { throwIfNoEntry: false });
  if (!stat)
    throw new Failure(
      `${from} is not there. Give a pack’s folder, or its archive (tar.gz).`,
      exitCodes.usage,
    );
  if (!stat.isDirectory()) return new Uint8Array(await readFile(from));
  const chunks: Buffer[] = [];
  const filter = (name: string) => !name.split('/').some((part) => leftOut.has(part));
  for await (const chunk of create({ cwd: from, gzip: true, portable: true, filter }, ['.']))
    chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

const install = command({
  command: ['install <from>', 'import <from>'],
  describe: 'Install a pack from a folder or an archive (tar.gz) of this machine',
  builder: (yargs) =>
    yargs
      .positional('from', { type: 'string', demandOption: true, describe: 'The folder or the archive' })
      .option('force', {
        type: 'boolean',
        default: false,
        describe: 'Also where one is there: what vanished from its files is removed',
      }),
  handler: async ({ from, force, json, ...common }) => {
    const archive = await archiveOf(from);
    const { data } = await answerOf(
      connect(common).POST('/api/v1/packs/upload', {
        body: { pack: '', force: String(force) },
        bodySerializer: (fields) => {
          const form = new FormData();
          form.set(
            'pack',
            new Blob([archive], { type: 'application/gzip' }),
            `${path.basename(from)}.tar.gz`,
          );
          form.set('force', String(fields.force));
          return form;
        },
      }),
    );
    if (json) return printJson(data);
    say(`Installed ${plain(data.pack.ref)} ${plain(data.pack.version)}.`);
    for (const problem of data.problems) tell(plain(problem));
  },
});

const exportPack = command({
  command: 'export <ref> [file]',
  describe: 'Save a pack as an archive that install takes, with all that was made and changed in the studio',
  builder: (yargs) =>
    yargs.positional('ref', { type: 'string', demandOption: true, describe: 'The pack' }).positional('file', {
      type: 'string',
      describe: 'Where to (Default: <ref>-<version>.tar.gz; - for stdout)',
    }),
  handler: async ({ ref, file, json, ...common }) => {
    const api = connect(common);
    const { data } = await answerOf(api.GET('/api/v1/packs/{ref}', { params: { path: { ref } } }));
    const call = api.GET('/api/v1/packs/{ref}/export', { params: { path: { ref } }, parseAs: 'arrayBuffer' });
    const bytes = new Uint8Array(await answerOf<ArrayBuffer>(call));
    const { response } = await call;
    const leftOut = decodeURIComponent(response.headers.get('x-attune-left-out') ?? '');
    if (leftOut !== '') tell(plain(`Left out:\n${leftOut}`));
    if (file === '-') {
      process.stdout.write(bytes);
      return;
    }
    const target = file ?? `${ref}-${data.version.replaceAll(/[^\w.-]/g, '_')}.tar.gz`;
    writeFileSync(target, bytes);
    if (json) printJson({ pack: ref, file: target, size_bytes: bytes.length });
    else say(`Saved ${plain(ref)} ${plain(data.version)} to ${target} (${bytes.length} bytes).`);
  },
});

const remove = command({
  command: 'remove <ref>',
  describe: 'Remove a pack with all that is in it',
  builder: (yargs) => yargs.positional('ref', { type: 'string', demandOption: true, describe: 'The pack' }),
  handler: async ({ ref, json, ...common }) => {
    const data = await answerOf(connect(common).DELETE('/api/v1/packs/{ref}', { params: { path: { ref } } }));
    if (json) printJson(data);
    else say(`Removed ${plain(ref)}.`);
  },
});

export const packs = group('packs', ['pack'], 'List, install, export, remove', [
  list,
  install,
  exportPack,
  remove,
]);
