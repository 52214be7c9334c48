'use client';

import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { toast } from 'sonner';
import { strings } from '@/components/strings';
import { IconButton } from './icon-button';

interface Props {
  text: string | (() => string);
  /** What is copied, for its name: "Copy result". */
  label?: string;
  className?: string;
}

/** Puts a text on the clipboard and says so. */
export function CopyButton({ text, label, className }: Props) {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === 'function' ? text() : text);
      setIsCopied(true);
    } catch {
      toast.error(strings.common.copyFailed);
    }
  };
  return (
    <>
      <IconButton
        label={isCopied ? strings.common.copied : label ? strings.common.copyOf(label) : strings.common.copy}
        icon={isCopied ? <Check className="text-success" /> : <Copy />}
        size="sm"
        onClick={() => void copy()}
        {...(className ? { className } : {})}
      />
      <span role="status" className="sr-only">
        {isCopied ? strings.common.copied : ''}
      </span>
    </>
  );
}
