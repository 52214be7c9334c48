import { createHash } from 'node:crypto';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { create, Parser, type ReadEntry } from 'tar';
import { DomainError, invalid } from '@/engine/errors';

/** What an archive may hold; more is refused before it is written anywhere. */
export const archiveLimits = {
  packedBytes: 20 * 2 ** 20,
  unpackedBytes: 100 * 2 ** 20,
  files: 5_000,
  ratio: 200,
  pathCharacters: 400,
} as const;

const inflate = promisify(gunzip);
/** Never part of a pack: what belongs to a checkout or is made anew. */
const leftOut = new Set(['.git', 'node_modules', '__pycache__', '.venv', '.DS_Store']);

/** The files inside a tar or tar.gz by their path, with no more than `archiveLimits`. @throws DomainError archive_refused, too_large */
export async function readArchiveFiles(bytes: Uint8Array): Promise<Map<string, Buffer>> {
  if (bytes.length > archiveLimits.packedBytes)
    throw new DomainError(
      'too_large',
      'archive_too_large',
      `The archive is larger than ${toMb(archiveLimits.packedBytes)}.`,
    );
  const plain = await toPlain(bytes);
  const files = new Map<string, Buffer>();
  const refusals: DomainError[] = [];
  await new Promise<void>((resolve, reject) => {
    let sizeBytes = 0;
    const parser = new Parser({
      strict: true,
      onReadEntry: (entry: ReadEntry) => {
        const refusal = findRefusal(entry, files, (sizeBytes += entry.size));
        if (refusal) refusals.push(refusal);
        if (refusals.length > 0 || entry.type === 'Directory') {
          entry.resume();
          return;
        }
        const chunks: Buffer[] = [];
        entry.on('data', (chunk: Buffer) => chunks.push(chunk));
        const path = toInner(entry.path);
        entry.on('end', () => files.set(path, Buffer.concat(chunks)));
      },
    });
    parser.on('end', () => resolve());
    parser.on('error', (error: Error) => reject(refuse(`It cannot be read: ${error.message}.`)));
    parser.end(plain);
  });
  if (refusals[0]) throw refusals[0];
  if (files.size === 0) throw refuse('It holds no file.');
  return files;
}

async function toPlain(bytes: Uint8Array): Promise<Buffer> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) {
    if (Buffer.from(bytes.subarray(257, 262)).toString('latin1') !== 'ustar')
      throw refuse('It is no tar.gz. Make one with: tar -czf pack.tar.gz -C your-pack .');
    return Buffer.from(bytes);
  }
  const limit = Math.min(archiveLimits.unpackedBytes, Math.max(2 ** 20, bytes.length * archiveLimits.ratio));
  try {
    return await inflate(bytes, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw refuse(`Unpacked it is larger than ${toMb(limit)}.`);
    throw refuse(`It cannot be unpacked: ${(error as Error).message}.`);
  }
}

function findRefusal(
  entry: ReadEntry,
  files: ReadonlyMap<string, Buffer>,
  sizeBytes: number,
): DomainError | null {
  const { path, type } = entry;
  const shown = path.slice(0, 200);
  if (type !== 'File' && type !== 'OldFile' && type !== 'ContiguousFile' && type !== 'Directory')
    return refuse(`${shown} is a ${type}: only files and folders are taken, no links and no devices.`);
  const parts = path.split(/[/\\]/);
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path) || parts.includes('..') || path.includes('\0'))
    return refuse(`${shown} leads out of the archive.`);
  if (path.length > archiveLimits.pathCharacters)
    return refuse(`A path has ${path.length} characters: ${shown}…`);
  if (files.size >= archiveLimits.files) return refuse(`It holds more than ${archiveLimits.files} files.`);
  if (sizeBytes > archiveLimits.unpackedBytes)
    return refuse(`Unpacked it is larger than ${toMb(archiveLimits.unpackedBytes)}.`);
  return null;
}

function toInner(path: string): string {
  return path
    .split(/[/\\]/)
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

/** The files below the pack.yaml: at the root, or in the one folder that holds everything. @throws DomainError archive_refused */
export function toPackRoot(files: ReadonlyMap<string, Buffer>, folder = ''): Map<string, Buffer> {
  const below = (prefix: string) =>
    new Map(
      [...files]
        .filter(([path]) => path.startsWith(prefix))
        .map(([path, content]) => [path.slice(prefix.length), content]),
    );
  const hasPack = (inner: ReadonlyMap<string, Buffer>) => inner.has('pack.yaml') || inner.has('pack.yml');
  const wanted = below(folder === '' ? '' : `${toInner(folder)}/`);
  if (hasPack(wanted)) return wanted;
  const tops = new Set([...wanted.keys()].map((path) => path.split('/')[0] ?? ''));
  const [top = ''] = tops;
  const inner = below(`${folder === '' ? '' : `${toInner(folder)}/`}${top}/`);
  if (tops.size === 1 && hasPack(inner)) return inner;
  throw refuse('There is no pack.yaml at its root. Make the archive inside the pack’s folder.');
}

/** Writes files below a folder that is empty; their paths were checked. */
export async function writeFiles(folder: string, files: ReadonlyMap<string, Buffer>): Promise<void> {
  for (const [path, content] of files) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content, { flag: 'wx' });
  }
}

/**
 * A folder's files as an archive that depends on nothing but their names and content, and its sha256. Links are not
 * followed. @throws DomainError too_large
 */
export async function packFolder(
  folder: string,
): Promise<{ content: Buffer<ArrayBuffer>; contentHash: string }> {
  const names = await listFiles(folder);
  const chunks: Buffer[] = [];
  const mtime = new Date(0);
  for await (const chunk of create(
    { cwd: folder, gzip: true, portable: true, mtime, noDirRecurse: true },
    names,
  ))
    chunks.push(chunk);
  const content = Buffer.concat(chunks);
  if (content.length > archiveLimits.packedBytes)
    throw new DomainError(
      'too_large',
      'archive_too_large',
      `Packed, the files are larger than ${toMb(archiveLimits.packedBytes)}.`,
    );
  return { content, contentHash: createHash('sha256').update(content).digest('hex') };
}

async function listFiles(folder: string): Promise<string[]> {
  const names: string[] = [];
  let sizeBytes = 0;
  const open = [folder];
  for (let here = open.pop(); here !== undefined; here = open.pop()) {
    for (const entry of await readdir(here, { withFileTypes: true })) {
      if (leftOut.has(entry.name)) continue;
      const path = join(here, entry.name);
      if (entry.isDirectory()) open.push(path);
      if (!entry.isFile()) continue;
      names.push(relative(folder, path).split(sep).join('/'));
      sizeBytes += (await stat(path)).size;
      if (names.length > archiveLimits.files || sizeBytes > archiveLimits.unpackedBytes)
        throw new DomainError(
          'too_large',
          'pack_too_large',
          `The folder holds more than ${archiveLimits.files} files or ${toMb(archiveLimits.unpackedBytes)}.`,
        );
    }
  }
  return names.sort();
}

function refuse(reason: string): DomainError {
  return invalid(`The archive is refused. ${reason}`, [{ path: 'pack', message: reason }], 'archive_refused');
}

function toMb(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}
