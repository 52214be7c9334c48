'use client';

import { useFailure } from '@/components/schema-form/use-failure';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus, Upload } from 'lucide-react';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { useTRPC, type RouterInputs } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { Switch } from '@/components/ui/switch';
import { Table } from '@/components/ui/table';
import { Textarea } from '@/components/ui/textarea';
import { toast } from '@/components/ui/toast';
import { InstallPackDialog } from './install-pack-dialog';

const text = strings.packs;

/** Every pack that the tenant sees: its own, newest first, after the standard ones. */
export function PacksPage() {
  const trpc = useTRPC();
  const query = useQuery(trpc.packs.list.queryOptions());
  const [isOpen, setOpen] = useState(false);
  const [isInstalling, setInstalling] = useState(false);
  return (
    <>
      <PageHeader
        title={text.title}
        description={text.description}
        actions={
          <>
            <Button icon={<Upload />} onClick={() => setInstalling(true)}>
              {strings.packDetails.install}
            </Button>
            <Button variant="primary" icon={<Plus />} onClick={() => setOpen(true)}>
              {text.create}
            </Button>
          </>
        }
      />
      <QueryState query={query}>
        {(packs) => (
          <div className="px-4 pb-8 md:px-6">
            <Table
              label={text.title}
              rows={packs}
              rowKey={({ ref }) => ref}
              rowHref={({ ref }) => `/packs/${ref}`}
              columns={[
                {
                  key: 'ref',
                  header: text.pack,
                  cell: ({ ref, label, isStandard, visibility }) => (
                    <span>
                      <span className="font-medium">{ref}</span> <span className="text-text-2">{label}</span>{' '}
                      {isStandard ? <Badge tone="accent">{text.standard}</Badge> : null}
                      {visibility === 'private' ? <Badge tone="neutral">{text.onlyYou}</Badge> : null}
                    </span>
                  ),
                },
                {
                  key: 'contents',
                  header: text.contents,
                  cell: ({ actions, workflows, triggers, rules }) => (
                    <span className="text-text-2">{text.counts(actions, workflows, triggers, rules)}</span>
                  ),
                },
                { key: 'version', header: text.version, cell: ({ version }) => version, hideBelow: 'sm' },
                {
                  key: 'updated',
                  header: text.updated,
                  cell: ({ updated }) => <RelativeTime value={updated} />,
                  hideBelow: 'md',
                },
              ]}
            />
          </div>
        )}
      </QueryState>
      {isInstalling ? <InstallPackDialog onClose={() => setInstalling(false)} /> : null}
      {isOpen ? <CreateDialog onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function CreateDialog({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<RouterInputs['packs']['create']>({
    ref: '',
    label: '',
    description: '',
    visibility: 'tenant',
  });
  const create = useMutation(
    trpc.packs.create.mutationOptions({
      onSuccess: (pack) => {
        void queries.invalidateQueries({ queryKey: trpc.packs.pathKey() });
        toast.success(text.created(pack.ref));
        onClose();
      },
    }),
  );
  const { failure, errorOf } = useFailure(create.error, draft);
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={text.createTitle}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            {strings.common.cancel}
          </Button>
          <Button variant="primary" loading={create.isPending} onClick={() => create.mutate(draft)}>
            {strings.common.create}
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        {failure && failure.details.length === 0 ? <Callout kind="error">{failure.message}</Callout> : null}
        <Field label={text.name} hint={text.nameHint} error={errorOf('ref')} required>
          <Input
            value={draft.ref}
            onChange={(event) => setDraft({ ...draft, ref: event.target.value })}
            autoComplete="off"
            spellCheck={false}
          />
        </Field>
        <Field label={text.label} error={errorOf('label')} required>
          <Input
            value={draft.label}
            onChange={(event) => setDraft({ ...draft, label: event.target.value })}
          />
        </Field>
        <Field label={text.whatItIs} error={errorOf('description')}>
          <Textarea
            rows={2}
            value={draft.description}
            onChange={(event) => setDraft({ ...draft, description: event.target.value })}
          />
        </Field>
        <Switch
          label={text.private}
          description={text.privateHint}
          checked={draft.visibility === 'private'}
          onCheckedChange={(isPrivate) =>
            setDraft({ ...draft, visibility: isPrivate ? 'private' : 'tenant' })
          }
        />
      </div>
    </Dialog>
  );
}
