'use client';

import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { studio as strings } from '../strings/studio';
import { markedTasks } from './draft-marks';
import { markTasks } from './mark-items';
import { useStudio } from './studio-context';

/** Says of a disabled task what that means, and enables it. */
export function DisabledNote({ task }: { task: string }) {
  const studio = useStudio();
  if (!markedTasks(studio.draft, 'disabled').includes(task)) return null;
  return (
    <Callout kind="info">
      <p>{strings.marks.disabledNote}</p>
      {studio.readOnly ? null : (
        <Button size="sm" className="mt-2" onClick={() => markTasks(studio, 'disabled', [task])}>
          {strings.marks.disabled.off}
        </Button>
      )}
    </Callout>
  );
}
