'use client';

import { useMutation } from '@tanstack/react-query';
import { Eye, EyeOff } from 'lucide-react';
import { useEffect } from 'react';
import { strings } from '@/components/strings';
import { toCallError, useTRPC } from '@/components/trpc';
import { CopyButton } from '@/components/ui/copy-button';
import { IconButton } from '@/components/ui/icon-button';
import { toast } from '@/components/ui/toast';
import { VisuallyHidden } from '@/components/ui/visually-hidden';
import type { KeySummary } from './key-draft';

const text = strings.keys;
/** Long enough to read or copy it, short enough for whoever walks by. */
const shownMs = 30_000;

/** Dots, and a button that asks for what is behind them; hidden again by the same button or after half a minute. */
export function KeyValue({ known: { ref, ownerType, owner, mayReveal } }: { known: KeySummary }) {
  const trpc = useTRPC();
  const { data, mutate, reset, isPending } = useMutation(
    trpc.keys.reveal.mutationOptions({
      onError: (error) => void toast.error(toCallError(error).message),
      // A value that was shown is not kept anywhere.
      gcTime: 0,
    }),
  );
  const isShown = data !== undefined;
  useEffect(() => {
    if (!isShown) return;
    const timer = setTimeout(reset, shownMs);
    return () => clearTimeout(timer);
  }, [isShown, reset]);
  const value = isShown
    ? typeof data.value === 'string'
      ? data.value
      : JSON.stringify(data.value, null, 2)
    : '';
  return (
    <span className="flex flex-wrap items-start gap-1">
      {isShown ? (
        <code
          aria-label={text.revealed(ref)}
          role="group"
          className="max-h-40 max-w-72 min-w-0 basis-auto overflow-auto font-mono text-xs leading-6 break-all whitespace-pre-wrap"
        >
          {value}
        </code>
      ) : (
        <span className="leading-6 text-text-3">
          <span aria-hidden>••••••••</span>
          <VisuallyHidden>{text.hidden}</VisuallyHidden>
        </span>
      )}
      {mayReveal ? (
        <IconButton
          size="sm"
          label={isShown ? text.hide(ref) : text.reveal(ref)}
          icon={isShown ? <EyeOff /> : <Eye />}
          aria-pressed={isShown}
          disabled={isPending}
          onClick={() => (isShown ? reset() : mutate({ ref, ownerType, owner }))}
        />
      ) : null}
      {isShown ? <CopyButton text={value} label={text.value} /> : null}
    </span>
  );
}
