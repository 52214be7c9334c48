import type { ReactNode } from 'react';
import { Callout } from './callout';
import { Button } from './button';
import { ErrorPanel } from './error-panel';
import { SkeletonRows } from './skeleton';
import { strings } from '@/components/strings';

/** What a query says of itself: any of TanStack Query's fits. */
interface Query<Data> {
  data: Data | undefined;
  error: { message: string } | null;
  refetch: () => unknown;
}

interface Props<Data> {
  query: Query<Data>;
  children: (data: Data) => ReactNode;
  /** A sentence instead of an error while what is asked for does not exist yet. */
  pending?: ReactNode;
  skeleton?: ReactNode;
}

/** What a query has brought; until then its skeleton, and its error in place or, where older data stands, above it. */
export function QueryState<Data>({ query, children, pending, skeleton }: Props<Data>) {
  const retry = () => void query.refetch();
  if (query.data !== undefined) {
    return (
      <>
        {query.error ? (
          <Callout
            kind="warning"
            className="m-4"
            action={
              <Button size="sm" onClick={retry}>
                {strings.common.retry}
              </Button>
            }
          >
            {query.error.message}
          </Callout>
        ) : null}
        {children(query.data)}
      </>
    );
  }
  if (pending !== undefined)
    return (
      <div role="status" className="p-6 text-sm text-text-2">
        {pending}
      </div>
    );
  if (query.error) return <ErrorPanel what={query.error.message} onRetry={retry} />;
  return <>{skeleton ?? <SkeletonRows className="p-6" />}</>;
}
