'use client';

import { useDeferredValue, useMemo } from 'react';
import { code as strings } from '../strings/code';
import { previewOf, toLine } from './preview';
import type { ScopeData } from './scope';

/** What the field gives by real values, on one line below it. */
export function PreviewLine({
  value,
  bare,
  data,
}: {
  value: string;
  bare: boolean;
  data: ScopeData | undefined;
}) {
  const settled = useDeferredValue(value);
  const preview = useMemo(() => previewOf(settled, bare, data), [settled, bare, data]);
  switch (preview.kind) {
    case 'none':
      return null;
    case 'absent':
      return <p className="mt-1 truncate text-xs text-text-2">{strings.preview.absent(preview.path)}</p>;
    case 'error':
      return (
        <p className="mt-1 text-xs text-danger">
          {strings.preview.fails(data?.origin ?? '')} {strings.at(preview.line, preview.column)}:{' '}
          {preview.message}
        </p>
      );
    case 'value':
      return (
        <p
          className="mt-1 flex min-w-0 items-baseline gap-1.5 text-xs text-text-2"
          title={strings.preview.from(data?.origin ?? '')}
        >
          <span aria-hidden="true">=</span>
          <span className="sr-only">{strings.preview.from(data?.origin ?? '')}</span>
          <code className="min-w-0 truncate font-mono text-text" data-preview>
            {toLine(preview.value) || strings.preview.empty}
          </code>
          {preview.warnings.length > 0 ? (
            <span className="shrink-0">{strings.preview.missing(preview.warnings[0] ?? '')}</span>
          ) : null}
        </p>
      );
  }
}
