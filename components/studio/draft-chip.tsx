'use client';

import {
  Check,
  CircleAlert,
  CircleDot,
  CloudOff,
  LoaderCircle,
  PencilLine,
  type LucideIcon,
} from 'lucide-react';
import { Badge } from '@/components/ui/badge';
import { studio } from '../strings/studio';
import type { SaveState } from './autosave';

const strings = studio.chip;
type Tone = 'neutral' | 'success' | 'warning' | 'danger' | 'info';

/** How the draft stands: saved or not, published or not, sound or not. Told to screen readers when it changes. */
export function DraftChip({
  save,
  errors,
  published,
  hasChanges,
}: {
  save: SaveState;
  errors: number;
  published: number | null;
  hasChanges: boolean;
}) {
  const { tone, icon: Icon, text } = look();
  return (
    <span role="status" aria-label={strings.label} title={'message' in save ? save.message : undefined}>
      <Badge tone={tone} icon={<Icon />}>
        {text}
      </Badge>
    </span>
  );

  function look(): { tone: Tone; icon: LucideIcon; text: string } {
    switch (save.name) {
      case 'saving':
        return { tone: 'neutral', icon: LoaderCircle, text: strings.saving };
      case 'changed':
        return { tone: 'neutral', icon: PencilLine, text: strings.unsaved };
      case 'failed':
        return { tone: 'danger', icon: CloudOff, text: strings.failed };
      case 'stale':
        return { tone: 'danger', icon: CircleAlert, text: strings.stale };
      case 'saved':
        if (errors > 0) return { tone: 'warning', icon: CircleAlert, text: strings.invalid(errors) };
        if (published === null) return { tone: 'info', icon: CircleDot, text: strings.draft };
        return hasChanges
          ? { tone: 'info', icon: CircleDot, text: strings.changed(published) }
          : { tone: 'success', icon: Check, text: strings.published(published) };
    }
  }
}
