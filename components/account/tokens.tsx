'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { toCallError, useTRPC, type RouterOutputs } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { CopyButton } from '@/components/ui/copy-button';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { Table } from '@/components/ui/table';
import { VisuallyHidden } from '@/components/ui/visually-hidden';

const text = strings.account;
type Token = RouterOutputs['auth']['tokens'][number];

/** One's own API tokens: made, shown once, revoked. */
export function Tokens() {
  const trpc = useTRPC();
  const client = useQueryClient();
  const query = useQuery(trpc.auth.tokens.queryOptions());
  const [isMaking, setIsMaking] = useState(false);
  const [leaving, setLeaving] = useState<Token | null>(null);
  const refresh = () => client.invalidateQueries({ queryKey: trpc.auth.tokens.queryKey() });
  const revoke = useMutation(trpc.auth.revokeToken.mutationOptions({ onSuccess: refresh }));
  return (
    <Card
      title={text.tokens}
      description={text.tokensHint}
      actions={
        <Button size="sm" icon={<Plus />} onClick={() => setIsMaking(true)}>
          {text.create}
        </Button>
      }
    >
      <QueryState query={query}>
        {(tokens) =>
          tokens.length === 0 ? (
            <p className="text-sm text-text-2">{text.noTokens}</p>
          ) : (
            <Table
              label={text.tokens}
              rows={tokens}
              rowKey={({ id }) => id}
              columns={[
                { key: 'label', header: text.label, cell: ({ label }) => label },
                {
                  key: 'state',
                  header: text.state,
                  cell: ({ active }) => (
                    <Badge tone={active ? 'success' : 'neutral'}>{active ? text.active : text.revoked}</Badge>
                  ),
                },
                {
                  key: 'used',
                  header: text.lastUsed,
                  cell: ({ lastUsed }) => (lastUsed ? <RelativeTime value={lastUsed} /> : text.never),
                  hideBelow: 'md',
                },
                {
                  key: 'created',
                  header: text.since,
                  cell: ({ created }) => <RelativeTime value={created} />,
                  hideBelow: 'md',
                },
                {
                  key: 'actions',
                  header: <VisuallyHidden>{text.actions}</VisuallyHidden>,
                  align: 'right',
                  cell: (token) =>
                    token.active ? (
                      <Button
                        size="sm"
                        variant="ghost"
                        aria-label={text.revokeOf(token.label)}
                        onClick={() => setLeaving(token)}
                      >
                        {text.revoke}
                      </Button>
                    ) : null,
                },
              ]}
            />
          )
        }
      </QueryState>
      {isMaking ? <NewToken onClose={() => setIsMaking(false)} onMade={refresh} /> : null}
      <ConfirmDialog
        open={leaving !== null}
        onOpenChange={() => setLeaving(null)}
        title={text.revokeTitle(leaving?.label ?? '')}
        description={text.revokeDescription}
        confirmLabel={text.revoke}
        onConfirm={() => (leaving ? revoke.mutateAsync({ id: leaving.id }) : null)}
      />
    </Card>
  );
}

function NewToken({ onClose, onMade }: { onClose: () => void; onMade: () => void }) {
  const trpc = useTRPC();
  const [label, setLabel] = useState('');
  const [error, setError] = useState<string | undefined>();
  const create = useMutation(
    trpc.auth.createToken.mutationOptions({
      onSuccess: onMade,
      onError: (cause) => setError(toCallError(cause).message),
    }),
  );
  const token = create.data?.token;
  const submit = () => {
    if (label.trim() === '') setError(strings.common.required);
    else create.mutate({ label: label.trim() });
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={text.create}
      footer={
        token === undefined ? (
          <Button variant="primary" loading={create.isPending} onClick={submit}>
            {text.create}
          </Button>
        ) : (
          <Button variant="primary" onClick={onClose}>
            {text.done}
          </Button>
        )
      }
    >
      {token === undefined ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <Field label={text.label} hint={text.labelHint} error={error} required>
            <Input value={label} maxLength={200} onChange={(event) => setLabel(event.target.value)} />
          </Field>
        </form>
      ) : (
        <div className="space-y-2">
          <p className="text-sm">{text.created}</p>
          <div className="flex items-center gap-2">
            <code
              aria-label={text.newToken}
              className="min-w-0 flex-1 rounded-md bg-surface-2 px-2 py-1.5 text-xs wrap-anywhere"
            >
              {token}
            </code>
            <CopyButton text={token} label={text.newToken} />
          </div>
        </div>
      )}
    </Dialog>
  );
}
