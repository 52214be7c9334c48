import { strings } from '@/components/strings';
import { cn } from './cn';
import { VisuallyHidden } from './visually-hidden';

/** The place of something that is on its way. Give it the size of what will come. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cn('block h-4 animate-skeleton rounded-sm bg-surface-3', className)} />;
}

const widths = ['w-3/5', 'w-4/5', 'w-2/5', 'w-3/4', 'w-1/2'];

/** The places of several rows, with one word for screen readers. */
export function SkeletonRows({ rows = 5, className }: { rows?: number; className?: string }) {
  return (
    <div role="status" className={cn('space-y-3', className)}>
      <VisuallyHidden>{strings.common.loading}</VisuallyHidden>
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} className={widths[index % widths.length] ?? 'w-full'} />
      ))}
    </div>
  );
}
