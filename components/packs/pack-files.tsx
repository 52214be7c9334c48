'use client';

import { useQuery } from '@tanstack/react-query';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { CodeBlock } from '@/components/ui/code-block';
import { QueryState } from '@/components/ui/query-state';
import { useUrlState } from '@/components/ui/use-url-state';

const text = strings.packDetails;

/** The files of a pack, and the one that is chosen. */
export function PackFiles({ packRef }: { packRef: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.packs.files.queryOptions({ ref: packRef }));
  const [path, setPath] = useUrlState('file', '');
  return (
    <QueryState query={query}>
      {(files) =>
        files.length === 0 ? (
          <p className="pt-4 text-text-2">{text.noFiles}</p>
        ) : (
          <div className="grid gap-4 pt-4 md:grid-cols-[minmax(12rem,18rem)_1fr]">
            <nav
              aria-label={text.files}
              className="max-h-[32rem] overflow-y-auto rounded-lg border border-border"
            >
              <ul>
                {files.map((file) => (
                  <li key={file.path}>
                    <button
                      type="button"
                      aria-current={file.path === path ? 'true' : undefined}
                      className="flex w-full items-baseline gap-2 px-3 py-1.5 text-left text-sm hover:bg-surface-2 aria-[current=true]:bg-accent-soft"
                      onClick={() => setPath(file.path, { replace: true })}
                    >
                      <span className="min-w-0 flex-1 truncate font-mono text-xs">{file.path}</span>
                      <span className="text-2xs text-text-2 tabular-nums">{text.bytes(file.sizeBytes)}</span>
                    </button>
                  </li>
                ))}
              </ul>
            </nav>
            {path === '' ? (
              <p className="text-text-2">{text.chooseFile}</p>
            ) : (
              <PackFile packRef={packRef} path={path} />
            )}
          </div>
        )
      }
    </QueryState>
  );
}

function PackFile({ packRef, path }: { packRef: string; path: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.packs.file.queryOptions({ ref: packRef, path }));
  return (
    <QueryState query={query}>
      {(file) =>
        file.text === null ? (
          <p className="text-text-2">{text.notText(text.bytes(file.sizeBytes))}</p>
        ) : (
          <CodeBlock label={path} code={file.text} lineNumbers maxHeight={640} />
        )
      }
    </QueryState>
  );
}
