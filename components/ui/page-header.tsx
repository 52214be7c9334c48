import type { ReactNode } from 'react';
import { Breadcrumbs, type Crumb } from './breadcrumbs';
import { cn } from './cn';

interface Props {
  title: ReactNode;
  description?: ReactNode;
  /** The way here, the page itself last. Default: the title alone. */
  breadcrumbs?: readonly Crumb[];
  actions?: ReactNode;
  tabs?: ReactNode;
  className?: string;
}

/** The head of a page: its name, what it is, and what can be done. */
export function PageHeader({ title, description, breadcrumbs, actions, tabs, className }: Props) {
  return (
    <header className={cn('px-4 pt-5 pb-4 md:px-6', tabs && 'pb-0', className)}>
      <Breadcrumbs crumbs={breadcrumbs ?? [{ label: title }]} />
      <div className="flex flex-wrap items-start gap-x-4 gap-y-3">
        <div className="min-w-0 flex-1 basis-60">
          <h1 className="text-xl font-semibold tracking-tight wrap-anywhere">{title}</h1>
          {description ? <div className="mt-1 max-w-3xl text-sm text-text-2">{description}</div> : null}
        </div>
        {actions ? <div className="flex flex-wrap items-center gap-2 max-sm:w-full">{actions}</div> : null}
      </div>
      {tabs ? <div className="mt-3">{tabs}</div> : null}
    </header>
  );
}
