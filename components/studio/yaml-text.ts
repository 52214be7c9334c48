import { stringify } from 'yaml';

/** A part of a definition as the text that people read and compare. */
export function toYamlText(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
