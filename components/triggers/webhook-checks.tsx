'use client';

import { useQuery } from '@tanstack/react-query';
import { ListChecks, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { KeyValue } from '@/components/ui/key-value';
import { QueryState } from '@/components/ui/query-state';
import type { WebhookConfig } from './checks-draft';
import { WebhookChecksDialog } from './webhook-checks-dialog';

const text = strings.webhooks;

/** What a webhook asks of its callers, and the way to what became of their calls. */
export function WebhookChecks({ triggerRef }: { triggerRef: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.webhooks.config.queryOptions({ ref: triggerRef }));
  const [isOpen, setOpen] = useState(false);
  return (
    <Card
      title={text.checks}
      className="xl:col-span-2"
      actions={
        <div className="flex flex-wrap gap-2">
          <Button size="sm" variant="ghost" icon={<ListChecks />} href={`/triggers/${triggerRef}/calls`}>
            {text.calls}
          </Button>
          <Button size="sm" icon={<ShieldCheck />} disabled={!query.data} onClick={() => setOpen(true)}>
            {text.change}
          </Button>
        </div>
      }
    >
      <QueryState query={query}>
        {(config) => (
          <>
            <Told config={config} />
            {isOpen ? (
              <WebhookChecksDialog triggerRef={triggerRef} config={config} onClose={() => setOpen(false)} />
            ) : null}
          </>
        )}
      </QueryState>
    </Card>
  );
}

function Told({ config }: { config: WebhookConfig }) {
  const {
    hmac,
    rate_limit,
    ip_whitelist,
    payload_size_limit_kb,
    dedupe_header,
    response_mode,
    sync_timeout_seconds,
  } = config;
  const items = [
    ...(ip_whitelist.enabled ? [{ label: text.addresses, value: ip_whitelist.ips.join(', ') }] : []),
    ...(hmac.enabled
      ? [
          {
            label: text.signature,
            value: hmac.scheme === 'plain' ? hmac.algorithm.toUpperCase() : text.schemes[hmac.scheme],
          },
        ]
      : []),
    ...(rate_limit.enabled
      ? [{ label: text.rate, value: text.rateTold(rate_limit.requests, rate_limit.window_seconds) }]
      : []),
    ...(payload_size_limit_kb === null
      ? []
      : [{ label: text.size, value: text.sizeTold(payload_size_limit_kb) }]),
    ...(response_mode === 'async'
      ? []
      : [{ label: text.answer, value: text.syncTold(sync_timeout_seconds) }]),
    ...(dedupe_header === null ? [] : [{ label: text.dedupe, value: dedupe_header, mono: true }]),
  ];
  if (items.length === 0) return <p className="text-sm text-text-2">{text.checksHint}</p>;
  return <KeyValue items={items} columns={2} />;
}
