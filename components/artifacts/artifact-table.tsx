'use client';

import {
  FileArchive,
  FileChartColumn,
  FileImage,
  FileText,
  Link2,
  ListChecks,
  Paperclip,
  type LucideIcon,
} from 'lucide-react';
import Link from 'next/link';
import { strings } from '@/components/strings';
import type { RouterOutputs } from '@/components/trpc';
import { RelativeTime } from '@/components/ui/relative-time';
import { Table } from '@/components/ui/table';
import { formatSize } from './format-size';

type Artifact = RouterOutputs['artifacts']['get'];

const text = strings.artifacts;

export const artifactIcons: Record<Artifact['type'], LucideIcon> = {
  file_binary: FileArchive,
  file_datatable: FileChartColumn,
  file_image: FileImage,
  file_text: FileText,
  other: Paperclip,
  progress: ListChecks,
  url: Link2,
};

/** Artifacts, each with the way to its page. */
export function ArtifactTable({ artifacts }: { artifacts: readonly Artifact[] }) {
  return (
    <Table
      label={text.title}
      rows={artifacts}
      rowKey={({ id }) => id}
      rowHref={({ id }) => `/artifacts/${id}`}
      columns={[
        {
          key: 'name',
          header: text.name,
          cell: ({ name, ref, type }) => {
            const Icon = artifactIcons[type];
            return (
              <span className="flex min-w-0 flex-wrap items-center gap-x-2">
                <Icon aria-hidden className="size-4 text-text-2" />
                <span className="font-medium break-all">{name}</span>
                {name === ref ? null : <span className="break-all text-text-2">{ref}</span>}
              </span>
            );
          },
        },
        { key: 'type', header: text.type, cell: ({ type }) => text.types[type], hideBelow: 'sm' },
        {
          key: 'size',
          header: text.size,
          cell: ({ latest }) => (latest ? formatSize(latest.sizeBytes) : '–'),
          align: 'right',
          className: 'whitespace-nowrap',
        },
        {
          key: 'owner',
          header: text.owner,
          cell: ({ scope, owner }) => (
            <span>
              {text.scopes[scope]} <span className="break-all text-text-2">{owner}</span>
            </span>
          ),
          hideBelow: 'md',
        },
        {
          key: 'madeBy',
          header: text.madeBy,
          cell: ({ executionId, createdBy }) =>
            executionId === null ? (
              (createdBy ?? '–')
            ) : (
              <Link
                className="relative text-accent underline underline-offset-2"
                href={`/executions/${executionId}`}
              >
                {text.execution(executionId)}
              </Link>
            ),
          hideBelow: 'md',
        },
        {
          key: 'updated',
          header: strings.common.updated,
          cell: ({ updated }) => <RelativeTime value={updated} />,
          hideBelow: 'sm',
        },
      ]}
    />
  );
}
