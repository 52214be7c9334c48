import Papa from 'papaparse';

export type PreviewKind = 'image' | 'table' | 'text' | 'none';

/** How a file can be looked at in the browser. */
export function toKind({ type, contentType }: { type: string; contentType: string }): PreviewKind {
  const [media = ''] = contentType.toLowerCase().split(';');
  if (/^image\/(png|jpeg|gif|webp|svg\+xml|avif|bmp)$/.test(media)) return 'image';
  if (media === 'text/csv' || media === 'text/tab-separated-values' || type === 'file_datatable')
    return 'table';
  if (media.startsWith('text/') || type === 'file_text') return 'text';
  return /^application\/(.*\+)?(json|xml|yaml|x-yaml|x-ndjson|toml|x-sh)$/.test(media) ? 'text' : 'none';
}

export interface Rows {
  header: string[];
  rows: string[][];
  /** There are more than were asked for. */
  isCut: boolean;
}

function toText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** A table out of CSV, or a JSON list of objects or lists; null where it is none. */
export function toRows(text: string, contentType: string, most: number): Rows | null {
  if (contentType.includes('json')) {
    const list = readJson(text);
    if (!Array.isArray(list) || list.length === 0) return null;
    if (list.every((row) => Array.isArray(row)))
      return cut(
        list.map((row) => row.map(toText)),
        most,
      );
    const objects = list.flatMap((row: unknown) =>
      typeof row === 'object' && row !== null && !Array.isArray(row) ? [row as Record<string, unknown>] : [],
    );
    if (objects.length < list.length) return null;
    const header = [...new Set(objects.flatMap((row) => Object.keys(row)))];
    return cut([header, ...objects.map((row) => header.map((name) => toText(row[name])))], most);
  }
  const { data } = Papa.parse<string[]>(text, { skipEmptyLines: true, preview: most + 2 });
  return data.length === 0 ? null : cut(data, most);
}

function cut([header = [], ...rows]: string[][], most: number): Rows {
  return { header, rows: rows.slice(0, most), isCut: rows.length > most };
}
