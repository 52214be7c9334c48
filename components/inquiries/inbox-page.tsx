'use client';

import { useQuery } from '@tanstack/react-query';
import { Inbox } from 'lucide-react';
import { useEffect } from 'react';
import { strings } from '@/components/strings';
import { useTRPC, type RouterOutputs } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { cn } from '@/components/ui/cn';
import { EmptyState } from '@/components/ui/empty-state';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { useShortcuts } from '@/components/shell/shortcuts';
import { useUrlState } from '@/components/ui/use-url-state';
import { InquiryCard } from './inquiry-card';

const text = strings.inquiries;
const views = ['mine', 'teams', 'all', 'answered', 'expired'] as const;
type View = (typeof views)[number];
type Summary = RouterOutputs['inquiries']['list']['items'][number];

function isView(value: string): value is View {
  return views.some((view) => view === value);
}

/** What waits for an answer: the list on the left, the one in hand beside it; `j` and `k` move. */
export function InboxPage() {
  const trpc = useTRPC();
  const [viewName, setView] = useUrlState('view', 'mine');
  const [chosen, setChosen] = useUrlState('inquiry', '');
  const view = isView(viewName) ? viewName : 'mine';
  const query = useQuery(trpc.inquiries.list.queryOptions({ view, limit: 100 }));
  const items = byDue(query.data?.items ?? []);
  const place = items.findIndex(({ id }) => String(id) === chosen);
  const open = place >= 0 ? items[place] : undefined;
  const first = items[0];

  useEffect(() => {
    // What was being looked at stays, also when it has just been answered and left this view.
    if (chosen === '' && first) setChosen(String(first.id), { replace: true });
  }, [chosen, first, setChosen]);

  const move = (step: number) => {
    const next = items[Math.min(Math.max(place + step, 0), items.length - 1)];
    if (next) setChosen(String(next.id));
  };
  useShortcuts([
    { keys: 'j', label: text.next, run: () => move(1) },
    { keys: 'k', label: text.previous, run: () => move(-1) },
  ]);

  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader title={text.title} description={text.description} />
      <div role="group" aria-label={text.views.label} className="flex flex-wrap gap-1 px-4 pb-3 md:px-6">
        {views.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={view === name}
            onClick={() => (setView(name), setChosen(''))}
            className={cn(
              'h-8 rounded-md px-3 text-sm',
              view === name ? 'bg-accent-soft font-medium text-text' : 'text-text-2 hover:bg-surface-2',
            )}
          >
            {text.views[name]}
          </button>
        ))}
      </div>
      <QueryState query={query}>
        {() =>
          items.length === 0 && chosen === '' ? (
            <EmptyState icon={<Inbox />} title={text.empty[view]} description={text.emptyHint} />
          ) : (
            <div className="grid min-h-0 flex-1 grid-cols-1 border-t border-border md:grid-cols-[minmax(260px,340px)_1fr]">
              <ul
                aria-label={text.list}
                className="max-h-72 overflow-auto border-b border-border md:max-h-none md:border-r md:border-b-0"
              >
                {items.map((item) => (
                  <Item
                    key={item.id}
                    item={item}
                    isOpen={item.id === open?.id}
                    onOpen={() => setChosen(String(item.id))}
                  />
                ))}
              </ul>
              <div className="min-h-0 overflow-auto">
                {chosen === '' ? null : <InquiryCard key={chosen} id={Number(chosen)} />}
              </div>
            </div>
          )
        }
      </QueryState>
    </div>
  );
}

/** Pending ones with the nearest deadline first, then the newest. */
function byDue(items: readonly Summary[]): Summary[] {
  const due = ({ status, timeoutAt }: Summary) =>
    status === 'pending' && timeoutAt ? Date.parse(timeoutAt) : Number.MAX_SAFE_INTEGER;
  return items.toSorted((a, b) => due(a) - due(b) || b.id - a.id);
}

function Item({ item, isOpen, onOpen }: { item: Summary; isOpen: boolean; onOpen: () => void }) {
  return (
    <li>
      <button
        type="button"
        aria-current={isOpen || undefined}
        onClick={onOpen}
        className={cn(
          'block w-full border-b border-border px-4 py-3 text-left',
          isOpen ? 'bg-accent-soft' : 'hover:bg-surface-2',
        )}
      >
        <span className="line-clamp-2 text-sm font-medium">{toPlainText(item.prompt)}</span>
        <span className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-text-2">
          <Badge
            tone={
              item.status === 'pending' ? 'waiting' : item.status === 'responded' ? 'completed' : 'neutral'
            }
          >
            {text.status[item.status]}
          </Badge>
          <span className="truncate">{item.workflowRef ?? `#${item.executionId}`}</span>
          <RelativeTime value={item.respondedAt ?? item.created} />
        </span>
      </button>
    </li>
  );
}

function toPlainText(markdown: string): string {
  return markdown.replaceAll(/[*_`#>]/g, '').replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
}
