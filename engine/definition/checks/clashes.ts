import type { Inspection, Json } from '../../expression/expression';
import { quote, type Subject } from './check';
import { isSchema, propertiesOf } from './names-known';
import type { Source } from './sources';

/**
 * Why what an input's expression gives can never be what the action takes, as far as both types are declared: a
 * parameter of another type, or a text where none is taken. Null where they may fit.
 */
export function findClash(
  { place, input }: Source,
  { isText, only }: Inspection,
  { definition, graph, actions }: Subject,
): string | null {
  const action = place.task === undefined ? null : (graph.tasks.get(place.task)?.action ?? null);
  if (input === undefined || action === null) return null;
  const wanted = typesOf(propertiesOf(actions?.get(action)?.paramSchema), input);
  if (!wanted) return null;
  const takes = `${quote(input)} of ${quote(action)} must be ${wanted.map(article).join(' or ')}`;
  if (isText)
    return fits(['string'], wanted)
      ? null
      : `${takes}, and this is a text: something stands beside the single {{ }}.`;
  const [parameter, ...below] = only?.root === 'parameters' ? only.path : [];
  if (parameter === undefined || below.length > 0) return null;
  const given = typesOf(propertiesOf(definition.parameters), String(parameter));
  if (!given || fits(given, wanted)) return null;
  return `${takes}, and parameters.${quote(String(parameter))} is ${given.map(article).join(' or ')}.`;
}

function typesOf(properties: { [name: string]: Json }, name: string): string[] | null {
  const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (!isSchema(schema)) return null;
  const { type } = schema;
  const types = (Array.isArray(type) ? type : [type]).filter((each) => typeof each === 'string');
  return types.length > 0 ? types : null;
}

/** Whether a value of one of the types may be of one of the others; a number may be whole. */
function fits(given: readonly string[], wanted: readonly string[]): boolean {
  const kind = (type: string) => (type === 'integer' ? 'number' : type);
  return given.some((one) => wanted.some((other) => kind(one) === kind(other)));
}

function article(type: string): string {
  if (type === 'null') return 'null';
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}
