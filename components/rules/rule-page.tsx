'use client';

import { useFieldErrors } from '@/components/schema-form/use-field-errors';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Save, Trash2 } from 'lucide-react';
import { useRouter, useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { useShortcuts } from '@/components/shell/shortcuts';
import { strings } from '@/components/strings';
import { useTRPC, type RouterOutputs } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { toast } from '@/components/ui/toast';
import { KeepEvaluations } from './keep-evaluations';
import { newRuleDraft, toRuleDraft, toRuleInput, type RuleDraft } from './rule-draft';
import { RuleForm } from './rule-form';
import { TimerState } from './timer-state';

const text = strings.rules;

const partOf = {
  ...{ ref: 'name', conditions: 'criteria' },
  // One half of a guard is missing only as long as the other is there.
  ...{ 'guards.cooldown_seconds': 'guards', 'guards.dedupe.key': 'guards' },
  ...{ 'guards.dedupe.window_seconds': 'guards', 'guards.rate.count': 'guards' },
  'guards.rate.window_seconds': 'guards',
};

/** A new rule; `?trigger=` names its trigger. */
export function NewRulePage() {
  const trpc = useTRPC();
  const router = useRouter();
  const trigger = useSearchParams().get('trigger') ?? '';
  const [draft, setDraft] = useState<RuleDraft>(() => newRuleDraft(trigger));
  const { errors, setErrors, tell, changed } = useFieldErrors(partOf);
  const create = useMutation(
    trpc.rules.create.mutationOptions({
      onSuccess: ({ ref }) => {
        toast.success(text.saved);
        router.push(`/rules/${ref}`);
      },
      onError: tell,
    }),
  );
  const edit = (next: typeof draft) => {
    changed(draft, next);
    setDraft(next);
  };
  const submit = () => {
    const input = toRuleInput(draft, strings.common.required);
    setErrors('errors' in input ? input.errors : {});
    if ('value' in input) create.mutate(input.value);
  };
  useShortcuts([{ keys: 'mod+s', label: strings.common.save, run: submit, whileTyping: true }]);
  return (
    <>
      <PageHeader
        title={text.create}
        breadcrumbs={[{ label: strings.nav.rules, href: '/rules' }, { label: text.create }]}
        actions={
          <Button variant="primary" icon={<Save />} loading={create.isPending} onClick={submit}>
            {strings.common.create}
          </Button>
        }
      />
      <RuleForm draft={draft} onChange={edit} errors={errors} isNew />
    </>
  );
}

/** One rule, to read and edit. */
export function RulePage({ ruleRef }: { ruleRef: string }) {
  const trpc = useTRPC();
  const query = useQuery({
    ...trpc.rules.get.queryOptions({ ref: ruleRef }),
    // A worker is about to work out its times.
    refetchInterval: ({ state }) => (state.data?.timer?.state === 'new' ? 1_000 : false),
  });
  return (
    <QueryState query={query}>
      {(rule) => <Editor key={`${rule.ref}-${rule.updated}`} rule={rule} />}
    </QueryState>
  );
}

function Editor({ rule }: { rule: RouterOutputs['rules']['get'] }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const [draft, setDraft] = useState(() => toRuleDraft(rule));
  const [isRemoving, setRemoving] = useState(false);
  const { errors, setErrors, tell, changed } = useFieldErrors(partOf);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(toRuleDraft(rule));
  const update = useMutation(
    trpc.rules.update.mutationOptions({
      onSuccess: (saved) => {
        toast.success(text.saved);
        queries.setQueryData(trpc.rules.get.queryKey({ ref: rule.ref }), saved);
      },
      onError: tell,
    }),
  );
  const remove = useMutation(trpc.rules.remove.mutationOptions({ onSuccess: () => router.push('/rules') }));
  const edit = (next: typeof draft) => {
    changed(draft, next);
    setDraft(next);
  };
  const submit = () => {
    const input = toRuleInput(draft, strings.common.required);
    setErrors('errors' in input ? input.errors : {});
    if (!('value' in input)) return;
    const { packRef: _, ...fields } = input.value;
    update.mutate(fields);
  };
  useShortcuts([
    {
      keys: 'mod+s',
      label: strings.common.save,
      run: submit,
      whileTyping: true,
      enabled: isChanged && rule.mayEdit,
    },
  ]);
  return (
    <>
      <PageHeader
        title={rule.label}
        breadcrumbs={[{ label: strings.nav.rules, href: '/rules' }, { label: rule.ref }]}
        description={`${rule.triggerRef} → ${rule.actionRef}`}
        actions={
          rule.mayEdit ? (
            <>
              <Button variant="ghost" icon={<Trash2 />} onClick={() => setRemoving(true)}>
                {text.remove}
              </Button>
              <Button
                variant="primary"
                icon={<Save />}
                disabled={!isChanged}
                loading={update.isPending}
                onClick={submit}
              >
                {strings.common.save}
              </Button>
            </>
          ) : undefined
        }
      />
      {rule.mayEdit ? null : (
        <div className="px-4 pb-4 md:px-6">
          <Callout kind="info">{text.readOnly}</Callout>
        </div>
      )}
      {rule.timer === null ? null : (
        <div className="px-4 pb-4 md:px-6">
          <TimerState timer={rule.timer} />
        </div>
      )}
      <RuleForm
        draft={draft}
        onChange={edit}
        errors={errors}
        isNew={false}
        aside={<KeepEvaluations rule={rule} />}
      />
      <ConfirmDialog
        open={isRemoving}
        onOpenChange={setRemoving}
        title={text.removeTitle(rule.ref)}
        description={text.removeHint}
        confirmLabel={text.remove}
        onConfirm={() => remove.mutateAsync({ ref: rule.ref })}
      />
    </>
  );
}
