'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Download, ScrollText } from 'lucide-react';
import { usePathname, useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { useTRPC, type RouterOutputs } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/empty-state';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { Table } from '@/components/ui/table';
import { DropdownMenu } from '@/components/ui/dropdown-menu';
import { AuditFilters, filterNames, toQuery } from './audit-filters';
import { EntryDialog } from './entry-dialog';

const text = strings.audit;
export type Entry = RouterOutputs['audit']['list']['items'][number];
const tones = { success: 'success', failure: 'warning', denied: 'danger' } as const;

/** The audit log: narrowed by what stands in the address, page by page, and as a file. */
export function AuditPage() {
  const trpc = useTRPC();
  const path = usePathname();
  const search = useSearchParams();
  const query = toQuery(search);
  const before = Number(search.get('before')) || null;
  const page = useQuery(
    trpc.audit.list.queryOptions(
      { ...query, cursor: before, limit: 50 },
      { placeholderData: keepPreviousData },
    ),
  );
  const [open, setOpen] = useState<Entry | null>(null);
  const go = (changed: Record<string, string | null>) => {
    const next = new URLSearchParams(search);
    for (const [name, value] of Object.entries(changed)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    window.history.pushState(null, '', next.size > 0 ? `${path}?${next}` : path);
  };
  const exported = (format: string) => {
    const chosen = new URLSearchParams({ format });
    for (const [name, value] of Object.entries(query)) if (value) chosen.set(name, value);
    window.location.assign(`/api/v1/audit-events/export?${chosen}`);
  };
  return (
    <>
      <PageHeader
        title={text.title}
        description={text.description}
        actions={
          <DropdownMenu
            trigger={<Button icon={<Download />}>{text.export}</Button>}
            items={[
              { heading: text.exportHint },
              { label: text.exportCsv, onSelect: () => exported('csv') },
              { label: text.exportJson, onSelect: () => exported('json') },
            ]}
          />
        }
      />
      <AuditFilters
        key={filterNames.map((name) => search.get(name)).join()}
        values={query}
        onApply={(values) => go({ ...values, before: null })}
      />
      <QueryState query={page}>
        {({ items, next }) => (
          <div className="space-y-3 px-4 pb-8 md:px-6">
            <Table
              label={text.title}
              rows={items}
              rowKey={({ id }) => id}
              empty={<EmptyState icon={<ScrollText />} title={text.empty} description={text.emptyHint} />}
              columns={[
                { key: 'when', header: text.when, cell: ({ created }) => <RelativeTime value={created} /> },
                {
                  key: 'who',
                  header: text.whoShort,
                  cell: ({ actorLogin, actorIp }) => (
                    <span className="wrap-anywhere">
                      {actorLogin ?? text.nobody}
                      <span className="block text-xs text-text-2">{actorIp}</span>
                    </span>
                  ),
                },
                {
                  key: 'what',
                  header: text.what,
                  cell: ({ eventType, resourceType, resourceRef }) => (
                    <span className="wrap-anywhere">
                      <span className="font-mono text-xs">{eventType}</span>
                      <span className="block text-xs text-text-2">
                        {[resourceType, resourceRef].filter(Boolean).join(' ')}
                      </span>
                    </span>
                  ),
                },
                {
                  key: 'outcome',
                  header: text.outcome,
                  cell: ({ outcome }) => (
                    <Badge tone={tones[outcome as keyof typeof tones]}>
                      {text.outcomes[outcome as keyof typeof tones]}
                    </Badge>
                  ),
                  hideBelow: 'sm',
                },
                {
                  key: 'open',
                  header: strings.common.actions,
                  align: 'right',
                  cell: (entry) => (
                    <Button
                      size="sm"
                      variant="ghost"
                      aria-label={text.open(text.entry(entry.id))}
                      onClick={() => setOpen(entry)}
                    >
                      {strings.common.open}
                    </Button>
                  ),
                },
              ]}
            />
            <div className="flex justify-end gap-2">
              {before === null ? null : (
                <Button size="sm" onClick={() => go({ before: null })}>
                  {text.newest}
                </Button>
              )}
              {next === null ? null : (
                <Button size="sm" onClick={() => go({ before: String(next) })}>
                  {text.older}
                </Button>
              )}
            </div>
          </div>
        )}
      </QueryState>
      {open ? (
        <EntryDialog
          entry={open}
          onClose={() => setOpen(null)}
          onRequest={(id) => (setOpen(null), go({ request_id: id, before: null }))}
        />
      ) : null}
    </>
  );
}
