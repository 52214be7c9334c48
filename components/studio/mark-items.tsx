'use client';

import { Ban, CircleDot } from 'lucide-react';
import type { MenuAction } from '@/components/ui/dropdown-menu';
import { studio as strings } from '../strings/studio';
import { markedTasks, toggleMark, type MarkKind } from './draft-marks';
import type { Studio } from './studio-context';

export const markKeys: Record<MarkKind, string> = { disabled: 'e', breakpoints: 'b' };
const icons = { disabled: <Ban />, breakpoints: <CircleDot /> };

/** Sets a mark on tasks, or takes it from them where all have it; one step of the history. */
export function markTasks(
  { draft, edit }: Pick<Studio, 'draft' | 'edit'>,
  kind: MarkKind,
  names: readonly string[],
): void {
  if (names.length === 0) return;
  edit(toggleMark(draft, kind, names).label, (before) => toggleMark(before, kind, names).draft);
}

/** What a menu of tasks offers: to disable or enable them, and their breakpoints. */
export function markItems(studio: Pick<Studio, 'draft' | 'edit'>, names: readonly string[]): MenuAction[] {
  return (['disabled', 'breakpoints'] as const).map((kind) => {
    const marked = markedTasks(studio.draft, kind);
    const isOn = names.every((name) => marked.includes(name));
    return {
      key: kind,
      label: strings.marks[kind][isOn ? 'off' : 'on'],
      icon: icons[kind],
      shortcut: markKeys[kind],
      onSelect: () => markTasks(studio, kind, names),
    };
  });
}
