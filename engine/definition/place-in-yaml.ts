import { isAlias, isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import type { Problem } from './problem';
import type { YamlText } from './read-yaml';
import type { Path } from './reader';

/** The line and column at which a text says what stands at a path, or the nearest above it that it says. */
export function placeOf({ document, lines }: YamlText, path: Path): { line: number; column: number } {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (let place = 0; place < path.length;) {
    const here: unknown = isAlias(node) ? node.resolve(document) : node;
    const found = isMap(here)
      ? findKey(here, path, place)
      : isSeq(here)
        ? findEntry(here.items, path, place)
        : null;
    if (!found) break;
    offset = startOf(found.marker) ?? offset;
    node = found.node;
    place += found.taken;
  }
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

interface Step {
  /** What stands there, and what its place is. */
  node: unknown;
  marker: unknown;
  /** How many parts of the path it took. */
  taken: number;
}

/** A key, with dashes or not; one that has dots in it takes several parts. */
function findKey(map: YAMLMap, path: Path, place: number): Step | null {
  for (let end = place + 1; end <= Math.min(path.length, place + 4); end += 1) {
    const key = path.slice(place, end).join('.');
    const pair =
      map.items.find((item) => nameOf(item.key) === key) ??
      map.items.find((item) => nameOf(item.key).replaceAll('-', '_') === key);
    if (pair) return { node: pair.value, marker: pair.key, taken: end - place };
  }
  return null;
}

/** An entry by its number; in a list of one-key maps also by that key. */
function findEntry(items: readonly unknown[], path: Path, place: number): Step | null {
  const entry = items[Number(path[place])];
  if (entry !== undefined) return { node: entry, marker: entry, taken: 1 };
  for (const item of items) {
    const found = isMap(item) ? findKey(item, path, place) : null;
    if (found) return found;
  }
  return null;
}

function nameOf(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

function startOf(node: unknown): number | undefined {
  const range = (node as { range?: [number, number, number] | null } | null)?.range;
  return range?.[0];
}

/** Where a problem's task and field stand in a text, whichever way its tasks are written. */
export function pathOf({ value }: YamlText, { code, task, field }: Problem): Path {
  const parts = field === undefined ? [] : field.split('.');
  if (task === undefined) return parts;
  const tasks = (value as { tasks?: unknown } | null)?.tasks;
  if (!Array.isArray(tasks)) return ['tasks', task, ...parts];
  const isIt = (each: unknown) => (each as { name?: unknown } | null)?.name === task;
  const index = code === 'duplicate_name' ? tasks.findLastIndex(isIt) : tasks.findIndex(isIt);
  return index < 0 ? ['tasks'] : ['tasks', index, ...parts];
}
