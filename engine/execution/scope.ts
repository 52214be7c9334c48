import type { Graph } from '../definition/graph';
import { markSecret, type Json, type Scope } from '../expression/expression';
import type { JsonObject, Outcome, RunContext } from './state';

type Functions = NonNullable<Scope['functions']>;

/** The end of a task run, as `result()` and its kin speak of it. */
export interface Ended {
  outcome: Outcome;
  result: Json;
}

/** What an expression may speak of beside the run as a whole. */
export interface Locals {
  ended?: Ended;
  item?: { value: Json; index: number; as: string | null };
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether an outcome makes `failed()` true. */
export function isFailure(outcome: Outcome): boolean {
  return outcome === 'failed' || outcome === 'timeout' || outcome === 'abandoned';
}

/** A result with the keys of its `data` beside, never over, its own; of a list, of each in it. */
export function withDataBeside(result: Json): Json {
  if (Array.isArray(result)) return result.map(withDataBeside);
  return isObject(result) && isObject(result['data']) ? { ...result['data'], ...result } : result;
}

/** Builds the names of rule 10 for one step of a run. Nothing is read before an expression touches it. */
export class RunScope {
  private task: Json | null = null;
  private readonly now = () => this.context.now;
  private readonly always: Functions = { now: this.now };
  /** The functions of the task run that was spoken of last: many expressions speak of one. */
  private ofEnded: { ended: Ended; functions: Functions } | null = null;
  private readonly parameters: Json;
  private readonly keystore: () => Json;

  constructor(
    private readonly graph: Graph,
    private readonly context: RunContext,
    private readonly latest: (task: string) => { result: Json; status: string } | null,
  ) {
    this.parameters = markParameters(context);
    this.keystore = context.isKeystoreSecret ? () => markKeystore(context) : context.keystore;
  }

  with(variables: JsonObject, { ended, item }: Locals = {}): Scope {
    const { context } = this;
    const keystore = this.keystore;
    const names: Record<string, Scope['names'][string]> = {
      parameters: this.parameters,
      workflow: variables,
      vars: variables,
      task: () => (this.task ??= this.taskNames()),
      config: context.config,
      keystore,
      datastore: keystore,
      execution: context.execution,
      system: context.system,
    };
    if (context.event !== undefined) names['event'] = context.event;
    if (context.trigger !== undefined) names['trigger'] = context.trigger;
    if (context.rule !== undefined) names['rule'] = context.rule;
    if (item) {
      if (item.as !== null) names[item.as] = item.value;
      names['item'] = item.value;
      names['index'] = item.index;
    }
    return { names, functions: this.functions(ended) };
  }

  private functions(ended: Ended | undefined): Functions {
    if (!ended) return this.always;
    if (this.ofEnded?.ended !== ended) this.ofEnded = { ended, functions: this.toFunctions(ended) };
    return this.ofEnded.functions;
  }

  private toFunctions({ outcome, result }: Ended): Functions {
    let beside: Json | undefined;
    return {
      now: this.now,
      result: () => (beside ??= withDataBeside(result)),
      succeeded: () => outcome === 'completed',
      failed: () => isFailure(outcome),
      timed_out: () => outcome === 'timeout',
      cancelled: () => outcome === 'cancelled',
    };
  }

  /**
   * `task`, whose members are looked up when they are read: a run of 10,000 tasks must not load 10,000 results
   * for an expression that reads one. To the evaluator it is an object with own properties like any other.
   */
  private taskNames(): Json {
    return lazyObject(
      (name) =>
        this.graph.tasks.has(name) ? (this.latest(name) ?? { result: null, status: null }) : undefined,
      () => [...this.graph.tasks.keys()],
    );
  }
}

/** The parameters, with those marked that are secret. */
function markParameters({ parameters, secretParameters }: RunContext): Json {
  if (!secretParameters || secretParameters.length === 0 || !isObject(parameters)) return parameters;
  const marked = { ...parameters };
  for (const name of secretParameters) {
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    // What nobody gave is no secret.
    if (value !== undefined && value !== null) marked[name] = markSecret(value);
  }
  return marked;
}

/** The keystore, with every value marked that is secret when it is read. */
function markKeystore(context: RunContext): Json {
  const keys = context.keystore();
  if (!isObject(keys)) return keys;
  return lazyObject(
    (name) => {
      const value = Object.hasOwn(keys, name) ? keys[name] : undefined;
      return value !== undefined && context.isKeystoreSecret?.(name) ? markSecret(value) : value;
    },
    () => Object.keys(keys),
  );
}

/** An object whose members are made when they are read; to the evaluator one with own properties like any other. */
function lazyObject(read: (name: string) => Json | undefined, names: () => string[]): JsonObject {
  const get = (name: string | symbol) => (typeof name === 'string' ? read(name) : undefined);
  return new Proxy<JsonObject>(
    {},
    {
      get: (_, name) => get(name),
      has: (_, name) => get(name) !== undefined,
      ownKeys: names,
      getOwnPropertyDescriptor: (_, name) => {
        const value = get(name);
        return value === undefined
          ? undefined
          : { value, enumerable: true, configurable: true, writable: true };
      },
    },
  );
}
