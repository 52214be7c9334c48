'use client';

import Link from 'next/link';
import { strings } from '@/components/strings';
import { JsonView } from '@/components/ui/json-view';
import { KeyValue } from '@/components/ui/key-value';
import { RelativeTime } from '@/components/ui/relative-time';
import { Sheet } from '@/components/ui/sheet';
import { ItemStatus, type Item } from './item-status';

const text = strings.workQueues;

/** All that is known of an item. */
export function ItemSheet({ item, onClose }: { item: Item; onClose: () => void }) {
  const { lastError, ackSummary, lastExecution } = item;
  return (
    <Sheet open onOpenChange={(open) => open || onClose()} title={text.show(item.id)}>
      <div className="space-y-5">
        <KeyValue
          items={[
            { label: text.status, value: <ItemStatus status={item.status} /> },
            ...(item.itemKey === null ? [] : [{ label: text.key, value: item.itemKey }]),
            { label: text.priority, value: item.priority },
            { label: text.attempts, value: item.attemptCount },
            { label: text.added, value: <RelativeTime value={item.created} /> },
            ...(item.status === 'retry'
              ? [{ label: text.triesAt, value: <RelativeTime value={item.availableAt} /> }]
              : []),
            ...(lastExecution === null
              ? []
              : [
                  {
                    label: text.execution,
                    value: (
                      <Link
                        className="text-accent underline underline-offset-2"
                        href={`/executions/${lastExecution}`}
                      >
                        #{lastExecution}
                      </Link>
                    ),
                  },
                ]),
            ...(lastError === null
              ? []
              : [{ label: text.lastError, value: String(lastError['message'] ?? '') }]),
          ]}
        />
        <JsonView value={item.payload} label={text.payload} openDepth={3} />
        {Object.keys(item.metadata).length > 0 ? (
          <JsonView value={item.metadata} label={text.metadata} openDepth={2} />
        ) : null}
        {ackSummary === null ? null : <JsonView value={ackSummary} label={text.acknowledged} openDepth={2} />}
      </div>
    </Sheet>
  );
}
