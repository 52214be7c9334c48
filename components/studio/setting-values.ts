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
