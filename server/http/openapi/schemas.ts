import { z } from 'zod';
import type { JsonObject } from '../../fields';

/** JSON Schemas of what the routes take and give, with what several share in one place. */
export class Schemas {
  readonly shared: Record<string, JsonObject> = {};
  private readonly namesByText = new Map<string, string>();

  /** `input`: as a caller may send it; `output`: as it is given. */
  of(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
    const {
      $schema: _,
      $defs,
      ...own
    } = z.toJSONSchema(schema, {
      io,
      unrepresentable: 'any',
      override: ({ jsonSchema }) => {
        // Answers may grow: more fields are welcome.
        if (io === 'output' && jsonSchema.additionalProperties === false)
          delete jsonSchema.additionalProperties;
        // Said outright, for makers of types: an object of which nothing is told may have any keys.
        if (jsonSchema.type === 'object' && !jsonSchema.properties) jsonSchema.additionalProperties ??= true;
      },
    }) as JsonObject;
    // What refers to itself gets a name of its own in the document, where references can find it.
    const defs = Object.entries(($defs ?? {}) as Record<string, JsonObject>);
    const names = new Map(
      defs.map(([name, body]) => [`#/$defs/${name}`, `#/components/schemas/${this.nameOf(body)}`] as const),
    );
    const rename = (value: JsonObject): JsonObject => {
      let text = JSON.stringify(value);
      for (const [from, to] of names) text = text.replaceAll(`"${from}"`, `"${to}"`);
      return JSON.parse(text) as JsonObject;
    };
    for (const [, body] of defs) this.shared[this.nameOf(body)] ??= rename(body);
    return rename(own);
  }

  private nameOf(body: JsonObject): string {
    const text = JSON.stringify(body);
    const known = this.namesByText.get(text);
    if (known !== undefined) return known;
    const name = `Shared${this.namesByText.size + 1}`;
    this.namesByText.set(text, name);
    return name;
  }
}
