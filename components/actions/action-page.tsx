'use client';

import { useFieldErrors } from '@/components/schema-form/use-field-errors';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Play, Save, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useShortcuts } from '@/components/shell/shortcuts';
import { strings } from '@/components/strings';
import { useTRPC, type RouterOutputs } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { JsonView } from '@/components/ui/json-view';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { toast } from '@/components/ui/toast';
import { readDraft, toDraft, type ActionDraft } from './action-draft';
import { ActionForm } from './action-form';
import { RunActionDialog } from './run-action-dialog';

const text = strings.actions;
type Action = RouterOutputs['actions']['get'];

/** One action: read it, edit its code, run it. */
export function ActionPage({ actionRef }: { actionRef: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.actions.get.queryOptions({ ref: actionRef }));
  return <QueryState query={query}>{(action) => <Editor key={action.ref} action={action} />}</QueryState>;
}

function Editor({ action }: { action: Action }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [base, setBase] = useState(action);
  const [draft, setDraft] = useState<ActionDraft>(() => toDraft(action));
  const { errors, setErrors, take, changed } = useFieldErrors({ paramSchema: 'parameters' });
  const [isRunning, setRunning] = useState(false);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(toDraft(base));
  const save = useMutation(
    trpc.actions.update.mutationOptions({
      onSuccess: (saved) => {
        queries.setQueryData(trpc.actions.get.queryKey({ ref: saved.ref }), saved);
        setBase(saved);
        setErrors({});
        toast.success(text.saved(saved.revision));
      },
      onError: (error) => {
        const { message, word } = take(error);
        toast.error(word === 'stale_action' ? text.stale : message);
      },
    }),
  );
  const edit = (next: typeof draft) => {
    changed(draft, next);
    setDraft(next);
  };
  const submit = () => {
    const read = readDraft(draft);
    if ('errors' in read) {
      setErrors(read.errors);
      return;
    }
    const { packRef: _, name: __, parameters: ___, ...fields } = draft;
    save.mutate({ ref: base.ref, revision: base.revision, ...fields, ...read.value });
  };
  useShortcuts([
    { keys: 'mod+s', label: strings.common.save, run: submit, enabled: base.mayEdit && isChanged },
  ]);
  const isStale = action.revision > base.revision;
  return (
    <>
      <PageHeader
        title={base.ref}
        breadcrumbs={[{ label: strings.nav.actions, href: '/actions' }, { label: base.ref }]}
        description={
          <span className="flex items-center gap-2">
            {base.label} <Badge>{text.runtimes[base.runtime]}</Badge> {text.revision(base.revision)}
          </span>
        }
        actions={
          <>
            {base.mayEdit ? <RemoveButton actionRef={base.ref} /> : null}
            <Button icon={<Play />} disabled={isChanged} onClick={() => setRunning(true)}>
              {text.run}
            </Button>
            {base.mayEdit ? (
              <Button
                variant="primary"
                icon={<Save />}
                disabled={!isChanged}
                loading={save.isPending}
                onClick={submit}
              >
                {strings.common.save}
              </Button>
            ) : null}
          </>
        }
      />
      <div className="space-y-3 px-4 pb-4 md:px-6">
        {isStale ? (
          <Callout
            kind="warning"
            action={
              <Button size="sm" onClick={() => (setBase(action), setDraft(toDraft(action)))}>
                {strings.common.reload}
              </Button>
            }
          >
            {text.stale}
          </Callout>
        ) : null}
        {base.mayEdit ? null : <Callout kind="info">{text.readOnly}</Callout>}
      </div>
      {base.runtime === 'native' ? (
        <BuiltIn action={base} />
      ) : (
        <ActionForm draft={draft} onChange={edit} errors={errors} readOnly={!base.mayEdit} isNew={false} />
      )}
      {isRunning ? <RunActionDialog action={base} onClose={() => setRunning(false)} /> : null}
    </>
  );
}

function BuiltIn({ action }: { action: Action }) {
  return (
    <div className="max-w-3xl space-y-4 px-4 pb-10 md:px-6">
      <p>{action.description}</p>
      <p className="text-sm text-text-2">{text.builtIn}</p>
      <JsonView value={action.paramSchema} label={text.parameters} openDepth={3} />
    </div>
  );
}

function RemoveButton({ actionRef }: { actionRef: string }) {
  const trpc = useTRPC();
  const router = useRouter();
  const [isOpen, setOpen] = useState(false);
  const remove = useMutation(
    trpc.actions.remove.mutationOptions({
      onSuccess: () => {
        toast.success(text.removed);
        router.push('/actions');
      },
    }),
  );
  return (
    <>
      <Button variant="ghost" icon={<Trash2 />} onClick={() => setOpen(true)}>
        {text.remove}
      </Button>
      <ConfirmDialog
        open={isOpen}
        onOpenChange={setOpen}
        title={text.removeTitle(actionRef)}
        description={text.removeHint}
        confirmLabel={text.remove}
        onConfirm={() => remove.mutateAsync({ ref: actionRef })}
      />
    </>
  );
}
