import { LoaderCircle } from 'lucide-react';
import { cn } from './cn';

/** Turns inside a button while it works; pages wait with skeletons instead. */
export function Spinner({ className }: { className?: string }) {
  return <LoaderCircle aria-hidden className={cn('size-4 animate-spin', className)} />;
}
