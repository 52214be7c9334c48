'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { CodeBlock } from '@/components/ui/code-block';
import { JsonView } from '@/components/ui/json-view';
import { KeyValue } from '@/components/ui/key-value';
import { QueryState } from '@/components/ui/query-state';
import { Sheet } from '@/components/ui/sheet';
import { VerdictBadge } from './verdict-badge';

const text = strings.webhooks;

/** One call: what was answered and why, and of a refused one what was sent. */
export function CallSheet({
  triggerRef,
  id,
  onClose,
}: {
  triggerRef: string;
  id: number;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const query = useQuery(trpc.webhooks.delivery.queryOptions({ ref: triggerRef, id }));
  return (
    <Sheet open onOpenChange={(open) => open || onClose()} title={text.look(id)} size="lg">
      <QueryState query={query}>
        {(call) => (
          <div className="space-y-4">
            <KeyValue
              items={[
                { label: text.verdict, value: <VerdictBadge verdict={call.verdict} /> },
                { label: text.status, value: call.status },
                ...(call.reason ? [{ label: text.reason, value: call.reason }] : []),
                { label: text.when, value: call.created, mono: true },
                { label: text.from, value: call.address, mono: true },
                { label: text.bytes, value: text.bytesTold(call.size_bytes) },
                ...(call.event === null
                  ? []
                  : [
                      {
                        label: text.event,
                        value: (
                          <Link
                            href={`/events/${call.event}`}
                            className="text-accent underline underline-offset-2"
                          >
                            {text.eventLink(call.event)}
                          </Link>
                        ),
                      },
                    ]),
              ]}
            />
            {call.headers === null ? (
              <p className="text-sm text-text-2">
                {call.verdict === 'accepted' ? text.inEvent : text.notKept}
              </p>
            ) : (
              <section className="space-y-2">
                <h3 className="text-sm font-semibold">{text.headers}</h3>
                <JsonView value={call.headers} label={text.headers} openDepth={1} />
              </section>
            )}
            {call.body === null ? null : (
              <section className="space-y-2">
                <p className="text-sm text-text-2">{text.bodyHint}</p>
                <CodeBlock label={text.body} code={call.body} />
              </section>
            )}
          </div>
        )}
      </QueryState>
    </Sheet>
  );
}
