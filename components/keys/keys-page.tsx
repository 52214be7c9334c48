'use client';

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound, Lock, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { toCallError, useTRPC } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { useClock } from '@/components/ui/clock';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { EmptyState } from '@/components/ui/empty-state';
import { formatAbsolute, formatDuration } from '@/components/ui/format-time';
import { IconButton } from '@/components/ui/icon-button';
import { Input } from '@/components/ui/input';
import { More } from '@/components/ui/more';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { Select } from '@/components/ui/select';
import { Table } from '@/components/ui/table';
import { toast } from '@/components/ui/toast';
import { useUrlState } from '@/components/ui/use-url-state';
import { KeyDialog } from './key-dialog';
import type { KeySummary } from './key-draft';
import { KeyValue } from './key-value';

const text = strings.keys;
const ownerTypes = Object.keys(text.ownerTypes) as KeySummary['ownerType'][];

/** The datastore: every key that the person may see, by name, with its owner, its end and, when asked, its value. */
export function KeysPage() {
  const trpc = useTRPC();
  const me = useQuery(trpc.auth.me.queryOptions());
  const [search, setSearch] = useUrlState('search', '');
  const [owner, setOwner] = useUrlState('owner', 'all');
  const [open, setOpen] = useState<KeySummary | 'new' | null>(null);
  const [leaving, setLeaving] = useState<KeySummary | null>(null);
  const ownerType = ownerTypes.find((type) => type === owner);
  const query = useInfiniteQuery(
    trpc.keys.list.infiniteQueryOptions(
      { limit: 100, search: search.trim(), ...(ownerType ? { ownerType } : {}) },
      { getNextPageParam: (page) => page.next ?? undefined, placeholderData: (before) => before },
    ),
  );
  const mayCreate = me.data?.rights.some(
    ({ resource, actions }) => resource === 'keys' && actions.includes('create'),
  );
  const add = mayCreate ? (
    <Button variant="primary" icon={<Plus />} onClick={() => setOpen('new')}>
      {text.create}
    </Button>
  ) : null;
  const isFiltered = search.trim() !== '' || ownerType !== undefined;
  return (
    <>
      <PageHeader title={text.title} description={text.description} actions={add} />
      <div className="flex flex-wrap gap-2 px-4 pb-3 md:px-6">
        <Input
          aria-label={text.search}
          placeholder={text.search}
          value={search}
          onChange={(event) => setSearch(event.target.value, { replace: true })}
          className="max-w-sm"
        />
        <Select
          label={text.ownerType}
          value={owner}
          onValueChange={setOwner}
          options={[
            { value: 'all', label: text.allOwners },
            ...ownerTypes.map((value) => ({ value, label: text.ownerTypes[value] })),
          ]}
        />
      </div>
      <QueryState query={query}>
        {({ pages }) => {
          const keys = pages.flatMap((page) => page.items);
          return keys.length === 0 && !query.hasNextPage ? (
            <EmptyState
              icon={<KeyRound />}
              title={isFiltered ? text.nothingFound : text.empty}
              description={isFiltered ? text.nothingFoundHint : text.emptyHint}
            />
          ) : (
            <div className="px-4 pb-8 md:px-6">
              <KeyTable keys={keys} onEdit={setOpen} onRemove={setLeaving} />
              <More query={query} />
            </div>
          );
        }}
      </QueryState>
      {open === null ? null : (
        <KeyDialog known={open === 'new' ? null : open} onClose={() => setOpen(null)} />
      )}
      {leaving === null ? null : <RemoveDialog known={leaving} onClose={() => setLeaving(null)} />}
    </>
  );
}

function KeyTable({
  keys,
  onEdit,
  onRemove,
}: {
  keys: readonly KeySummary[];
  onEdit: (key: KeySummary) => void;
  onRemove: (key: KeySummary) => void;
}) {
  return (
    <Table
      label={text.title}
      rows={keys}
      rowKey={({ id }) => id}
      columns={[
        {
          key: 'key',
          header: text.key,
          cell: ({ ref, name, encrypted }) => (
            <span className="flex flex-wrap items-center gap-x-2">
              <span className="font-medium break-all">{ref}</span>
              {name === ref ? null : <span className="text-text-2">{name}</span>}
              <Badge tone={encrypted ? 'accent' : 'neutral'} icon={encrypted ? <Lock /> : undefined}>
                {encrypted ? text.encrypted : text.plain}
              </Badge>
            </span>
          ),
        },
        { key: 'value', header: text.value, cell: (key) => <KeyValue known={key} /> },
        {
          key: 'owner',
          header: text.owner,
          cell: ({ ownerType, owner }) => (
            <span>
              {text.ownerTypes[ownerType]} <span className="text-text-2">{owner}</span>
            </span>
          ),
          hideBelow: 'sm',
        },
        {
          key: 'expires',
          header: text.expires,
          cell: ({ expiresAt }) =>
            expiresAt === null ? (
              <span className="text-text-2">{text.never}</span>
            ) : (
              <Expiry at={expiresAt} />
            ),
          hideBelow: 'sm',
        },
        {
          key: 'updated',
          header: strings.common.updated,
          cell: ({ updated, updatedBy }) => (
            <span className="text-text-2">
              <RelativeTime value={updated} /> {updatedBy === null ? null : text.updatedBy(updatedBy)}
            </span>
          ),
          hideBelow: 'lg',
        },
        {
          key: 'acts',
          header: strings.common.actions,
          cell: (key) => (
            <span className="flex justify-end gap-1">
              {key.mayUpdate ? (
                <IconButton
                  size="sm"
                  label={text.edit(key.ref)}
                  icon={<Pencil />}
                  onClick={() => onEdit(key)}
                />
              ) : null}
              {key.mayDelete ? (
                <IconButton
                  size="sm"
                  label={text.remove(key.ref)}
                  icon={<Trash2 />}
                  onClick={() => onRemove(key)}
                />
              ) : null}
            </span>
          ),
          align: 'right',
        },
      ]}
    />
  );
}

/** How long it still is there, to the second; the moment itself on hover. */
function Expiry({ at }: { at: string }) {
  const atMs = Date.parse(at);
  const left = useClock((nowMs) =>
    atMs > nowMs ? text.expiresIn(formatDuration(Math.ceil((atMs - nowMs) / 1000) * 1000)) : text.expired,
  );
  return (
    <time
      dateTime={at}
      title={left === null ? undefined : formatAbsolute(atMs)}
      className="whitespace-nowrap tabular-nums"
    >
      {left ?? at}
    </time>
  );
}

function RemoveDialog({ known, onClose }: { known: KeySummary; onClose: () => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const remove = useMutation(trpc.keys.remove.mutationOptions());
  const { ref, ownerType, owner } = known;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => open || onClose()}
      title={text.removeTitle(ref)}
      description={text.removeHint}
      confirmLabel={strings.common.remove}
      onConfirm={async () => {
        await remove.mutateAsync({ ref, ownerType, owner }).catch((error: unknown) => {
          throw new Error(toCallError(error).message);
        });
        await queries.invalidateQueries({ queryKey: trpc.keys.pathKey() });
        toast.success(text.removed(ref));
      }}
    />
  );
}
