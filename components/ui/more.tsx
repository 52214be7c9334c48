import { strings } from '@/components/strings';
import { Button } from './button';

interface Props {
  /** A list that comes page by page: any of TanStack Query's fits. */
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}

/** Leads on in a list that comes page by page; nothing where it ends. */
export function More({ query }: Props) {
  if (!query.hasNextPage) return null;
  return (
    <div className="pt-4 text-center">
      <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {strings.common.more}
      </Button>
    </div>
  );
}
