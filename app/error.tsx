'use client';

import { strings } from '@/components/strings';
import { ErrorPanel } from '@/components/ui/error-panel';

const text = strings.errors;

/** What stands in place of a page that failed to draw. */
export default function PageError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    <div className="py-8">
      <ErrorPanel
        title={text.pageTitle}
        what={text.page}
        where={error.digest ? text.reference(error.digest) : error.message}
        repair={text.pageRepair}
        onRetry={reset}
      />
    </div>
  );
}
