import { compileGraph, type GraphTask } from './graph';
import type { Definition } from './schema';

export interface Position {
  x: number;
  y: number;
}

const columnWidth = 288;
const rowHeight = 168;

/**
 * A place for every task, top to bottom along the transitions: each below the lowest of its sources, side by side in
 * the order of its sources, rows centred. Tasks that have a place keep it; the others go below those.
 */
export function layoutTasks(
  definition: Definition,
  known: Readonly<Record<string, Position>> = {},
): Record<string, Position> {
  const rows = toRows(definition);
  const fresh = new Map<string, Position>();
  const place = new Map<string, number>();
  rows.forEach((row, level) => {
    const left = (-(row.length - 1) * columnWidth) / 2;
    row.forEach((name, index) => {
      place.set(name, left + index * columnWidth);
      fresh.set(name, { x: left + index * columnWidth, y: level * rowHeight });
    });
  });
  const missing = [...fresh.keys()].filter((name) => !Object.hasOwn(known, name));
  const kept = [...fresh.keys()].flatMap((name) =>
    Object.hasOwn(known, name) ? [known[name] as Position] : [],
  );
  const top = kept.length > 0 ? Math.max(...kept.map(({ y }) => y)) + rowHeight : 0;
  const first = Math.min(...missing.map((name) => fresh.get(name)?.y ?? 0));
  return Object.fromEntries(
    [...fresh].map(([name, at]) => [
      name,
      Object.hasOwn(known, name)
        ? (known[name] as Position)
        : { x: at.x, y: kept.length > 0 ? top + at.y - first : at.y },
    ]),
  );
}

/** Task names by row, each row in the order of its sources. Lines that lead back, in loops, do not count. */
function toRows(definition: Definition): string[][] {
  const { tasks, entry } = compileGraph(definition);
  const order = inFlowOrder(tasks, [...entry, ...tasks.keys()]);
  const place = new Map(order.map((name, index) => [name, index]));
  const rows: string[][] = [];
  const level = new Map<string, number>();
  for (const name of order) {
    const own = level.get(name) ?? 0;
    level.set(name, own);
    for (const target of targetsOf(tasks.get(name))) {
      const isOnward = (place.get(target) ?? -1) > (place.get(name) ?? 0);
      if (isOnward) level.set(target, Math.max(level.get(target) ?? 0, own + 1));
    }
  }
  for (const name of tasks.keys()) (rows[level.get(name) ?? 0] ??= []).push(name);
  return sortRows(rows.filter(Boolean), tasks);
}

/** Every task after all that lead to it, but for the lines that close a loop. */
function inFlowOrder(tasks: ReadonlyMap<string, GraphTask>, roots: readonly string[]): string[] {
  const finished: string[] = [];
  const seen = new Set<string>();
  for (const root of roots) {
    if (seen.has(root)) continue;
    seen.add(root);
    const path = [{ name: root, targets: targetsOf(tasks.get(root)), next: 0 }];
    for (let here = path.at(-1); here; here = path.at(-1)) {
      const target = here.targets[here.next];
      here.next += 1;
      if (target === undefined) {
        finished.push(here.name);
        path.pop();
      } else if (tasks.has(target) && !seen.has(target)) {
        seen.add(target);
        path.push({ name: target, targets: targetsOf(tasks.get(target)), next: 0 });
      }
    }
  }
  return finished.reverse();
}

function targetsOf(task: GraphTask | undefined): string[] {
  return task ? [...new Set(task.transitions.flatMap(({ targets }) => targets))].reverse() : [];
}

/** Orders each row by the middle of its sources in the rows above, so that fewer lines cross. */
function sortRows(rows: string[][], tasks: ReadonlyMap<string, GraphTask>): string[][] {
  const place = new Map<string, number>();
  return rows.map((row) => {
    const weight = (name: string, index: number) => {
      const above = (tasks.get(name)?.inbound ?? []).flatMap((source) => place.get(source) ?? []);
      return above.length > 0
        ? above.reduce((sum, each) => sum + each, 0) / above.length
        : index - (row.length - 1) / 2;
    };
    const sorted = row
      .map((name, index) => ({ name, index, weight: weight(name, index) }))
      .sort((a, b) => a.weight - b.weight || a.index - b.index)
      .map(({ name }) => name);
    sorted.forEach((name, index) => place.set(name, index - (sorted.length - 1) / 2));
    return sorted;
  });
}
