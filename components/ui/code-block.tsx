'use client';

import { WrapText } from 'lucide-react';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { cn } from './cn';
import { CopyButton } from './copy-button';
import { IconButton } from './icon-button';

interface Props {
  code: string;
  label?: string;
  /** Shown beside the label. */
  language?: string;
  /** In pixels. (Default: 384) */
  maxHeight?: number;
  wrap?: boolean;
  lineNumbers?: boolean;
  className?: string;
}

/** Text of machines, to be read and copied. */
export function CodeBlock({
  code,
  label,
  language,
  maxHeight = 384,
  wrap = false,
  lineNumbers = false,
  className,
}: Props) {
  const [wraps, setWraps] = useState(wrap);
  return (
    <figure
      className={cn('min-w-0 overflow-hidden rounded-lg border border-border bg-surface-code', className)}
    >
      <figcaption className="flex h-8 items-center gap-2 border-b border-border bg-surface-2 pr-0.5 pl-3 text-xs font-medium text-text-2">
        <span className="min-w-0 flex-1 truncate">
          {label}
          {language ? <span className="ml-2 font-normal text-text-3">{language}</span> : null}
        </span>
        <IconButton
          label={strings.common.wrapLines}
          icon={<WrapText />}
          size="sm"
          aria-pressed={wraps}
          onClick={() => setWraps(!wraps)}
        />
        <CopyButton text={code} {...(label ? { label } : {})} />
      </figcaption>
      <pre
        tabIndex={0}
        aria-label={label}
        style={{ maxHeight }}
        className={cn(
          'overflow-auto p-3 font-mono text-xs leading-5 outline-offset-[-2px]',
          wraps && 'whitespace-pre-wrap wrap-anywhere',
        )}
      >
        {lineNumbers ? (
          code.split('\n').map((line, index) => <Line key={index} number={index + 1} line={line} />)
        ) : (
          <code>{code}</code>
        )}
      </pre>
    </figure>
  );
}

function Line({ number, line }: { number: number; line: string }) {
  return (
    <span className="flex">
      <span aria-hidden className="w-8 shrink-0 pr-3 text-right text-text-3 select-none">
        {number}
      </span>
      <code className="min-w-0">{line || ' '}</code>
    </span>
  );
}
