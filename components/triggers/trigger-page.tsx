'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { RefreshCw, Send } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { CodeEditor } from '@/components/code/code-editor';
import { EventTable } from '@/components/events/events-page';
import { strings } from '@/components/strings';
import { toCallError, useTRPC, type RouterOutputs } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { CodeBlock } from '@/components/ui/code-block';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { CopyButton } from '@/components/ui/copy-button';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { toast } from '@/components/ui/toast';
import { parseJsonText } from '@/components/schema-form/json-text';
import { TriggerActions } from './trigger-actions';
import { WebhookChecks } from './webhook-checks';

const text = strings.triggers;
type Trigger = RouterOutputs['triggers']['get'];

/** One trigger: its webhook's address, a way to try it, and what it brought. */
export function TriggerPage({ triggerRef }: { triggerRef: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.triggers.get.queryOptions({ ref: triggerRef }));
  const events = useQuery(trpc.events.list.queryOptions({ triggerRef, limit: 10 }));
  return (
    <QueryState query={query}>
      {(trigger) => (
        <>
          <PageHeader
            title={trigger.label}
            breadcrumbs={[{ label: strings.nav.triggers, href: '/triggers' }, { label: trigger.ref }]}
            description={trigger.description || trigger.ref}
            actions={<TriggerActions trigger={trigger} />}
          />
          <div className="grid grid-cols-1 gap-6 px-4 pb-10 md:px-6 xl:grid-cols-2">
            <Webhook trigger={trigger} />
            <SendEvent trigger={trigger} />
            {trigger.sensorRef === null ? (
              trigger.mayEdit && !trigger.webhookEnabled ? (
                <Link
                  href={`/sensors/new?trigger=${trigger.ref}`}
                  className="text-sm text-accent underline underline-offset-2 xl:col-span-2"
                >
                  {text.newSensor}
                </Link>
              ) : null
            ) : (
              <p className="text-sm text-text-2 xl:col-span-2">
                {text.sensor}{' '}
                <Link
                  href={`/sensors/${trigger.sensorRef}`}
                  className="text-accent underline underline-offset-2"
                >
                  {trigger.sensorRef}
                </Link>
              </p>
            )}
            {trigger.mayEdit && trigger.webhookEnabled ? <WebhookChecks triggerRef={trigger.ref} /> : null}
            <section aria-labelledby="events" className="space-y-3 xl:col-span-2">
              <h2 id="events" className="text-base font-semibold">
                {text.events}
              </h2>
              <QueryState query={events}>
                {({ items }) =>
                  items.length === 0 ? (
                    <p className="text-text-2">{strings.events.empty}</p>
                  ) : (
                    <EventTable events={items} />
                  )
                }
              </QueryState>
            </section>
          </div>
        </>
      )}
    </QueryState>
  );
}

function Webhook({ trigger }: { trigger: Trigger }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [asks, setAsks] = useState<'disable' | 'regenerate' | null>(null);
  const options = {
    onSuccess: (changed: Trigger) => {
      queries.setQueryData(trpc.triggers.get.queryKey({ ref: trigger.ref }), changed);
      setAsks(null);
      toast.success(text.changed);
    },
    onError: (error: unknown) => toast.error(toCallError(error).message),
  };
  const enable = useMutation(trpc.triggers.enableWebhook.mutationOptions(options));
  const disable = useMutation(trpc.triggers.disableWebhook.mutationOptions(options));
  const regenerate = useMutation(trpc.triggers.regenerateWebhook.mutationOptions(options));
  const { webhookUrl, webhookEnabled, mayEdit } = trigger;
  const changes = mayEdit ? (
    webhookEnabled ? (
      <div className="flex flex-wrap gap-x-2">
        <Button size="sm" variant="ghost" icon={<RefreshCw />} onClick={() => setAsks('regenerate')}>
          {text.regenerate}
        </Button>
        <Button size="sm" variant="ghost" onClick={() => setAsks('disable')}>
          {text.disable}
        </Button>
      </div>
    ) : (
      <Button
        size="sm"
        variant="primary"
        loading={enable.isPending}
        onClick={() => enable.mutate({ ref: trigger.ref })}
      >
        {text.enable}
      </Button>
    )
  ) : null;
  return (
    <Card title={text.webhook} actions={changes}>
      {webhookUrl ? (
        <div className="space-y-3">
          <p className="text-sm text-text-2">{text.addressHint}</p>
          <div className="flex items-center gap-2">
            <code
              aria-label={text.address}
              data-webhook-url
              className="min-w-0 flex-1 truncate rounded-md border border-border bg-surface-code px-3 py-2 font-mono text-xs"
            >
              {webhookUrl}
            </code>
            <CopyButton text={webhookUrl} label={text.address} />
          </div>
          <CodeBlock
            label={text.tryIt}
            code={`curl -X POST ${webhookUrl} \\\n  -H 'Content-Type: application/json' \\\n  -d '{"hello": "world"}'`}
          />
        </div>
      ) : (
        <p className="text-sm text-text-2">{webhookEnabled ? text.addressHidden : text.webhookOff}</p>
      )}
      <ConfirmDialog
        open={asks !== null}
        onOpenChange={(open) => open || setAsks(null)}
        title={asks === 'disable' ? text.disableTitle : text.regenerateTitle}
        description={asks === 'disable' ? text.disableHint : text.regenerateHint}
        confirmLabel={asks === 'disable' ? text.disable : text.regenerate}
        onConfirm={() => (asks === 'disable' ? disable : regenerate).mutateAsync({ ref: trigger.ref })}
      />
    </Card>
  );
}

function SendEvent({ trigger }: { trigger: Trigger }) {
  const trpc = useTRPC();
  const [payload, setPayload] = useState('{\n  "hello": "world"\n}');
  const emit = useMutation(
    trpc.triggers.emit.mutationOptions({ onError: (error) => toast.error(toCallError(error).message) }),
  );
  const send = () => {
    const parsed = parseJsonText(payload);
    if ('error' in parsed) toast.error(`${text.notJson} ${parsed.error}`);
    else emit.mutate({ ref: trigger.ref, payload: parsed.value });
  };
  return (
    <Card
      title={text.sendTest}
      actions={
        <Button size="sm" icon={<Send />} loading={emit.isPending} onClick={send}>
          {text.send}
        </Button>
      }
    >
      <div className="space-y-3">
        <p className="text-sm text-text-2">{text.sendTestHint}</p>
        <CodeEditor label={text.payload} language="json" value={payload} onChange={setPayload} height={160} />
        <p role="status" className="min-h-5 text-sm">
          {emit.data ? (
            <>
              {text.sent(emit.data.eventId)}{' '}
              <Link
                href={`/events/${emit.data.eventId}`}
                className="text-accent underline underline-offset-2"
              >
                {text.openEvent}
              </Link>
            </>
          ) : null}
        </p>
      </div>
    </Card>
  );
}
