import type { Reference } from '../../expression/expression';
import { nearest } from '../../expression/nearest';
import type { Definition } from '../schema';
import { quote, type Subject } from './check';

/** What the expressions of a definition may speak of. */
export interface Names {
  tasks: ReadonlySet<string>;
  parameters: ReadonlySet<string>;
  variables: ReadonlySet<string>;
  /** Parameters whose values are shown to nobody. */
  secrets: ReadonlySet<string>;
}

export function namesOf({ definition, graph }: Subject): Names {
  const parameters = propertiesOf(definition.parameters);
  const variables = new Set(Object.keys(definition.vars ?? {}));
  for (const { next } of definition.tasks)
    for (const { publish } of next)
      for (const entry of publish ?? []) for (const name of Object.keys(entry)) variables.add(name);
  return {
    tasks: new Set(graph.tasks.keys()),
    parameters: new Set(Object.keys(parameters)),
    variables,
    secrets: new Set(
      Object.entries(parameters).flatMap(([name, schema]) =>
        isSchema(schema) && (schema['secret'] === true || schema['format'] === 'password') ? [name] : [],
      ),
    ),
  };
}

type Schema = NonNullable<Definition['parameters']>;

/** The schemas of the properties that a schema of an object names. */
export function propertiesOf(schema: Schema | null | undefined): Schema {
  const properties = schema?.['properties'];
  return isSchema(properties) ? properties : {};
}

export function isSchema(value: Schema[string] | undefined): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const roots = new Set([
  'parameters',
  'workflow',
  'vars',
  'task',
  'event',
  'trigger',
  'rule',
  'config',
  'keystore',
  'datastore',
  'execution',
  'system',
]);

/** A name that reads as null because nothing is called so; null where it is known. */
export function findUnknown(
  { root, path }: Reference,
  names: Names,
  locals: readonly string[],
): { code: string; message: string; repair: () => string } | null {
  const tell = (code: string, what: string, name: string, known: ReadonlySet<string>) => {
    if (known.has(name)) return null;
    const message = `There is no ${what} ${quote(name)}; it reads as null.`;
    return { code, message, repair: () => repairName(name, known) };
  };
  if (locals.includes(root)) return null;
  if (!roots.has(root)) return tell('unknown_name', 'name', root, new Set([...roots, ...locals]));
  const [key] = path;
  if (key === undefined) return null;
  if (root === 'task') return tell('unknown_task', 'task', String(key), names.tasks);
  if (root === 'parameters') return tell('unknown_parameter', 'parameter', String(key), names.parameters);
  if (root === 'workflow' || root === 'vars')
    return tell('unknown_variable', 'variable', String(key), names.variables);
  return null;
}

function repairName(name: string, known: ReadonlySet<string>): string {
  const near = nearest(name, known);
  if (near !== null) return `Did you mean ${quote(near)}?`;
  return known.size > 0 ? `There are ${[...known].slice(0, 8).map(quote).join(', ')}.` : 'Declare it first.';
}

/** What a reference may bring of a secret, as a sentence's beginning; null where nothing is known to be secret. */
export function tellSecret({ root, path }: Reference, { secrets }: Names): string | null {
  if (root === 'keystore' || root === 'datastore') return 'A key may be secret';
  if (root !== 'parameters' || secrets.size === 0) return null;
  const [key] = path;
  if (key === undefined) return 'Among the parameters there are secret ones';
  return secrets.has(String(key)) ? `The parameter ${quote(String(key))} is secret` : null;
}
