'use client';

import { AlertDialog as Radix } from 'radix-ui';
import { useState, type ReactNode } from 'react';
import { strings } from '@/components/strings';
import { Button } from './button';
import { Callout } from './callout';
import { Field } from './field';
import { Input } from './input';

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** What will happen, and whether it can be undone. */
  description: ReactNode;
  confirmLabel: string;
  /** May return a promise: the dialog shows that it works, closes when it is done, and stays with the error if it fails. */
  onConfirm: () => unknown;
  tone?: 'danger' | 'primary';
  /** Must be typed before it can be confirmed, for what is large and cannot be undone. */
  confirmWord?: string;
  children?: ReactNode;
}

/** Asks once before something that cannot be undone. */
export function ConfirmDialog(props: Props) {
  return (
    <Radix.Root open={props.open} onOpenChange={props.onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-50 animate-fade-in bg-scrim" />
        <Radix.Content className="fixed inset-x-2 top-[18vh] z-50 mx-auto animate-overlay-in rounded-xl border border-border bg-overlay shadow-lg outline-none sm:max-w-md">
          <Question {...props} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Question({
  onOpenChange,
  title,
  description,
  confirmLabel,
  onConfirm,
  tone = 'danger',
  confirmWord,
  children,
}: Props) {
  const [typed, setTyped] = useState('');
  const [isWorking, setIsWorking] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const confirm = async () => {
    setIsWorking(true);
    setError(null);
    try {
      await onConfirm();
      onOpenChange(false);
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
      setIsWorking(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isWorking && (confirmWord === undefined || typed === confirmWord)) void confirm();
      }}
    >
      <div className="space-y-3 px-5 pt-4 pb-4">
        <div>
          <Radix.Title className="text-base font-semibold">{title}</Radix.Title>
          <Radix.Description className="mt-1 text-sm text-text-2">{description}</Radix.Description>
        </div>
        {children}
        {confirmWord === undefined ? null : (
          <Field label={strings.common.typeToConfirm(confirmWord)}>
            <Input value={typed} onChange={(event) => setTyped(event.target.value)} />
          </Field>
        )}
        {error === null ? null : <Callout kind="error">{error}</Callout>}
      </div>
      <footer className="flex flex-wrap justify-end gap-2 border-t border-border px-5 py-3">
        <Radix.Cancel asChild>
          <Button>{strings.common.cancel}</Button>
        </Radix.Cancel>
        <Button
          type="submit"
          variant="primary"
          loading={isWorking}
          disabled={confirmWord !== undefined && typed !== confirmWord}
          className={tone === 'danger' ? 'bg-danger text-on-danger hover:bg-danger-hover' : ''}
        >
          {confirmLabel}
        </Button>
      </footer>
    </form>
  );
}
