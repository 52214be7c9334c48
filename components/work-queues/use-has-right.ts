import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '@/components/trpc';

/** Whether the person may do this to queues at all. */
export function useHasRight(action: 'create' | 'update'): boolean {
  const trpc = useTRPC();
  const me = useQuery(trpc.auth.me.queryOptions());
  return (
    me.data?.rights.some(({ resource, actions }) => resource === 'queues' && actions.includes(action)) ??
    false
  );
}
