import { exitCodes, Failure } from './failure';

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

/** What a flat parameter schema says of one name. */
interface Declared {
  type?: unknown;
}

/**
 * Parameters from the words of a command line: `name=text`, `name:=json`, and `name=@file` for a file's text. A text is
 * read as its parameter's type asks for; where nothing says, it stays a text.
 *
 * @param schema flat, as `GET /actions/{ref}` gives it
 * @param readFile gives a file's text
 * @throws Failure usage, that says which word
 */
export async function toValues(
  words: readonly string[],
  schema: { [name: string]: unknown },
  readFile: (path: string) => Promise<string>,
): Promise<JsonObject> {
  const values = new Map<string, Json>();
  for (const word of words) {
    const [, name, operator, text] = /^([^:=]+)(:=|=)([\s\S]*)$/.exec(word) ?? [];
    if (name === undefined || text === undefined)
      throw new Failure(`“${word}” is no parameter. Write name=value, or name:=json.`, exitCodes.usage);
    if (values.has(name)) throw new Failure(`${name} is given twice.`, exitCodes.usage);
    const raw = text.startsWith('@') ? await readFile(text.slice(1)) : text;
    values.set(name, operator === ':=' ? toJson(name, raw) : toTyped(name, raw, schema[name]));
  }
  return Object.fromEntries(values);
}

function toTyped(name: string, text: string, declared: unknown): Json {
  const types = typesOf(declared);
  if (types.length === 0 || types.includes('string')) return text;
  return toJson(name, text);
}

function typesOf(declared: unknown): unknown[] {
  if (typeof declared !== 'object' || declared === null) return [];
  const { type } = declared as Declared;
  return Array.isArray(type) ? type : type === undefined ? [] : [type];
}

function toJson(name: string, text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new Failure(
      `${name}: “${text.slice(0, 80)}” is no JSON. Write for example ${name}:='"text"', ${name}:=5 or ${name}:='["a"]'.`,
      exitCodes.usage,
    );
  }
}
