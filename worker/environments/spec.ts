import { createHash } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { EnvironmentKind } from '@/server/environments/schema';
import { CannotStart, type Interpreter } from '../runners/runner';

/** Bumped when the same files lead to another environment. */
const layoutVersion = 1;
const largestFile = 2 ** 20;
const mostLocalFiles = 5_000;

/** What a pack asks for, and under which name the environment for it is found. */
export interface EnvironmentSpec {
  kind: EnvironmentKind;
  /** sha256 over the files that say what is wanted and the interpreter. */
  keyHash: string;
  /** The file that asks: requirements.txt or package.json. */
  askedIn: string;
  hasLock: boolean;
  /** It names files of the pack itself, so the pack has to be there at the install. */
  hasLocalFiles: boolean;
}

/**
 * What the actions of this pack need of the runtime, or null when it asks for nothing.
 * @throws CannotStart when the file that asks cannot be used
 */
export async function readSpec(
  packFolder: string,
  kind: EnvironmentKind,
  interpreter: Interpreter,
): Promise<EnvironmentSpec | null> {
  return kind === 'python' ? readPython(packFolder, interpreter) : readNodejs(packFolder, interpreter);
}

async function readPython(folder: string, interpreter: Interpreter): Promise<EnvironmentSpec | null> {
  const text = await readSmall(folder, 'requirements.txt');
  const lines = (text ?? '')
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
  if (text === null || lines.length === 0) return null;
  // Another file (-r, -c, -f, -e, file:, ./x, x.whl) belongs to what is asked for.
  const hasLocalFiles = lines.some(
    (line) =>
      /^(-r|-c|-f|-e|--requirement|--constraint|--find-links|--editable)\b/.test(line) ||
      /^\.{0,2}\/|\bfile:|^[^;#@]*\.(whl|tar\.gz|zip)\b/.test(line),
  );
  return {
    kind: 'python',
    keyHash: await keyOf('python', interpreter, [text], hasLocalFiles ? folder : null),
    askedIn: 'requirements.txt',
    hasLock: false,
    hasLocalFiles,
  };
}

async function readNodejs(folder: string, interpreter: Interpreter): Promise<EnvironmentSpec | null> {
  const text = await readSmall(folder, 'package.json');
  if (text === null) return null;
  let asked: Record<string, Record<string, unknown> | undefined> | null;
  try {
    asked = JSON.parse(text) as typeof asked;
  } catch (error) {
    throw new CannotStart(
      `The pack's package.json is no JSON: ${(error as Error).message}. Correct it and load the pack again.`,
    );
  }
  const wanted = ['dependencies', 'optionalDependencies'].flatMap((key) => Object.values(asked?.[key] ?? {}));
  if (wanted.length === 0) return null;
  const lock =
    (await readSmall(folder, 'package-lock.json')) ?? (await readSmall(folder, 'npm-shrinkwrap.json'));
  const hasLocalFiles = wanted.some(
    (from) => typeof from === 'string' && /^(file:|link:|\.{0,2}\/|.*\.tgz$)/.test(from),
  );
  const texts = [text, lock ?? '', (await readSmall(folder, '.npmrc')) ?? ''];
  return {
    kind: 'nodejs',
    keyHash: await keyOf('nodejs', interpreter, texts, hasLocalFiles ? folder : null),
    askedIn: 'package.json',
    hasLock: lock !== null,
    hasLocalFiles,
  };
}

async function keyOf(
  kind: EnvironmentKind,
  interpreter: Interpreter,
  texts: readonly string[],
  packFolder: string | null,
): Promise<string> {
  const hash = createHash('sha256').update(
    JSON.stringify([
      layoutVersion,
      kind,
      interpreter.path,
      interpreter.version,
      process.platform,
      process.arch,
      texts,
    ]),
  );
  if (packFolder !== null) await addFiles(hash, packFolder);
  return hash.digest('hex');
}

/** Every file of the pack, by name and content. */
async function addFiles(hash: ReturnType<typeof createHash>, folder: string): Promise<void> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((name) => !/(^|\/)(node_modules|__pycache__|\.git)(\/|$)/.test(name))
    .sort();
  if (names.length > mostLocalFiles)
    throw new CannotStart(
      `The pack has ${names.length} files; one whose requirements name its own files may have ${mostLocalFiles}.`,
    );
  for (const name of names) hash.update(`\0${name}\0`).update(await readFile(join(folder, name)));
}

async function readSmall(folder: string, name: string): Promise<string | null> {
  const path = join(folder, name);
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) return null;
  if (found.size > largestFile && name !== 'package-lock.json')
    throw new CannotStart(`The pack's ${name} has ${found.size} bytes; at most 1 MB is read.`);
  return readFile(path, 'utf8');
}
