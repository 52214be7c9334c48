'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Download, ExternalLink, Trash2 } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { toCallError, useTRPC, type RouterOutputs } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { JsonView } from '@/components/ui/json-view';
import { KeyValue } from '@/components/ui/key-value';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { toast } from '@/components/ui/toast';
import { useUrlState } from '@/components/ui/use-url-state';
import { ArtifactPreview, toDownloadPath } from './artifact-preview';
import { formatSize } from './format-size';

type Artifact = RouterOutputs['artifacts']['get'];
type Version = RouterOutputs['artifacts']['versions'][number];

const text = strings.artifacts;

/** One artifact: a look at its newest file, its progress or where it leads, and its earlier versions. */
export function ArtifactPage({ id }: { id: number }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.artifacts.get.queryOptions({ id }));
  const [isLeaving, setLeaving] = useState(false);
  return (
    <QueryState query={query}>
      {(artifact) => (
        <>
          <PageHeader
            title={artifact.name}
            breadcrumbs={[{ label: text.title, href: '/artifacts' }, { label: artifact.ref }]}
            description={artifact.description === '' ? text.types[artifact.type] : artifact.description}
            actions={
              artifact.mayDelete ? (
                <Button icon={<Trash2 />} onClick={() => setLeaving(true)}>
                  {text.remove}
                </Button>
              ) : null
            }
          />
          <div className="grid grid-cols-1 gap-6 px-4 pb-10 md:px-6 xl:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
            <div className="min-w-0 space-y-6">
              <Content artifact={artifact} />
            </div>
            <div className="min-w-0">
              <About artifact={artifact} />
            </div>
          </div>
          {isLeaving ? <RemoveDialog artifact={artifact} onClose={() => setLeaving(false)} /> : null}
        </>
      )}
    </QueryState>
  );
}

function Content({ artifact }: { artifact: Artifact }) {
  if (artifact.type === 'progress') return <Progress id={artifact.id} />;
  if (artifact.url === null) return <Files artifact={artifact} />;
  return (
    <a
      href={artifact.url}
      target="_blank"
      rel="noreferrer"
      className="inline-flex items-center gap-2 text-sm break-all text-accent underline underline-offset-2"
    >
      <ExternalLink aria-hidden className="size-4 shrink-0" />
      {artifact.url}
    </a>
  );
}

function Progress({ id }: { id: number }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.artifacts.entries.queryOptions({ id }));
  return (
    <section aria-labelledby="entries" className="space-y-3">
      <h2 id="entries" className="text-base font-semibold">
        {text.entries}
      </h2>
      <QueryState query={query}>
        {(entries) =>
          entries.length === 0 ? (
            <p className="text-sm text-text-2">{text.noEntries}</p>
          ) : (
            <ol className="space-y-2">
              {entries.map(({ seq, entry, created }) => (
                <li key={seq} className="rounded-lg border border-border bg-surface px-4 py-3 text-sm">
                  <span className="mb-1 flex justify-between gap-3 text-xs text-text-2">
                    <span>#{seq}</span>
                    <RelativeTime value={created} />
                  </span>
                  <JsonView value={entry} label={`#${seq}`} />
                </li>
              ))}
            </ol>
          )
        }
      </QueryState>
    </section>
  );
}

function Files({ artifact }: { artifact: Artifact }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.artifacts.versions.queryOptions({ id: artifact.id }));
  const [wanted, setWanted] = useUrlState('version', '');
  return (
    <QueryState query={query}>
      {(versions) => {
        const version = versions.find(({ number }) => String(number) === wanted) ?? versions[0];
        if (!version) return <p className="text-sm text-text-2">{text.noFile}</p>;
        return (
          <>
            <section aria-labelledby="preview" className="space-y-3">
              <div className="flex flex-wrap items-center gap-3">
                <h2 id="preview" className="text-base font-semibold">
                  {text.version(version.number)}
                </h2>
                <span className="text-sm break-all text-text-2">
                  {version.fileName} · {formatSize(version.sizeBytes)}
                </span>
                <DownloadLink artifactId={artifact.id} version={version} />
              </div>
              <ArtifactPreview key={version.id} artifact={artifact} version={version} />
            </section>
            {versions.length > 1 ? (
              <VersionList
                versions={versions}
                shown={version}
                onShow={(number) => setWanted(String(number))}
              />
            ) : null}
          </>
        );
      }}
    </QueryState>
  );
}

function DownloadLink({ artifactId, version }: { artifactId: number; version: Version }) {
  return (
    <a
      href={toDownloadPath(artifactId, version.number)}
      download={version.fileName}
      className="ml-auto inline-flex items-center gap-1.5 rounded-md border border-border bg-surface px-3 py-1.5 text-sm font-medium hover:bg-surface-2"
    >
      <Download aria-hidden className="size-4" />
      {text.download}
    </a>
  );
}

function VersionList({
  versions,
  shown,
  onShow,
}: {
  versions: readonly Version[];
  shown: Version;
  onShow: (number: number) => void;
}) {
  return (
    <section aria-labelledby="versions" className="space-y-2">
      <h2 id="versions" className="text-base font-semibold">
        {text.versions}
      </h2>
      <ul className="max-h-96 divide-y divide-border overflow-auto rounded-lg border border-border bg-surface">
        {versions.map(({ number, fileName, sizeBytes, created }) => (
          <li key={number}>
            <button
              type="button"
              aria-current={number === shown.number ? 'true' : undefined}
              onClick={() => onShow(number)}
              className="flex w-full flex-wrap gap-x-3 px-4 py-2 text-left text-sm hover:bg-surface-2 aria-[current]:bg-surface-2"
            >
              <span className="font-medium">{text.version(number)}</span>
              <span className="min-w-0 truncate text-text-2">{fileName}</span>
              <span className="ml-auto text-text-2 tabular-nums">{formatSize(sizeBytes)}</span>
              <RelativeTime value={created} className="text-text-2" />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function About({ artifact }: { artifact: Artifact }) {
  const { scope, owner, visibility, retentionPolicy, retentionLimit, executionId, createdBy } = artifact;
  return (
    <KeyValue
      items={[
        { label: text.type, value: text.types[artifact.type] },
        { label: text.owner, value: `${text.scopes[scope]} ${owner}` },
        { label: text.visibility, value: text.visibilities[visibility] },
        { label: text.retention, value: text.kept[retentionPolicy](retentionLimit) },
        {
          label: text.madeBy,
          value:
            executionId === null ? (
              (createdBy ?? '–')
            ) : (
              <Link className="text-accent underline underline-offset-2" href={`/executions/${executionId}`}>
                {text.execution(executionId)}
              </Link>
            ),
        },
        { label: strings.common.created, value: <RelativeTime value={artifact.created} /> },
        { label: strings.common.updated, value: <RelativeTime value={artifact.updated} /> },
      ]}
    />
  );
}

function RemoveDialog({ artifact: { id, ref }, onClose }: { artifact: Artifact; onClose: () => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const remove = useMutation(trpc.artifacts.remove.mutationOptions());
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => open || onClose()}
      title={text.removeTitle(ref)}
      description={text.removeHint}
      confirmLabel={text.remove}
      onConfirm={async () => {
        await remove.mutateAsync({ id }).catch((error: unknown) => {
          throw new Error(toCallError(error).message);
        });
        toast.success(text.removed(ref));
        router.push('/artifacts');
        await queries.invalidateQueries({ queryKey: trpc.artifacts.list.pathKey() });
      }}
    />
  );
}
