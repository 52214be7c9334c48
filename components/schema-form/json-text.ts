import type { Json } from '@/engine/expression/expression';

/** The value of a JSON text, or the parser's word on why it is none. */
export function parseJsonText(text: string): { value: Json } | { error: string } {
  try {
    return { value: JSON.parse(text) as Json };
  } catch (error) {
    return { error: (error as Error).message };
  }
}
