'use client';

import { ChevronRight, CornerDownRight } from 'lucide-react';
import { memo, useRef, useState } from 'react';
import { cn } from '@/components/ui/cn';
import { ActionIcon } from '../canvas/action-icon';
import { badgesOf } from '../canvas/task-badges';
import { kindOf, transitionText } from '../canvas/transition-kind';
import type { CanvasMark, Catalog, ProblemCount } from '../canvas/view';
import { canvas } from '../strings/canvas';
import { studio } from '../strings/studio';
import { renameInDraft } from './draft-edits';
import { nameFault } from './names';
import type { OutlineRow } from './outline-rows';
import { useStudio } from './studio-context';

const strings = studio.outline;

/** One line of the outline. */
export const OutlineItem = memo(function OutlineItem({
  row,
  catalog,
  problems,
  marks,
  active,
  chosen,
  renaming,
  onRenamed,
  onChoose,
}: {
  row: OutlineRow;
  catalog: Catalog;
  problems: ProblemCount | undefined;
  marks: readonly CanvasMark[] | undefined;
  active: boolean;
  chosen: boolean;
  renaming: boolean;
  onRenamed: () => void;
  onChoose: (row: OutlineRow, keep: boolean) => void;
}) {
  const { task } = row;
  return (
    <li
      role="treeitem"
      data-row={row.id}
      aria-level={row.kind === 'task' ? 1 : 2}
      aria-posinset={row.place}
      aria-setsize={row.of}
      aria-selected={chosen}
      aria-expanded={row.kind === 'task' && row.expanded !== null ? row.expanded : undefined}
      aria-label={labelOf(row, problems, marks)}
      tabIndex={active ? 0 : -1}
      onClick={(event) => onChoose(row, event.ctrlKey || event.metaKey || event.shiftKey)}
      onContextMenu={() => (chosen ? undefined : onChoose(row, false))}
      className={cn(
        'flex min-h-8 cursor-default items-center gap-2 rounded-md px-2 py-0.5 text-sm outline-offset-[-2px] [contain-intrinsic-size:auto_32px] [content-visibility:auto] hover:bg-surface-2',
        row.kind === 'transition' && 'ml-8 text-text-2',
        chosen && 'bg-accent-soft',
      )}
    >
      {row.kind === 'task' ? (
        <>
          <ChevronRight
            aria-hidden
            className={cn(
              'size-4 shrink-0 text-text-3 transition-transform',
              row.expanded === null && 'invisible',
              row.expanded && 'rotate-90',
            )}
          />
          <ActionIcon
            actionRef={task.action ?? ''}
            runtime={catalog.get(task.action ?? '')?.runtime ?? null}
            size={14}
          />
          {renaming ? (
            <Rename name={task.name} onDone={onRenamed} />
          ) : (
            <span className="font-medium">{task.name}</span>
          )}
          <span className="truncate font-mono text-xs text-text-2">{task.action || canvas.noAction}</span>
          <span className="ml-auto flex shrink-0 gap-1 text-xs text-text-2">
            {marks?.map((mark) => (
              <span
                key={mark}
                title={canvas.markHints[mark]}
                className="rounded-full border border-border-strong px-1.5"
              >
                {canvas.marks[mark]}
              </span>
            ))}
            {badgesOf(task).map(({ key, text }) => (
              <span key={key} className="rounded-full bg-surface-3 px-1.5">
                {key === text ? text : `${key} ${text}`}
              </span>
            ))}
            {problems ? (
              <span className={problems.errors > 0 ? 'text-danger' : 'text-warning'}>
                {countOf(problems)}
              </span>
            ) : null}
          </span>
        </>
      ) : (
        <>
          <CornerDownRight aria-hidden className="size-4 shrink-0" />
          <span className="truncate">{transitionLabel(row)}</span>
        </>
      )}
    </li>
  );
});

function transitionLabel(row: OutlineRow & { kind: 'transition' }): string {
  const kind = kindOf(row.transition);
  const when = transitionText(row.transition, kind) || canvas.kinds[kind];
  const targets = row.transition.do.map((target) =>
    target === '$end' ? canvas.ends : target === '$fail' ? canvas.fails : target,
  );
  return strings.transition(row.index + 1, when, targets);
}

function labelOf(
  row: OutlineRow,
  problems: ProblemCount | undefined,
  marks: readonly CanvasMark[] = [],
): string {
  if (row.kind === 'transition') return transitionLabel(row);
  const parts = [row.task.name, row.task.action || canvas.noAction];
  const told = [...marks.map((mark) => canvas.marks[mark]), ...badgesOf(row.task).map(({ title }) => title)];
  return [...parts, ...told, problems ? countOf(problems) : ''].filter(Boolean).join(', ');
}

function countOf({ errors, warnings }: ProblemCount): string {
  return errors > 0 ? canvas.badges.errors(errors) : warnings > 0 ? canvas.badges.warnings(warnings) : '';
}

function Rename({ name, onDone }: { name: string; onDone: () => void }) {
  const { draft, edit, select } = useStudio();
  const [text, setText] = useState(name);
  const fault = text === name ? null : nameFault(text, draft.definition);
  const isDone = useRef(false);
  const done = (keeps: boolean, row: HTMLElement | null) => {
    // Giving the focus away is told as leaving the field once more.
    if (isDone.current) return;
    isDone.current = true;
    row?.focus();
    onDone();
    if (!keeps || text === name || fault) return;
    // The row under the new name takes the focus that the old one lets go.
    row?.blur();
    edit(studio.steps.rename(text), (before) => renameInDraft(before, name, text));
    select({ tasks: [text], transition: null });
  };
  return (
    <input
      autoFocus
      aria-label={strings.rename(name)}
      aria-invalid={fault !== null}
      title={fault ? studio.inspector.names[fault] : undefined}
      value={text}
      spellCheck={false}
      className="w-48 rounded border border-border-strong bg-surface px-1 font-medium aria-invalid:border-danger"
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => done(true, null)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'Enter' || event.key === 'Escape')
          done(event.key === 'Enter', event.currentTarget.closest<HTMLElement>('[role="treeitem"]'));
      }}
    />
  );
}
