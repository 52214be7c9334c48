import { CircleAlert, CircleCheck, Info, TriangleAlert, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from './cn';

export type CalloutKind = 'info' | 'success' | 'warning' | 'error';

const kinds: Record<CalloutKind, { icon: LucideIcon; classes: string; iconClass: string }> = {
  info: { icon: Info, classes: 'border-info/30 bg-info-soft/60', iconClass: 'text-info' },
  success: { icon: CircleCheck, classes: 'border-success/30 bg-success-soft/60', iconClass: 'text-success' },
  warning: {
    icon: TriangleAlert,
    classes: 'border-warning/30 bg-warning-soft/60',
    iconClass: 'text-warning',
  },
  error: { icon: CircleAlert, classes: 'border-danger/30 bg-danger-soft/60', iconClass: 'text-danger' },
};

interface Props {
  kind?: CalloutKind;
  title?: ReactNode;
  /** How to put it right. */
  repair?: ReactNode;
  action?: ReactNode;
  className?: string;
  children?: ReactNode;
}

/** A sentence that should not be missed. */
export function Callout({ kind = 'info', title, repair, action, className, children }: Props) {
  const { icon: Icon, classes, iconClass } = kinds[kind];
  return (
    <div
      role={kind === 'error' ? 'alert' : undefined}
      className={cn(
        'flex items-start gap-2.5 rounded-lg border px-3 py-2.5 text-sm text-text',
        classes,
        className,
      )}
    >
      <Icon aria-hidden className={cn('mt-0.5 size-4 shrink-0', iconClass)} />
      <div className="min-w-0 flex-1 space-y-0.5 wrap-anywhere">
        {title ? <p className="font-semibold">{title}</p> : null}
        {children ? <div className={title ? 'text-text-2' : undefined}>{children}</div> : null}
        {repair ? <div className="text-text-2">{repair}</div> : null}
      </div>
      {action ? <div className="shrink-0">{action}</div> : null}
    </div>
  );
}
