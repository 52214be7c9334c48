'use client';

import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Avatar } from '@/components/ui/avatar';
import { versions } from '../strings/versions';
import { useTRPC, useTRPCClient, type RouterOutputs } from '../trpc';

const strings = versions.presence;
const everyMs = 10_000;

/** Who else has this workflow open, as initials. Tells the others that this tab has. */
export function Presence({ workflowRef }: { workflowRef: string }) {
  const present = usePresence(workflowRef);
  if (present.length === 0) return null;
  return (
    <ul aria-label={strings.label} className="flex -space-x-1.5">
      {present.map(({ identityId, displayName, isYou }) => {
        const said = isYou ? strings.you : strings.other(displayName);
        return (
          <li key={identityId} title={said} className="rounded-full ring-2 ring-surface">
            <Avatar name={displayName} size="md" />
            <span className="sr-only">{said}</span>
          </li>
        );
      })}
    </ul>
  );
}

/** A random UUID also where the page came over plain HTTP, for which browsers have no function. */
function newTab(): string {
  const hex = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte, index) =>
    (index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte)
      .toString(16)
      .padStart(2, '0'),
  ).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function usePresence(ref: string): RouterOutputs['workflows']['here'] {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const [tab] = useState(newTab);
  const [present, setPresent] = useState<RouterOutputs['workflows']['here']>([]);
  const { mutate } = useMutation(trpc.workflows.here.mutationOptions({ onSuccess: setPresent }));
  useEffect(() => {
    const tell = () => {
      if (!document.hidden) mutate({ ref, tab });
    };
    tell();
    const timer = setInterval(tell, everyMs);
    document.addEventListener('visibilitychange', tell);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tell);
      // Nobody waits for the answer: who does not say so is gone half a minute later.
      client.workflows.here.mutate({ ref, tab, leaves: true }).catch(() => undefined);
    };
  }, [mutate, client, ref, tab]);
  return present;
}
