/** What the editors for code and expressions say. */
export const code = {
  loading: 'Loading the editor…',
  tabHint: (label: string) => `${label}. Ctrl+M lets Tab leave the editor.`,
  at: (line: number, column: number) => (line > 1 ? `Line ${line}, column ${column}` : `Column ${column}`),
} as const;
