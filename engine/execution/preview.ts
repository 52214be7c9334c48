import { compileGraph } from '../definition/graph';
import type { Definition } from '../definition/schema';
import type { Json, Scope } from '../expression/expression';
import { RunScope, type Locals } from './scope';
import type { JsonObject, Outcome } from './state';

/** What is known of a run: of a real one, of pins, or of defaults. */
export interface KnownRun {
  parameters: JsonObject;
  variables: JsonObject;
  /** The results of tasks, by name. */
  results: Readonly<Record<string, { result: Json; status: string }>>;
  execution?: JsonObject;
  now: string;
}

/** The names of a definition's expressions with the values that are known, as a run would give them. */
export function previewScope(definition: Definition, known: KnownRun, locals: Locals = {}): Scope {
  const scope = new RunScope(
    compileGraph(definition),
    {
      parameters: known.parameters,
      config: {},
      keystore: () => ({}),
      execution: known.execution ?? {},
      system: {},
      now: known.now,
      random: () => 0.5,
      taskResult: () => null,
      itemResults: () => [],
      preparedInput: () => ({ input: {}, secret: false, redacted: {} }),
    },
    (task) => (Object.hasOwn(known.results, task) ? (known.results[task] ?? null) : null),
  );
  return scope.with(known.variables, locals);
}

const outcomes: readonly string[] = ['completed', 'failed', 'timeout', 'cancelled', 'abandoned'];

/** A task run's status as the outcome that `succeeded()` and its kin speak of; null while it has not ended. */
export function toOutcome(status: string): Outcome | null {
  return outcomes.includes(status) ? (status as Outcome) : null;
}
