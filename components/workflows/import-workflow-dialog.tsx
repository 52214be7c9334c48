'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { FileUp } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useMemo, useRef, useState } from 'react';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import { layoutTasks } from '@/engine/definition/layout';
import { importText, type Imported } from '@/engine/import/import-text';
import { CodeEditor } from '../code/code-editor';
import { importing as strings } from '../strings/importing';
import { toCallError, useTRPC, useTRPCClient } from '../trpc';

const largestBytes = 1_000_000;

/** A workflow or an action from a text of ours or of StackStorm: what was carried over, what not, then a draft of it. */
export function ImportWorkflowDialog({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const router = useRouter();
  const packs = useQuery(trpc.packs.list.queryOptions());
  const own = (packs.data ?? []).filter(({ isStandard }) => !isStandard);
  const file = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [fileFault, setFileFault] = useState<string | null>(null);
  const [typedName, setTypedName] = useState<string | null>(null);
  const [fileName, setFileName] = useState('');
  const [chosenPack, setChosenPack] = useState('');
  const result = useMemo(() => (text.trim() === '' ? null : importText(text)), [text]);
  const imported = result?.kind === 'read' ? result.imported : null;
  const name = typedName ?? toName(imported?.action?.name ?? '') ?? toName(fileName) ?? '';
  const pack =
    chosenPack || own.find(({ ref }) => ref === imported?.action?.pack)?.ref || (own[0]?.ref ?? '');
  const isUsable =
    imported !== null && (imported.definition !== null || (imported.action?.runtime ?? null) !== null);
  const make = useMutation({
    mutationFn: async (): Promise<string> => {
      const ref = `${pack}.${name}`;
      const words = { packRef: pack, ref, label: name, description: descriptionOf(imported) };
      if (imported?.definition) {
        const { definition } = imported;
        const made = await client.workflows.create.mutate(words);
        const layout = { positions: { ...layoutTasks(definition, {}) } };
        await client.workflows.saveDraft.mutate({ ref, draftVersion: made.draftVersion, definition, layout });
        return `/workflows/${encodeURIComponent(ref)}`;
      }
      const action = imported?.action;
      if (!action?.runtime) throw new Error(strings.nothing);
      await client.actions.create.mutate({
        ...words,
        runtime: action.runtime,
        code: action.code ?? strings.placeholder(action.entryPoint),
        paramSchema: action.paramSchema,
      });
      return `/actions/${encodeURIComponent(ref)}`;
    },
    onSuccess: (place) => {
      void queries.invalidateQueries({ queryKey: trpc.workflows.list.queryKey() });
      void queries.invalidateQueries({ queryKey: trpc.actions.catalog.queryKey() });
      router.push(place);
    },
  });
  const read = async (chosen: File | undefined) => {
    if (!chosen) return;
    setFileFault(chosen.size > largestBytes ? strings.tooLarge : null);
    if (chosen.size > largestBytes) return;
    setFileName(chosen.name.replace(/\.ya?ml$/i, ''));
    setText(await chosen.text());
  };
  const failure = make.error ? toCallError(make.error) : null;
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={strings.title}
      description={strings.body}
      size="lg"
      footer={
        <Button
          variant="primary"
          disabled={!isUsable || pack === '' || !/^[A-Za-z0-9_-]+$/.test(name)}
          loading={make.isPending}
          onClick={() => make.mutate()}
        >
          {imported && !imported.definition && imported.action ? strings.makeAction : strings.make}
        </Button>
      }
    >
      <div className="space-y-4">
        <div className="flex flex-wrap items-center gap-3">
          <Button icon={<FileUp />} onClick={() => file.current?.click()}>
            {strings.file}
          </Button>
          <input
            ref={file}
            type="file"
            accept=".yaml,.yml,.json,text/yaml"
            aria-label={strings.file}
            className="sr-only"
            tabIndex={-1}
            onChange={(event) => void read(event.target.files?.[0])}
          />
          <span className="text-sm text-text-2">{strings.orPaste}</span>
        </div>
        {fileFault ? <Callout kind="error">{fileFault}</Callout> : null}
        <CodeEditor label={strings.text} language="yaml" value={text} onChange={setText} height={220} />
        {result?.kind === 'unreadable' ? (
          <Callout kind="error" title={strings.unreadable}>
            {result.line === null ? result.message : `${strings.line(result.line)}: ${result.message}`}
          </Callout>
        ) : null}
        {imported ? <Carried imported={imported} /> : null}
        {isUsable ? (
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label={strings.pack} required>
              <Select
                value={pack}
                onValueChange={setChosenPack}
                options={own.map(({ ref, label }) => ({ value: ref, label, description: ref }))}
              />
            </Field>
            <Field label={strings.name} hint={`${pack}.${name || '…'}`} required>
              <Input
                className="font-mono"
                spellCheck={false}
                value={name}
                onChange={(event) => setTypedName(event.target.value)}
              />
            </Field>
          </div>
        ) : null}
        {failure ? <Callout kind="error">{failure.message}</Callout> : null}
      </div>
    </Dialog>
  );
}

/** What the text was taken for, what is in it, and what is not carried over. */
function Carried({ imported: { format, definition, action, notes } }: { imported: Imported }) {
  const lost = notes.filter(({ kind }) => kind === 'lost').length;
  return (
    <section aria-label={strings.carried} className="space-y-2 text-sm">
      <p role="status" className="flex flex-wrap items-center gap-2">
        <Badge tone="info">{strings.formats[format]}</Badge>
        {definition
          ? strings.workflow(
              definition.tasks.length,
              definition.tasks.reduce((sum, task) => sum + task.next.length, 0),
              Object.keys(definition.parameters ?? {}).length,
            )
          : action?.runtime
            ? strings.action(action.runtime)
            : strings.nothing}
      </p>
      {notes.length === 0 ? (
        <p className="text-text-2">{strings.all}</p>
      ) : (
        <>
          <p>{strings.notes(lost, notes.length - lost)}</p>
          <ul className="max-h-48 space-y-1 overflow-y-auto rounded-lg border border-border p-2" tabIndex={0}>
            {notes.map((note, index) => (
              <li key={index} className="flex items-baseline gap-2">
                <Badge tone={note.kind === 'lost' ? 'warning' : 'info'}>{strings.kinds[note.kind]}</Badge>
                <span className="shrink-0 text-xs text-text-2 tabular-nums">
                  {note.line === null ? '' : strings.line(note.line)}
                </span>
                <span className="min-w-0">{note.message}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function descriptionOf(imported: Imported | null): string {
  const own = imported?.definition?.description;
  return (own ?? imported?.action?.description ?? '').slice(0, 10_000);
}

function toName(text: string): string | null {
  const name = text
    .replaceAll(/[^A-Za-z0-9_-]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 60);
  return name === '' ? null : name;
}
