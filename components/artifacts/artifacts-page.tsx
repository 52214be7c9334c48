'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { Paperclip } from 'lucide-react';
import { strings } from '@/components/strings';
import { useTRPC, type RouterOutputs } from '@/components/trpc';
import { EmptyState } from '@/components/ui/empty-state';
import { Input } from '@/components/ui/input';
import { More } from '@/components/ui/more';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { Select } from '@/components/ui/select';
import { useUrlState } from '@/components/ui/use-url-state';
import { ArtifactTable } from './artifact-table';

const text = strings.artifacts;
const types = Object.keys(text.types) as RouterOutputs['artifacts']['get']['type'][];

/** Every artifact that the person may see, newest first. */
export function ArtifactsPage() {
  const trpc = useTRPC();
  const [search, setSearch] = useUrlState('search', '');
  const [shown, setShown] = useUrlState('type', 'all');
  const type = types.find((each) => each === shown);
  const query = useInfiniteQuery(
    trpc.artifacts.list.infiniteQueryOptions(
      { limit: 100, search: search.trim(), ...(type ? { type } : {}) },
      { getNextPageParam: (page) => page.next ?? undefined, placeholderData: (before) => before },
    ),
  );
  const isFiltered = search.trim() !== '' || type !== undefined;
  return (
    <>
      <PageHeader title={text.title} description={text.description} />
      <div className="flex flex-wrap gap-2 px-4 pb-3 md:px-6">
        <Input
          aria-label={text.search}
          placeholder={text.search}
          value={search}
          onChange={(event) => setSearch(event.target.value, { replace: true })}
          className="max-w-sm"
        />
        <Select
          label={text.type}
          value={shown}
          onValueChange={setShown}
          options={[
            { value: 'all', label: text.allTypes },
            ...types.map((value) => ({ value, label: text.types[value] })),
          ]}
        />
      </div>
      <QueryState query={query}>
        {({ pages }) => {
          const artifacts = pages.flatMap((page) => page.items);
          return artifacts.length === 0 && !query.hasNextPage ? (
            <EmptyState
              icon={<Paperclip />}
              title={isFiltered ? text.nothingFound : text.empty}
              description={isFiltered ? text.nothingFoundHint : text.emptyHint}
            />
          ) : (
            <div className="px-4 pb-8 md:px-6">
              <ArtifactTable artifacts={artifacts} />
              <More query={query} />
            </div>
          );
        }}
      </QueryState>
    </>
  );
}
