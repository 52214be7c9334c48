import type { Definition } from '@/engine/definition/schema';
import { layoutTasks } from '@/engine/definition/layout';
import type { Positions } from './view';

/**
 * A place for every task: where the layout knows one, that; else all are laid out anew, moved so that nothing
 * that has a place is covered.
 */
export function placesFor(definition: Definition, known: Positions): Positions {
  const missing = definition.tasks.filter(({ name }) => !Object.hasOwn(known, name));
  const names = new Set(definition.tasks.map(({ name }) => name));
  const kept = Object.fromEntries(Object.entries(known).filter(([name]) => names.has(name)));
  if (missing.length === 0) return kept;
  const fresh = layoutTasks(definition);
  if (missing.length === definition.tasks.length) return fresh;
  const bottom = Math.max(0, ...Object.values(kept).map(({ y }) => y));
  const top = Math.min(...missing.map(({ name }) => fresh[name]?.y ?? 0));
  const places: Record<string, { x: number; y: number }> = { ...kept };
  for (const { name } of missing) {
    const place = fresh[name] ?? { x: 0, y: 0 };
    places[name] = { x: place.x, y: bottom + 168 + place.y - top };
  }
  return places;
}
