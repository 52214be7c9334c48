'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Pencil, RotateCcw, Trash2 } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { toCallError, useTRPC, type RouterOutputs } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Card } from '@/components/ui/card';
import { CodeBlock } from '@/components/ui/code-block';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { JsonView } from '@/components/ui/json-view';
import { KeyValue } from '@/components/ui/key-value';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { Switch } from '@/components/ui/switch';
import { toast } from '@/components/ui/toast';
import { SensorLog } from './sensor-log';
import { SensorState } from './sensor-state';

const text = strings.sensors;
type Sensor = RouterOutputs['sensors']['get'];

/** One sensor: how it stands, where it stands, who needs it, and what it printed. */
export function SensorPage({ sensorRef }: { sensorRef: string }) {
  const trpc = useTRPC();
  // What is being removed is not asked for any more.
  const [isGone, setGone] = useState(false);
  const query = useQuery(
    trpc.sensors.get.queryOptions(
      { ref: sensorRef },
      // Its cursor and its next start move without a change in the feed.
      {
        enabled: !isGone,
        refetchInterval: ({ state }) => (state.data?.state === 'built_in' ? false : 3_000),
      },
    ),
  );
  return (
    <QueryState query={query}>
      {(sensor) => (
        <>
          <PageHeader
            title={sensor.label}
            breadcrumbs={[{ label: strings.nav.sensors, href: '/sensors' }, { label: sensor.ref }]}
            description={sensor.description || sensor.ref}
            actions={sensor.isAdhoc ? <Actions sensor={sensor} onGone={setGone} /> : undefined}
          />
          <div className="grid grid-cols-1 gap-6 px-4 pb-10 md:px-6 xl:grid-cols-2">
            <Standing sensor={sensor} />
            {sensor.state === 'built_in' ? null : <Cursor sensor={sensor} />}
            <Rules sensor={sensor} />
            {Object.keys(sensor.config).length > 0 ? (
              <Card title={text.config}>
                <JsonView label={text.config} value={sensor.config} />
              </Card>
            ) : null}
            {sensor.state === 'built_in' || isGone ? null : <SensorLog sensorRef={sensor.ref} />}
            {sensor.code === null ? null : (
              <section aria-labelledby="sensor-code" className="min-w-0 space-y-2 xl:col-span-2">
                <h2 id="sensor-code" className="text-base font-semibold">
                  {text.code}
                </h2>
                <CodeBlock label={text.code} language={sensor.runtime} code={sensor.code} />
              </section>
            )}
          </div>
        </>
      )}
    </QueryState>
  );
}

/** Of one that was made here: those of packs change with their files. */
function Actions({
  sensor: { ref, mayEdit, mayDelete },
  onGone,
}: {
  sensor: Sensor;
  onGone: (isGone: boolean) => void;
}) {
  const trpc = useTRPC();
  const router = useRouter();
  const [asks, setAsks] = useState(false);
  const remove = useMutation(trpc.sensors.remove.mutationOptions());
  return (
    <>
      {mayDelete ? (
        <Button variant="ghost" icon={<Trash2 />} onClick={() => setAsks(true)}>
          {text.remove}
        </Button>
      ) : null}
      {mayEdit ? (
        <Button icon={<Pencil />} href={`/sensors/${ref}/edit`}>
          {text.edit}
        </Button>
      ) : null}
      <ConfirmDialog
        open={asks}
        onOpenChange={setAsks}
        title={text.removeTitle(ref)}
        description={text.removeHint}
        confirmLabel={text.remove}
        onConfirm={async () => {
          onGone(true);
          await remove.mutateAsync({ ref }).catch((error: unknown) => {
            onGone(false);
            throw new Error(toCallError(error).message);
          });
          router.push('/sensors');
        }}
      />
    </>
  );
}

function useChange(ref: string) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  return {
    onSuccess: (changed: Sensor) => {
      queries.setQueryData(trpc.sensors.get.queryKey({ ref }), changed);
      toast.success(text.changed);
    },
    onError: (error: unknown) => toast.error(toCallError(error).message),
  };
}

function Standing({ sensor }: { sensor: Sensor }) {
  const trpc = useTRPC();
  const change = useMutation(trpc.sensors.setEnabled.mutationOptions(useChange(sensor.ref)));
  const { ref, state, worker, startedAt, notBefore, lastError, lastErrorAt, failures } = sensor;
  const about = state === 'failing' ? text.about.failing(failures) : text.about[state];
  return (
    <Card title={text.facts} actions={<SensorState state={state} />}>
      <div className="space-y-4">
        <p className="text-sm text-text-2" role="status">
          {about}
        </p>
        <KeyValue
          items={[
            { label: text.runtime, value: sensor.runtime },
            ...(sensor.entrypoint === ''
              ? []
              : [{ label: text.entrypoint, value: sensor.entrypoint, mono: true }]),
            { label: text.triggers, value: <Triggers refs={sensor.triggerRefs} /> },
            ...(worker === null ? [] : [{ label: text.worker, value: worker }]),
            ...(startedAt === null ? [] : [{ label: text.since, value: <RelativeTime value={startedAt} /> }]),
            ...(notBefore === null
              ? []
              : [{ label: text.retries, value: <RelativeTime value={notBefore} /> }]),
            ...(state === 'built_in' ? [] : [{ label: text.events, value: sensor.events }]),
          ]}
        />
        {lastError !== null && lastErrorAt !== null ? (
          <Callout
            kind={state === 'failing' || state === 'backing_off' ? 'warning' : 'info'}
            title={
              <>
                {text.lastError} (<RelativeTime value={lastErrorAt} />)
              </>
            }
          >
            <span className="whitespace-pre-wrap">{lastError}</span>
          </Callout>
        ) : null}
        {state === 'built_in' ? null : (
          <Switch
            label={text.enabled}
            description={text.enabledHint}
            checked={sensor.enabled}
            disabled={!sensor.mayEdit || change.isPending}
            onCheckedChange={(enabled) => change.mutate({ ref, enabled })}
          />
        )}
      </div>
    </Card>
  );
}

function Triggers({ refs }: { refs: readonly string[] }) {
  return (
    <span className="flex flex-wrap gap-x-3">
      {refs.map((ref) => (
        <Link key={ref} href={`/triggers/${ref}`} className="text-accent underline underline-offset-2">
          {ref}
        </Link>
      ))}
    </span>
  );
}

function Cursor({ sensor }: { sensor: Sensor }) {
  const trpc = useTRPC();
  const [asks, setAsks] = useState(false);
  const reset = useMutation(trpc.sensors.resetCursor.mutationOptions(useChange(sensor.ref)));
  const { ref, cursor, cursorAt, mayEdit } = sensor;
  const button =
    mayEdit && cursorAt !== null ? (
      <Button size="sm" variant="ghost" icon={<RotateCcw />} onClick={() => setAsks(true)}>
        {text.reset}
      </Button>
    ) : null;
  return (
    <Card title={text.cursor} actions={button}>
      <div className="space-y-3">
        <p className="text-sm text-text-2">{cursorAt === null ? text.cursorAbsent : text.cursorHint}</p>
        {cursorAt === null ? null : (
          <>
            <JsonView label={text.cursor} value={cursor} maxHeight={240} />
            <p className="text-sm text-text-2">
              {text.cursorAt} <RelativeTime value={cursorAt} />
            </p>
          </>
        )}
      </div>
      <ConfirmDialog
        open={asks}
        onOpenChange={setAsks}
        title={text.resetTitle}
        description={text.resetHint}
        confirmLabel={text.reset}
        onConfirm={async () => {
          await reset.mutateAsync({ ref });
          setAsks(false);
        }}
      />
    </Card>
  );
}

function Rules({ sensor: { rules, triggerRefs } }: { sensor: Sensor }) {
  return (
    <Card
      title={text.rules}
      actions={
        <Button size="sm" variant="ghost" href={`/rules/new?trigger=${triggerRefs[0] ?? ''}`}>
          {text.newRule}
        </Button>
      }
    >
      {rules.length === 0 ? (
        <p className="text-sm text-text-2">{text.noRules}</p>
      ) : (
        <ul className="divide-y divide-border">
          {rules.map(({ ref, enabled }) => (
            <li key={ref} className="flex items-center gap-2 py-2">
              <Link href={`/rules/${ref}`} className="min-w-0 flex-1 truncate font-medium hover:underline">
                {ref}
              </Link>
              <Badge tone={enabled ? 'success' : 'neutral'}>{enabled ? text.on : text.off}</Badge>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
