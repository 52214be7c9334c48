import { CircleAlert, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { strings } from '@/components/strings';
import { Button } from './button';
import { cn } from './cn';

const text = strings.errors;

interface Props {
  title?: ReactNode;
  what: ReactNode;
  where?: ReactNode;
  repair?: ReactNode;
  onRetry?: () => void;
  /** For whoever has to look deeper: shown folded. */
  detail?: string;
  compact?: boolean;
  className?: string;
}

/** An error that takes the place of what it kept from being shown: what, where, and how to repair it. */
export function ErrorPanel({
  title = text.title,
  what,
  where,
  repair,
  onRetry,
  detail,
  compact = false,
  className,
}: Props) {
  return (
    <div
      role="alert"
      className={cn('mx-auto flex max-w-xl gap-3 text-sm', compact ? 'p-4' : 'px-6 py-12', className)}
    >
      <CircleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-danger" />
      <div className="min-w-0 flex-1">
        <p className="text-base font-semibold">{title}</p>
        <p className="mt-1 wrap-anywhere text-text">{what}</p>
        {where || repair ? (
          <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-3 gap-y-1">
            {where ? <Line name={text.where}>{where}</Line> : null}
            {repair ? <Line name={text.repair}>{repair}</Line> : null}
          </dl>
        ) : null}
        {detail ? (
          <details className="mt-3 text-xs text-text-2">
            <summary className="w-fit rounded-sm py-1">{text.detail}</summary>
            <pre
              tabIndex={0}
              className="mt-1 max-h-60 overflow-auto rounded-md border border-border bg-surface-code p-2 font-mono whitespace-pre-wrap"
            >
              {detail}
            </pre>
          </details>
        ) : null}
        {onRetry ? (
          <Button className="mt-4" size="sm" icon={<RotateCw />} onClick={onRetry}>
            {strings.common.retry}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-text-3">{name}</dt>
      <dd className="min-w-0 wrap-anywhere text-text-2">{children}</dd>
    </>
  );
}
