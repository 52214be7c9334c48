import { cn } from './cn';
import { statusClasses, statusFamilies } from './status';

const sizes = { sm: 'size-5 text-2xs', md: 'size-7 text-xs', lg: 'size-10 text-base' } as const;

/** A person's initials on a colour of their own. Stands beside the name, so it is silent for screen readers. */
export function Avatar({
  name,
  size = 'md',
  className,
}: {
  name: string;
  size?: keyof typeof sizes;
  className?: string;
}) {
  const words = name
    .trim()
    .split(/[\s._@-]+/)
    .filter(Boolean);
  const initials = words
    .slice(0, size === 'sm' ? 1 : 2)
    .map((word) => String.fromCodePoint(word.codePointAt(0) ?? 63).toUpperCase())
    .join('');
  const sum = Array.from(name, (letter) => letter.codePointAt(0) ?? 0).reduce(
    (total, code) => total + code,
    0,
  );
  const { soft, text } = statusClasses[statusFamilies[sum % statusFamilies.length] ?? 'queued'];
  return (
    <span
      aria-hidden
      className={cn(
        'inline-grid shrink-0 place-items-center rounded-full font-semibold select-none',
        sizes[size],
        soft,
        text,
        className,
      )}
    >
      {initials || '?'}
    </span>
  );
}
