'use client';

import { strings } from '@/components/strings';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { JsonView } from '@/components/ui/json-view';
import { KeyValue } from '@/components/ui/key-value';
import { RelativeTime } from '@/components/ui/relative-time';
import type { Entry } from './audit-page';

const text = strings.audit;

interface Props {
  entry: Entry;
  onClose: () => void;
  onRequest: (id: string) => void;
}

/** One entry of the log with all that is known of it. */
export function EntryDialog({ entry, onClose, onRequest }: Props) {
  const { requestId } = entry;
  const call = [entry.httpMethod, entry.httpPath].filter(Boolean).join(' ');
  return (
    <Dialog
      open
      size="lg"
      onOpenChange={(open) => open || onClose()}
      title={entry.eventType}
      footer={
        <>
          {requestId === null ? null : (
            <Button onClick={() => onRequest(requestId)}>{text.allOfRequest}</Button>
          )}
          <Button variant="primary" onClick={onClose}>
            {strings.common.close}
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <KeyValue
          items={[
            { label: text.when, value: <RelativeTime value={entry.created} /> },
            { label: text.whoShort, value: entry.actorLogin ?? text.nobody },
            { label: text.from, value: entry.actorIp ?? strings.common.nothing },
            { label: text.fields.agent, value: entry.actorUserAgent ?? strings.common.nothing },
            { label: text.fields.token, value: entry.actorTokenType ?? strings.common.nothing },
            {
              label: text.on,
              value:
                [entry.resourceType, entry.resourceRef ?? entry.resourceId].filter(Boolean).join(' ') ||
                strings.common.nothing,
            },
            { label: text.fields.category, value: entry.category },
            { label: text.fields.call, value: call || strings.common.nothing },
            { label: text.fields.status, value: entry.httpStatus ?? strings.common.nothing },
            { label: text.fields.request, value: requestId ?? strings.common.nothing },
          ]}
        />
        {entry.details === null ? null : <JsonView value={entry.details} label={text.fields.details} />}
      </div>
    </Dialog>
  );
}
