'use client';

import { Select } from '@/components/ui/select';
import type { OnFailure } from '@/engine/definition/schema';
import { taskSettings as strings } from '../strings/task-settings';

/** What a failure does that no transition takes care of. */
export function FailureSelect({
  value,
  none,
  label,
  readOnly,
  onChange,
}: {
  value: OnFailure | undefined;
  /** What it is without a choice. */
  none: string;
  label: string;
  readOnly: boolean;
  onChange: (value: OnFailure | undefined) => void;
}) {
  return (
    <div data-field="on_failure">
      <Select
        aria-label={label}
        value={value ?? 'none'}
        disabled={readOnly}
        options={[
          { value: 'none', label: none },
          ...(['continue', 'abort'] as const).map((each) => ({
            value: each,
            label: strings.onFailures[each],
          })),
        ]}
        onValueChange={(each) => onChange(each === 'continue' || each === 'abort' ? each : undefined)}
      />
    </div>
  );
}
