import { conditionStep, workflowStep, type CatalogEntry } from '../canvas/view';
import { fieldsOf } from '../schema-form/field-kind';

export interface PaletteGroup {
  key: string;
  title: string;
  entries: CatalogEntry[];
}

/** What steers a run rather than does its work; offered together, by these names. */
const control = [
  'core.ask',
  workflowStep,
  'core.sleep',
  conditionStep,
  ...['core.noop', 'core.set', 'core.fail'],
];

/**
 * The actions that may become tasks, as the palette shows them: recent ones, favourites, control, then pack by pack. A search
 * must have all its words in the label, ref or description; what starts with it comes first.
 */
export function groupActions(
  actions: readonly CatalogEntry[],
  options: {
    search: string;
    recent: readonly string[];
    favourites?: readonly string[];
    titles: { recent: string; favourites?: string; control: string };
  },
): PaletteGroup[] {
  const words = options.search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = actions.filter((action) => {
    const text = `${action.label} ${action.ref} ${action.description}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const byRef = new Map(found.map((action) => [action.ref, action]));
  const pick = (refs: readonly string[]) => refs.flatMap((ref) => byRef.get(ref) ?? []);
  const groups: PaletteGroup[] = [];
  if (words.length === 0)
    groups.push({ key: 'recent', title: options.titles.recent, entries: pick(options.recent) });
  if (words.length === 0 && options.favourites && options.titles.favourites)
    groups.push({ key: 'favourites', title: options.titles.favourites, entries: pick(options.favourites) });
  groups.push({ key: 'control', title: options.titles.control, entries: pick(control) });
  const packs = new Map<string, CatalogEntry[]>();
  for (const action of found) {
    if (!control.includes(action.ref))
      packs.set(action.packRef, [...(packs.get(action.packRef) ?? []), action]);
  }
  for (const [pack, entries] of [...packs].sort(([a], [b]) => a.localeCompare(b))) {
    groups.push({
      key: `pack ${pack}`,
      title: pack,
      entries: entries.sort((a, b) => a.label.localeCompare(b.label)),
    });
  }
  return groups.filter(({ entries }) => entries.length > 0);
}

export function requiredNames(action: CatalogEntry): string[] {
  return fieldsOf(action.paramSchema).flatMap(({ name, required }) => (required ? [name] : []));
}
