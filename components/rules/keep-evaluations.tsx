'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { strings } from '@/components/strings';
import { toCallError, useTRPC, type RouterOutputs } from '@/components/trpc';
import { Card } from '@/components/ui/card';
import { RelativeTime } from '@/components/ui/relative-time';
import { Switch } from '@/components/ui/switch';
import { toast } from '@/components/ui/toast';

const text = strings.rules.keep;
const hours = 24;

/** Whether all that the rule says is kept, for finding out why it stays silent. It holds at once, and ends by itself. */
export function KeepEvaluations({ rule }: { rule: RouterOutputs['rules']['get'] }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const keep = useMutation(
    trpc.rules.keepEvaluations.mutationOptions({
      onSuccess: (saved) => queries.setQueryData(trpc.rules.get.queryKey({ ref: rule.ref }), saved),
      onError: (error) => toast.error(toCallError(error).message),
    }),
  );
  const until = rule.keepEvaluationsUntil;
  return (
    <Card title={text.title}>
      <Switch
        label={text.label(hours)}
        description={text.hint}
        checked={until !== null}
        disabled={!rule.mayEdit || keep.isPending}
        onCheckedChange={(isOn) => keep.mutate({ ref: rule.ref, hours: isOn ? hours : 0 })}
      />
      {until === null ? null : (
        <p className="mt-2 text-xs text-text-2">
          {text.until} <RelativeTime value={until} />
        </p>
      )}
    </Card>
  );
}
