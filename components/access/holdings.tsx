'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { toCallError, useTRPC, type RouterOutputs } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { IconButton } from '@/components/ui/icon-button';
import { toast } from '@/components/ui/toast';
import { AssignDialog, type Holder } from './assign-dialog';

const text = strings.access;
type Holding = RouterOutputs['access']['teams'][number]['sets'][number];

/** The sets that a team, a role or a person holds, each of which can be taken back; and another one. */
export function Holdings({ of, name, holdings }: { of: Holder; name: string; holdings: readonly Holding[] }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [isAssigning, setIsAssigning] = useState(false);
  const take = useMutation(
    trpc.access.take.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: trpc.access.pathKey() }),
      onError: (cause) => toast.error(toCallError(cause).message),
    }),
  );
  return (
    <div className="space-y-2">
      {holdings.length === 0 ? <p className="text-sm text-text-2">{text.noSets}</p> : null}
      <ul className="space-y-1" aria-label={text.sets}>
        {holdings.map(({ id, setRef, setLabel, packRef }) => (
          <li key={id} className="flex items-center gap-2 text-sm">
            <span className="min-w-0 flex-1">
              <span className="font-medium">{setLabel}</span> <span className="text-text-2">{setRef}</span>{' '}
              {packRef === null ? null : <Badge tone="info">{text.onlyPack(packRef)}</Badge>}
            </span>
            <IconButton
              label={text.takeSet(setRef)}
              icon={<X />}
              onClick={() => take.mutate({ kind: 'role' in of ? 'role' : 'assignment', id })}
            />
          </li>
        ))}
      </ul>
      <Button size="sm" icon={<Plus />} onClick={() => setIsAssigning(true)}>
        {text.assign}
      </Button>
      {isAssigning ? <AssignDialog to={of} name={name} onClose={() => setIsAssigning(false)} /> : null}
    </div>
  );
}
