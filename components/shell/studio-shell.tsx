'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { LiveProvider, useLiveState } from '@/components/live/live-provider';
import { useTRPC } from '@/components/trpc';
import { Shell } from './shell';

/** The frame with its data: who is signed in, what waits for them, whether changes arrive. */
export function StudioShell({ children }: { children: ReactNode }) {
  return (
    <LiveProvider>
      <Frame>{children}</Frame>
    </LiveProvider>
  );
}

function Frame({ children }: { children: ReactNode }) {
  const trpc = useTRPC();
  const me = useQuery(trpc.auth.me.queryOptions());
  const may = (right: string) => {
    if (right === 'installation') return me.data?.keepsInstallation ?? false;
    const [resource, action] = right.split(':');
    return (
      me.data?.rights.some(
        (known) => known.resource === resource && known.actions.some((one) => one === action),
      ) ?? false
    );
  };
  const inbox = useQuery(trpc.inquiries.count.queryOptions(undefined, { enabled: may('inquiries:read') }));
  const signOut = useMutation(
    trpc.auth.signOut.mutationOptions({ onSettled: () => window.location.assign('/login') }),
  );
  const tenants = useQuery(trpc.auth.tenants.queryOptions());
  // Everything on the page is of the tenant that is left.
  const switchTenant = useMutation(
    trpc.auth.switchTenant.mutationOptions({ onSuccess: () => window.location.assign('/') }),
  );
  const live = useLiveState();
  return (
    <Shell
      person={{
        displayName: me.data?.displayName ?? '',
        login: me.data?.login ?? '',
        tenantName: me.data?.tenantName ?? '',
      }}
      counts={{ inbox: inbox.data ?? 0 }}
      can={may}
      onSignOut={() => signOut.mutate()}
      tenants={tenants.data ?? []}
      onSwitchTenant={(tenantId) => switchTenant.mutate({ tenantId })}
      liveState={live}
    >
      {children}
    </Shell>
  );
}
