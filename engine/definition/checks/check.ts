import type { Graph } from '../graph';
import type { JsonSchema } from '../../json-schema';
import { shorten } from '../../expression/shorten';
import type { Finding } from '../findings';
import type { Definition } from '../schema';

/** An action or workflow that tasks may run, as far as checks ask for it. */
export interface CatalogAction {
  ref: string;
  label?: string;
  /** JSON Schema of its parameters; null when nothing is known of them. */
  paramSchema: JsonSchema | null;
}

/** What every check looks at. */
export interface Subject {
  definition: Definition;
  graph: Graph;
  /** By ref; null when the actions are not known, and then nothing is said of them. */
  actions: ReadonlyMap<string, CatalogAction> | null;
  /** The workflow's own ref, where it is known. */
  ref: string | null;
}

/** Finds one kind of mistake. Its cost grows with the definition and no faster. */
export type Check = (subject: Subject) => Iterable<Finding>;

export function problem(
  severity: Finding['severity'],
  code: string,
  place: { task?: string; field?: string; line?: number; column?: number },
  message: string,
  repair: Finding['repair'],
): Finding {
  return { severity, code, message, repair, ...place };
}

/** A name as messages quote it. */
export function quote(name: string): string {
  return shorten(name, 60);
}
