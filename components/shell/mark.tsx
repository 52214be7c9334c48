import { cn } from '../ui/cn';

/** The sign of the product: three strings, one in tune. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg
      aria-hidden
      viewBox="0 0 24 24"
      fill="none"
      strokeLinecap="round"
      className={cn('size-6', className)}
    >
      <rect width="24" height="24" rx="6" className="fill-accent" />
      <path d="M6 9.2v5.6M18 9.2v5.6" strokeWidth="2" className="stroke-on-accent" opacity="0.6" />
      <path d="M10 6.6v10.8M14 6.6v10.8" strokeWidth="2" className="stroke-on-accent" />
    </svg>
  );
}
