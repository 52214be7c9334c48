import type { ReactNode } from 'react';
import { strings } from '@/components/strings';

/** What few people change, folded away. */
export function MoreOptions({ children }: { children: ReactNode }) {
  return (
    <details className="mt-4 text-sm">
      <summary className="w-fit cursor-pointer rounded-sm py-1 text-text-2">
        {strings.common.moreOptions}
      </summary>
      <div className="mt-2 max-w-60">{children}</div>
    </details>
  );
}
