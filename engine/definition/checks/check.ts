import type { Graph } from '../graph';
import type { JsonSchema } from '../../json-schema';
import type { Problem } from '../problem';
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
}

export type Check = (subject: Subject) => Problem[];

export function problem(
  severity: Problem['severity'],
  code: string,
  place: { task?: string; field?: string },
  message: string,
  repair: string,
): Problem {
  return { severity, code, message, repair, ...place };
}

/** A name as messages quote it. */
export function quote(name: string): string {
  return name.length > 60 ? `${name.slice(0, 59)}…` : name;
}
