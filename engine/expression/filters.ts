import { listFilters } from './list-filters';
import { textFilters } from './text-filters';
import { valueFilters } from './value-filters';
import type { Filter } from './filter';

/** Every filter by name: Jinja's, and ours beside them. */
export const filters: Record<string, Filter> = { ...valueFilters, ...textFilters, ...listFilters };

/** Name, signature and help of every filter, for completion and hover. */
export const filterSignatures: Record<string, { signature: string; help: string }> = Object.fromEntries(
  Object.entries(filters).map(([name, { signature, help }]) => [
    name,
    { signature: `${name}${signature}`, help },
  ]),
);
