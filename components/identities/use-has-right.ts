import { useQuery } from '@tanstack/react-query';
import { useTRPC, type RouterOutputs } from '@/components/trpc';

type Right = NonNullable<RouterOutputs['auth']['me']>['rights'][number];

/** Whether the person may do this to things of this kind at all. */
export function useHasRight(resource: Right['resource'], action: Right['actions'][number]): boolean {
  const trpc = useTRPC();
  const me = useQuery(trpc.auth.me.queryOptions());
  return (
    me.data?.rights.some((right) => right.resource === resource && right.actions.includes(action)) ?? false
  );
}
