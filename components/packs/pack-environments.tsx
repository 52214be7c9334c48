'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Hammer } from 'lucide-react';
import { strings } from '@/components/strings';
import { toCallError, useTRPC, type RouterOutputs } from '@/components/trpc';
import { Badge, type Tone } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Card } from '@/components/ui/card';
import { CodeBlock } from '@/components/ui/code-block';
import { KeyValue } from '@/components/ui/key-value';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { toast } from '@/components/ui/toast';

const text = strings.packDetails;
type Environment = RouterOutputs['packs']['environments'][number];

const tones: Record<Environment['state'], Tone> = {
  stale: 'neutral',
  building: 'info',
  ready: 'success',
  failed: 'danger',
};
/** While something is built its log grows. */
const growingMs = 1_500;
const restingMs = 10_000;

/** The environments that this pack's actions used, with the logs of their installs. */
export function PackEnvironments({ packRef, mayRebuild }: { packRef: string; mayRebuild: boolean }) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.packs.environments.queryOptions(
      { ref: packRef },
      {
        refetchInterval: ({ state }) =>
          state.data?.some((environment) => environment.state === 'building') ? growingMs : restingMs,
      },
    ),
  );
  return (
    <QueryState query={query}>
      {(environments) =>
        environments.length === 0 ? (
          <p className="pt-4 text-text-2">{text.noEnvironments}</p>
        ) : (
          <div className="space-y-4 pt-4">
            {environments.map((environment) => (
              <EnvironmentCard
                key={environment.id}
                packRef={packRef}
                environment={environment}
                mayRebuild={mayRebuild}
              />
            ))}
          </div>
        )
      }
    </QueryState>
  );
}

function EnvironmentCard({
  packRef,
  environment,
  mayRebuild,
}: {
  packRef: string;
  environment: Environment;
  mayRebuild: boolean;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { id, kind, state, error, place, builtAt, buildMs, usedAt, keyHash, log } = environment;
  const rebuild = useMutation(
    trpc.packs.rebuildEnvironment.mutationOptions({
      onSuccess: () => {
        void queries.invalidateQueries({ queryKey: trpc.packs.environments.queryKey({ ref: packRef }) });
        toast.success(text.rebuildAsked);
      },
      onError: (failure) => toast.error(toCallError(failure).message),
    }),
  );
  const canRebuild = mayRebuild && (state === 'ready' || state === 'failed');
  return (
    <Card
      title={
        <span className="flex items-center gap-2">
          {text.environmentKinds[kind]} <Badge tone={tones[state]}>{text.environmentStates[state]}</Badge>
        </span>
      }
      actions={
        canRebuild ? (
          <Button
            size="sm"
            icon={<Hammer />}
            loading={rebuild.isPending}
            onClick={() => rebuild.mutate({ ref: packRef, id })}
          >
            {text.rebuild}
          </Button>
        ) : null
      }
    >
      <div className="space-y-4">
        {error === null ? null : <Callout kind="error">{error}</Callout>}
        <KeyValue
          columns={2}
          items={[
            {
              label: text.built,
              value:
                builtAt === null ? (
                  text.never
                ) : (
                  <span>
                    <RelativeTime value={builtAt} />{' '}
                    {buildMs === null ? '' : text.took((buildMs / 1000).toFixed(1))}
                  </span>
                ),
            },
            { label: text.used, value: <RelativeTime value={usedAt} /> },
            { label: text.place, value: <span className="break-all">{place}</span>, mono: true },
            { label: text.key, value: keyHash.slice(0, 16), mono: true },
          ]}
        />
        {log === '' ? null : <CodeBlock label={text.log} code={log} wrap />}
      </div>
    </Card>
  );
}
