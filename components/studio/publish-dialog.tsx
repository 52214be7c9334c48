'use client';

import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Textarea } from '@/components/ui/textarea';
import { toast } from '@/components/ui/toast';
import { studio } from '../strings/studio';
import { versions } from '../strings/versions';
import { DisabledRefusal } from './disabled-refusal';
import { markedTasks } from './draft-marks';
import { useStudio } from './studio-context';
import { usePublish } from './use-publish';

const strings = studio.publish;

/** Makes a revision of the draft, with a note for those who read the list later. */
export function PublishDialog({ onClose }: { onClose: () => void }) {
  const { workflow, draft } = useStudio();
  const [name, setName] = useState('');
  const [note, setNote] = useState('');
  const { publish, isPending, error } = usePublish();
  const isRefused = markedTasks(draft, 'disabled').length > 0;
  const submit = async () => {
    if (isRefused) return;
    const number = await publish({ name, note });
    if (number === null) return;
    toast.success(strings.done(number));
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={strings.title}
      description={strings.body((workflow.published ?? 0) + 1)}
      size="sm"
      footer={
        <Button variant="primary" loading={isPending} disabled={isRefused} onClick={() => void submit()}>
          {strings.confirm}
        </Button>
      }
    >
      <div className="space-y-3">
        <DisabledRefusal />
        <Field label={versions.name.label} hint={versions.name.hint}>
          <Input maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field label={strings.note} hint={strings.noteHint}>
          <Textarea
            rows={3}
            maxLength={1000}
            value={note}
            onChange={(event) => setNote(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void submit();
            }}
          />
        </Field>
        {error ? <Callout kind="error">{error}</Callout> : null}
      </div>
    </Dialog>
  );
}
