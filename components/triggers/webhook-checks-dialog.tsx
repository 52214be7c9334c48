'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { toCallError, useTRPC } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import { Switch } from '@/components/ui/switch';
import { Textarea } from '@/components/ui/textarea';
import { toast } from '@/components/ui/toast';
import { toDraft, toSave, type ChecksDraft, type WebhookConfig } from './checks-draft';

const text = strings.webhooks;
const schemes = ['plain', 'github', 'gitlab', 'stripe', 'slack'] as const;
const modes = ['async', 'prefer', 'sync'] as const;
const algorithms = ['sha256', 'sha512', 'sha1'] as const;

interface PartProps {
  draft: ChecksDraft;
  change: (changed: Partial<ChecksDraft>) => void;
  errorOf: (path: string) => string | undefined;
}

/** Changes what a webhook asks of its callers. */
export function WebhookChecksDialog({
  triggerRef,
  config,
  onClose,
}: {
  triggerRef: string;
  config: WebhookConfig;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(() => toDraft(config));
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const save = useMutation(
    trpc.webhooks.saveConfig.mutationOptions({
      onSuccess: (saved) => {
        queries.setQueryData(trpc.webhooks.config.queryKey({ ref: triggerRef }), saved);
        toast.success(text.saved);
        onClose();
      },
    }),
  );
  const failure = save.error ? toCallError(save.error) : null;
  const shown = [
    'hmac.secret',
    'hmac.header',
    'ip_whitelist.ips',
    'payload_size_limit_kb',
    'dedupe_header',
    'sync_timeout_seconds',
  ];
  const errorOf = (path: string) =>
    wrong[path] ??
    failure?.details.find((detail) => detail.path.replace(/^config\./, '').startsWith(path))?.message;
  const isShown = failure?.details.some(({ path }) =>
    shown.some((each) => path.replace(/^config\./, '').startsWith(each)),
  );
  const submit = () => {
    save.reset();
    const made = toSave(draft, config.hmac.has_secret);
    if ('errors' in made) return setWrong(made.errors);
    setWrong({});
    save.mutate({ ref: triggerRef, config: made.config });
  };
  const parts: PartProps = {
    draft,
    errorOf,
    change: (changed) => {
      setDraft({ ...draft, ...changed });
      // What was wrong is looked at again when it is saved.
      setWrong({});
      save.reset();
    },
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={text.dialogTitle}
      description={text.dialogHint}
      size="lg"
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            {strings.common.cancel}
          </Button>
          <Button variant="primary" loading={save.isPending} onClick={submit}>
            {strings.common.save}
          </Button>
        </>
      }
    >
      <form className="space-y-5" onSubmit={(event) => (event.preventDefault(), submit())}>
        {failure && !isShown ? <Callout kind="error">{failure.message}</Callout> : null}
        <Addresses {...parts} />
        <Signature {...parts} hasSecret={config.hmac.has_secret} />
        <Rate {...parts} />
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={text.sizeKb} hint={text.sizeHint} error={errorOf('payload_size_limit_kb')}>
            <Input
              inputMode="numeric"
              value={draft.sizeKb}
              onChange={(event) => parts.change({ sizeKb: event.target.value })}
            />
          </Field>
          <Field label={text.dedupeHeader} hint={text.dedupeHint} error={errorOf('dedupe_header')}>
            <Input
              mono
              value={draft.dedupeHeader}
              onChange={(event) => parts.change({ dedupeHeader: event.target.value })}
            />
          </Field>
        </div>
        <Answer {...parts} />
      </form>
    </Dialog>
  );
}

function Addresses({ draft, change, errorOf }: PartProps) {
  return (
    <section className="space-y-3">
      <Switch
        label={text.addressesOn}
        checked={draft.isListed}
        onCheckedChange={(isListed) => change({ isListed })}
      />
      {draft.isListed ? (
        <Field label={text.ips} hint={text.ipsHint} error={errorOf('ip_whitelist.ips')} required>
          <Textarea
            mono
            rows={3}
            value={draft.ips}
            onChange={(event) => change({ ips: event.target.value })}
          />
        </Field>
      ) : null}
    </section>
  );
}

function Signature({ draft, change, errorOf, hasSecret }: PartProps & { hasSecret: boolean }) {
  // GitHub names every delivery: the check comes with its form, unless there is another.
  const choose = (scheme: ChecksDraft['scheme']) =>
    change({
      scheme,
      ...(scheme === 'github' && draft.dedupeHeader === '' && { dedupeHeader: 'X-GitHub-Delivery' }),
    });
  return (
    <section className="space-y-3">
      <Switch
        label={text.signatureOn}
        checked={draft.isSigned}
        onCheckedChange={(isSigned) => change({ isSigned })}
      />
      {draft.isSigned ? (
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={text.scheme} hint={text.schemeHints[draft.scheme]}>
            <Select
              value={draft.scheme}
              onValueChange={(scheme) => choose(scheme as ChecksDraft['scheme'])}
              options={schemes.map((value) => ({ value, label: text.schemes[value] }))}
            />
          </Field>
          <Field
            label={text.secret}
            hint={text.secretHint}
            error={errorOf('hmac.secret')}
            required={!hasSecret}
          >
            <Input
              type="password"
              autoComplete="new-password"
              placeholder={hasSecret ? text.secretKept : undefined}
              value={draft.secret}
              onChange={(event) => change({ secret: event.target.value })}
            />
          </Field>
          {draft.scheme === 'plain' ? (
            <>
              <Field label={text.algorithm}>
                <Select
                  value={draft.algorithm}
                  onValueChange={(algorithm) => change({ algorithm: algorithm as ChecksDraft['algorithm'] })}
                  options={algorithms.map((value) => ({ value, label: value.toUpperCase() }))}
                />
              </Field>
              <Field label={text.header} hint={text.headerHint} error={errorOf('hmac.header')}>
                <Input
                  mono
                  value={draft.header}
                  onChange={(event) => change({ header: event.target.value })}
                />
              </Field>
            </>
          ) : null}
        </div>
      ) : null}
    </section>
  );
}

function Rate({ draft, change, errorOf }: PartProps) {
  return (
    <section className="space-y-3">
      <Switch
        label={text.rateOn}
        checked={draft.isLimited}
        onCheckedChange={(isLimited) => change({ isLimited })}
      />
      {draft.isLimited ? (
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={text.requests} error={errorOf('rate_limit.requests')} required>
            <Input
              inputMode="numeric"
              value={draft.requests}
              onChange={(event) => change({ requests: event.target.value })}
            />
          </Field>
          <Field label={text.windowSeconds} error={errorOf('rate_limit.window_seconds')} required>
            <Input
              inputMode="numeric"
              value={draft.windowSeconds}
              onChange={(event) => change({ windowSeconds: event.target.value })}
            />
          </Field>
        </div>
      ) : null}
    </section>
  );
}

function Answer({ draft, change, errorOf }: PartProps) {
  return (
    <section className="grid gap-4 sm:grid-cols-2">
      <Field label={text.responseMode} hint={text.responseHint}>
        <Select
          value={draft.responseMode}
          onValueChange={(mode) => change({ responseMode: mode as ChecksDraft['responseMode'] })}
          options={modes.map((value) => ({ value, label: text.responseModes[value] }))}
        />
      </Field>
      {draft.responseMode === 'async' ? null : (
        <Field label={text.syncSeconds} hint={text.syncHint} error={errorOf('sync_timeout_seconds')}>
          <Input
            inputMode="numeric"
            value={draft.syncSeconds}
            onChange={(event) => change({ syncSeconds: event.target.value })}
          />
        </Field>
      )}
    </section>
  );
}
