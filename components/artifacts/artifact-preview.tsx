'use client';

import { useQuery } from '@tanstack/react-query';
import { strings } from '@/components/strings';
import type { RouterOutputs } from '@/components/trpc';
import { CodeBlock } from '@/components/ui/code-block';
import { QueryState } from '@/components/ui/query-state';
import { formatSize } from './format-size';
import { toKind, toRows, type Rows } from './preview-data';

type Artifact = RouterOutputs['artifacts']['get'];
type Version = RouterOutputs['artifacts']['versions'][number];

const text = strings.artifacts;
const mostBytes = 256 * 1024;
const mostRows = 200;

/** Where a version's file is had. */
export function toDownloadPath(artifactId: number, number: number): string {
  return `/api/v1/artifacts/${artifactId}/download?version=${number}`;
}

/** Reads the beginning of a file, and no more of it than is shown. @throws Error with the server's sentence */
async function readBeginning(path: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(path, { headers: { 'x-attune': '1' }, signal });
  if (!response.ok || !response.body) {
    const { error } = (await response.json().catch(() => ({}))) as { error?: string };
    throw new Error(error ?? text.previewFailed);
  }
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  let beginning = '';
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return beginning + decoder.decode();
    beginning += decoder.decode(value.subarray(0, mostBytes - bytes), { stream: true });
    bytes += value.byteLength;
    if (bytes >= mostBytes) {
      await reader.cancel();
      return beginning;
    }
  }
}

/** A look at one version of a file, where its kind can be looked at. */
export function ArtifactPreview({ artifact, version }: { artifact: Artifact; version: Version }) {
  const kind = toKind({ type: artifact.type, contentType: version.contentType });
  const path = toDownloadPath(artifact.id, version.number);
  const query = useQuery({
    queryKey: ['artifact-preview', artifact.id, version.number],
    queryFn: ({ signal }) => readBeginning(path, signal),
    enabled: kind === 'table' || kind === 'text',
    staleTime: Infinity,
  });
  if (kind === 'none') return <p className="text-sm text-text-2">{text.noPreview}</p>;
  if (kind === 'image')
    return (
      <img
        src={path}
        alt={artifact.name}
        className="max-h-[70vh] max-w-full rounded-md border border-border bg-surface"
      />
    );
  return (
    <QueryState query={query}>
      {(beginning) => {
        const table = kind === 'table' ? toRows(beginning, version.contentType, mostRows) : null;
        const isCut = version.sizeBytes > mostBytes;
        return (
          <div className="space-y-2">
            {table ? <RowTable table={table} /> : <CodeBlock label={text.preview} code={beginning} />}
            {isCut ? <p className="text-xs text-text-2">{text.cutPreview(formatSize(mostBytes))}</p> : null}
          </div>
        );
      }}
    </QueryState>
  );
}

function RowTable({ table: { header, rows, isCut } }: { table: Rows }) {
  return (
    <>
      <div
        role="group"
        aria-label={text.preview}
        tabIndex={0}
        className="max-h-[70vh] overflow-auto rounded-md border border-border bg-surface"
      >
        <table className="w-full text-left text-xs">
          <thead className="sticky top-0 bg-surface-2 text-text-2">
            <tr>
              {header.map((name, place) => (
                <th key={place} scope="col" className="px-3 py-2 font-medium whitespace-nowrap">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((cells, row) => (
              <tr key={row} className="border-t border-border">
                {header.map((_, place) => (
                  <td key={place} className="px-3 py-1.5 font-mono">
                    {cells[place] ?? ''}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {isCut ? <p className="text-xs text-text-2">{text.cutRows(rows.length)}</p> : null}
    </>
  );
}
