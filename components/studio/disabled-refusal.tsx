'use client';

import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { studio } from '../strings/studio';
import { removeFromDraft } from './draft-edits';
import { markedTasks } from './draft-marks';
import { markTasks } from './mark-items';
import { useStudio } from './studio-context';

const strings = studio.publish.disabled;

/** Why a draft with disabled tasks is not published, and both ways out. */
export function DisabledRefusal() {
  const editor = useStudio();
  const names = markedTasks(editor.draft, 'disabled');
  if (names.length === 0) return null;
  const remove = () =>
    editor.edit(
      studio.steps.removeAndJoin(names.length === 1 ? (names[0] ?? '') : studio.steps.tasks(names.length)),
      (draft) => removeFromDraft(draft, names, true),
    );
  return (
    <Callout kind="error">
      <p>{strings.why(names)}</p>
      <div className="mt-2 flex flex-wrap gap-2">
        <Button size="sm" onClick={() => markTasks(editor, 'disabled', names)}>
          {strings.enable(names.length)}
        </Button>
        <Button size="sm" variant="danger" onClick={remove}>
          {strings.remove(names.length)}
        </Button>
      </div>
    </Callout>
  );
}
