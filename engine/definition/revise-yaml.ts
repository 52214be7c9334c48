import { isMap, isScalar, isSeq, type Document, type Node, type YAMLMap } from 'yaml';
import { readDefinition } from './parse';
import type { Definition, Task } from './schema';
import { readYaml } from './read-yaml';
import { parseYaml, printYaml, toPrintedTask } from './yaml';

/**
 * A YAML text changed so that it says the definition, with the comments, the order and the spelling of all that did
 * not change. Where that cannot be done, the definition is printed anew: what comes out always reads as the
 * definition.
 */
export function reviseYaml(text: string, definition: Definition): string {
  const read = readYaml(text);
  if (!read.document || !isMap(read.document.contents)) return printYaml(definition);
  const before = readDefinition(read.value).definition;
  if (!before) return printYaml(definition);
  if (isSame(before, definition)) return text;
  const { document } = read;
  const root = read.document.contents as YAMLMap;
  const { tasks: tasksBefore, ...othersBefore } = before;
  const { tasks, ...others } = definition;
  reviseMap(document, root, othersBefore, others);
  if (!isSame(tasksBefore, tasks)) reviseTasks(document, root, tasksBefore, tasks);
  const revised = document.toString({ lineWidth: 0 });
  return isSame(parseYaml(revised).definition, definition) ? revised : printYaml(definition);
}

/** Gives the list of tasks its new order, each task on the lines that it had. */
function reviseTasks(
  document: Document,
  root: YAMLMap,
  before: readonly Task[],
  after: readonly Task[],
): void {
  const list = root.get('tasks');
  if (!isSeq(list) || list.items.length !== before.length) {
    root.set('tasks', document.createNode(after.map(toPrintedTask)));
    return;
  }
  const places = new Map(before.map((task, index) => [task.name, index]));
  const names = new Set(after.map(({ name }) => name));
  list.items = after.map((task, index) => {
    const own = places.get(task.name);
    // A name that is new where an old one went away: renamed in its place.
    const wasHere = before[index];
    const place =
      own ?? (wasHere && !names.has(wasHere.name) && before.length === after.length ? index : undefined);
    const known = place === undefined ? undefined : before[place];
    const node = place === undefined ? undefined : list.items[place];
    if (!known || !isMap(node)) return document.createNode(toPrintedTask(task));
    if (!isSame(known, task)) {
      const lost = shorthandsOf(known, task);
      node.items = node.items.filter((pair) => !lost.has(keyOf(pair)));
      reviseMap(document, node, toPrintedTask(known), toPrintedTask(task));
    }
    return node;
  });
}

/** The short spellings of what changes: they would say it a second time. */
function shorthandsOf(before: Task, after: Task): Set<string> {
  const lost = new Set<string>();
  if (!isSame(before.next, after.next)) {
    for (const key of ['on_success', 'on_complete', 'on_timeout']) lost.add(key);
    if (before.on_failure === undefined) lost.add('on_failure');
  }
  if (!isSame(before.with_items ?? null, after.with_items ?? null)) {
    for (const key of ['as', 'batch_size', 'concurrency', 'allow_failures', 'on_item_failure']) lost.add(key);
  }
  if (!isSame(before.join ?? null, after.join ?? null)) lost.add('depends_on');
  return lost;
}

/** Sets, changes and removes keys of a map; what is equal is not touched. */
function reviseMap(document: Document, map: YAMLMap, before: object, after: object): void {
  const old = new Map<string, unknown>(Object.entries(before));
  const next = new Map<string, unknown>(Object.entries(after));
  for (const key of old.keys()) {
    if (!next.has(key)) map.items = map.items.filter((pair) => keyOf(pair) !== key);
  }
  for (const [key, value] of next) {
    if (old.has(key) && isSame(old.get(key), value)) continue;
    const pair = map.items.find((each) => keyOf(each) === key);
    if (!pair) map.set(key, document.createNode(value));
    else pair.value = reviseNode(document, pair.value as Node | null, value);
  }
}

/** A node that says a value, as much of it as can be the one that was there. */
function reviseNode(document: Document, node: Node | null, value: unknown): Node {
  if (isScalar(node) && (value === null || typeof value !== 'object')) {
    node.value = value;
    return node;
  }
  if (isMap(node) && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const before = node.toJSON() as unknown;
    if (typeof before === 'object' && before !== null) {
      reviseMap(document, node, before, value);
      return node;
    }
  }
  if (isSeq(node) && Array.isArray(value) && node.items.length === value.length) {
    node.items = value.map((item, index) => reviseNode(document, node.items[index] as Node | null, item));
    return node;
  }
  const fresh = document.createNode(value);
  if ((isSeq(fresh) || isMap(fresh)) && (isSeq(node) || isMap(node))) fresh.flow = node.flow ?? false;
  return fresh;
}

function keyOf(pair: { key: unknown }): string {
  return String(isScalar(pair.key) ? pair.key.value : pair.key).replaceAll('-', '_');
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every(
      (key) =>
        Object.hasOwn(b, key) &&
        isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    )
  );
}
