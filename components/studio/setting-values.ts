/** A typed duration as the definition keeps it: seconds where it is a number, else its text; nothing when empty. */
export function toDurationValue(text: string): number | string | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  return /^\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : text;
}

/** A typed whole number; what is not one is kept as text, so that the checker can say so at the field. */
export function toNumberValue(text: string): number | string | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  return /^\d+$/.test(trimmed) ? Number(trimmed) : text;
}

/** A typed part of one. What is still being typed, such as 0. or 0.0, is kept as text. */
export function toFractionValue(text: string): number | string | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  return String(Number(trimmed)) === trimmed ? Number(trimmed) : text;
}

/** The fields that have a value; nothing where none has. */
export function withValues(fields: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '');
  return given.length > 0 ? Object.fromEntries(given) : undefined;
}
