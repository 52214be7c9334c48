/**
 * What is still wrong after an edit: errors by path (`regions.0.name`), without those of parts that differ now and that
 * of the whole. `partOf` names the part of the form that holds a field of another name.
 */
export function withoutChanged(
  errors: Record<string, string>,
  before: object,
  after: object,
  partOf: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const isSame = (path: string) => {
    const known = Object.keys(partOf).find((field) => path === field || path.startsWith(`${field}.`));
    const part = known === undefined ? path : `${partOf[known] ?? ''}${path.slice(known.length)}`;
    const names = part.split('.');
    return JSON.stringify(deepest(before, names)) === JSON.stringify(deepest(after, names));
  };
  const left = Object.entries(errors).filter(([path]) => path !== '' && isSame(path));
  return left.length === Object.keys(errors).length ? errors : Object.fromEntries(left);
}

/** What stands where the names lead, as far as they do. */
function deepest(value: unknown, names: readonly string[]): unknown {
  const [first, ...rest] = names;
  if (first === undefined || typeof value !== 'object' || value === null) return value;
  return deepest((value as Record<string, unknown>)[first], rest);
}
