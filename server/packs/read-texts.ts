import { readFile, readdir } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';

const largestFile = 1_000_000;

/** All regular text files by their path inside the pack, in order of name; links are not followed. */
export async function readTexts(root: string, problems: string[]): Promise<Map<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((name) => !name.split('/').some((part) => part.startsWith('.') || part === 'node_modules'))
    .sort();
  const texts = new Map<string, string>();
  for (const name of names) {
    const content = await readFile(join(root, name));
    if (content.length <= largestFile) texts.set(name, content.toString('utf8'));
    else problems.push(`${relative(resolve(root, '..'), join(root, name))}:1 is larger than 1 MB: left out`);
  }
  return texts;
}
