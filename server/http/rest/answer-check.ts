import { Validator } from '@cfworker/json-schema';
import { describeApi } from '../openapi/document';

/** For tests: whether what the API answers is what its own description says. */

interface Described {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { schema?: object }> }> }>
  >;
  components: object;
}

const validators = new Map<string, Validator>();
let made: Described | undefined;

/** What is wrong with an answer; empty when nothing is. `path` is the declared one, with `{name}` for what varies. */
export function checkAnswer(
  method: string,
  path: string,
  { status, type, text }: { status: number; type: string; text: string },
): string[] {
  made ??= describeApi('0') as unknown as Described;
  const responses = made.paths[path]?.[method]?.responses;
  if (!responses) return [`${method} ${path} is not described`];
  const described = responses[String(status)];
  if (!described) return [`${status} is not described: ${text.slice(0, 300)}`];
  const [media = ''] = type.split(';');
  const content = described.content?.[media];
  // A file is of any type.
  if (described.content?.['application/octet-stream']) return [];
  if (!content) return [`${media} is not described for ${status}`];
  if (!content.schema || media !== 'application/json') return [];
  const key = `${method} ${path} ${status}`;
  const validator =
    validators.get(key) ??
    new Validator({ ...content.schema, components: made.components }, '2020-12', false);
  validators.set(key, validator);
  const { valid, errors } = validator.validate(JSON.parse(text));
  return valid
    ? []
    : errors
        .slice(-3)
        .map(({ instanceLocation, error }) => `${instanceLocation} ${error} in ${text.slice(0, 600)}`);
}
