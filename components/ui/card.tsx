import { ArrowRight } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { cn } from './cn';

interface Props {
  title?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  footer?: ReactNode;
  /** Makes the whole card lead there; its title is the link. */
  href?: string;
  padded?: boolean;
  className?: string;
  children?: ReactNode;
}

/** A panel that holds one thing. */
export function Card({
  title,
  description,
  actions,
  footer,
  href,
  padded = true,
  className,
  children,
}: Props) {
  return (
    <section
      className={cn(
        'relative flex min-w-0 flex-col rounded-lg border border-border bg-surface',
        href &&
          'group transition-colors focus-within:border-accent hover:border-border-strong hover:bg-surface-2/60',
        className,
      )}
    >
      {title || actions ? (
        <header className="flex flex-wrap items-start gap-x-3 gap-y-2 px-4 py-3">
          <div className="min-w-0 flex-1 basis-32">
            {title ? (
              <h2 className="text-sm font-semibold">
                {href ? (
                  <Link href={href} className="after:absolute after:inset-0 after:rounded-lg">
                    {title}
                  </Link>
                ) : (
                  title
                )}
              </h2>
            ) : null}
            {description ? <p className="mt-0.5 text-xs text-text-2">{description}</p> : null}
          </div>
          {actions ? <div className="relative z-10 flex flex-wrap items-center gap-1">{actions}</div> : null}
          {href && !actions ? (
            <ArrowRight
              aria-hidden
              className="size-4 text-text-3 transition-transform group-hover:translate-x-0.5 group-hover:text-accent"
            />
          ) : null}
        </header>
      ) : null}
      {children ? (
        <div className={cn('min-w-0 flex-1', padded && 'px-4 pb-4', padded && !title && !actions && 'pt-4')}>
          {children}
        </div>
      ) : null}
      {footer ? (
        <footer className="border-t border-border px-4 py-2.5 text-xs text-text-2">{footer}</footer>
      ) : null}
    </section>
  );
}
