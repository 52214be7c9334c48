'use client';

import { useFailure } from '@/components/schema-form/use-failure';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Upload } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { useTRPC, useTRPCClient } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Checkbox } from '@/components/ui/checkbox';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Tabs } from '@/components/ui/tabs';
import { toast } from '@/components/ui/toast';
import { uploadPack, type InstalledPack } from './upload-pack';

const text = strings.packDetails;
type From = 'upload' | 'folder' | 'git';

/** Installs a pack from an archive, a folder of the server, or git, and leads to its page. */
export function InstallPackDialog({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const router = useRouter();
  const [from, setFrom] = useState<From>('upload');
  const [file, setFile] = useState<File | null>(null);
  const [draft, setDraft] = useState({ path: '', url: '', ref: '', folder: '' });
  const [force, setForce] = useState(false);
  const install = useMutation({
    mutationFn: (): Promise<InstalledPack> => {
      if (from === 'folder') return client.packs.registerFolder.mutate({ path: draft.path, force });
      if (from === 'git') {
        const { url, ref, folder } = draft;
        return client.packs.registerGit.mutate({ url, ref, folder, force });
      }
      return file ? uploadPack(file, force) : Promise.reject(new Error(text.chooseArchive));
    },
    onSuccess: ({ pack, problems }) => {
      void queries.invalidateQueries({ queryKey: trpc.packs.pathKey() });
      toast.success(text.installed(pack.ref, pack.version));
      onClose();
      router.push(`/packs/${pack.ref}${problems.length > 0 ? '?tab=problems' : ''}`);
    },
  });
  const { failure, errorOf } = useFailure(install.error, draft);
  const input = (name: keyof typeof draft, label: string, hint?: string) => (
    <Field
      label={label}
      {...(hint ? { hint } : {})}
      error={errorOf(name)}
      required={name === 'path' || name === 'url'}
    >
      <Input
        value={draft[name]}
        onChange={(event) => setDraft({ ...draft, [name]: event.target.value })}
        autoComplete="off"
        spellCheck={false}
      />
    </Field>
  );
  const forms: Record<From, React.ReactNode> = {
    upload: <ArchiveField file={file} onChange={setFile} />,
    folder: input('path', text.path, text.pathHint),
    git: (
      <>
        {input('url', text.url, text.urlHint)}
        {input('ref', text.gitRef)}
        {input('folder', text.gitFolder)}
      </>
    ),
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={text.installTitle}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            {strings.common.cancel}
          </Button>
          <Button variant="primary" loading={install.isPending} onClick={() => install.mutate()}>
            {text.install}
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        {failure ? <Callout kind="error">{failure.message}</Callout> : null}
        <Tabs
          label={text.from}
          value={from}
          onValueChange={(value) => setFrom(value as From)}
          tabs={(['upload', 'folder', 'git'] as const).map((value) => ({
            value,
            label: text[value],
            content: <div className="space-y-4 pt-4">{forms[value]}</div>,
          }))}
        />
        <Checkbox label={text.force} checked={force} onCheckedChange={setForce} />
      </div>
    </Dialog>
  );
}

function ArchiveField({ file, onChange }: { file: File | null; onChange: (file: File | null) => void }) {
  const [isOver, setOver] = useState(false);
  return (
    <Field label={text.archive} hint={text.archiveHint} required>
      {(control) => (
        <div
          className={`flex flex-col items-center gap-2 rounded-lg border border-dashed p-6 text-center ${isOver ? 'border-accent bg-accent-soft' : 'border-border-strong'}`}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => {
            event.preventDefault();
            setOver(false);
            onChange(event.dataTransfer.files[0] ?? null);
          }}
        >
          <Upload aria-hidden className="size-5 text-text-2" />
          <p className="text-sm text-text-2">
            {file ? `${file.name} · ${text.bytes(file.size)}` : text.drop}
          </p>
          <input
            id={control.id}
            aria-describedby={control['aria-describedby']}
            type="file"
            accept=".gz,.tgz,.tar,application/gzip"
            className="max-w-full text-sm file:mr-3 file:rounded-md file:border file:border-border-strong file:bg-surface file:px-3 file:py-1"
            onChange={(event) => onChange(event.target.files?.[0] ?? null)}
          />
        </div>
      )}
    </Field>
  );
}
