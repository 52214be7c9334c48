'use client';

import {
  ChevronDown,
  Copy,
  Download,
  FlaskConical,
  History,
  PanelRight,
  Play,
  Plus,
  Redo2,
  RotateCw,
  Undo2,
  Upload,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '@/components/ui/button';
import { DropdownMenu } from '@/components/ui/dropdown-menu';
import { IconButton } from '@/components/ui/icon-button';
import { Tooltip } from '@/components/ui/tooltip';
import { Breadcrumbs } from '@/components/ui/breadcrumbs';
import { importing } from '../strings/importing';
import { inspection } from '../strings/inspection';
import { studio } from '../strings/studio';
import { DraftChip } from './draft-chip';
import { copyYaml, downloadYaml } from './export-yaml';
import { Presence } from './presence';
import { useStudio } from './studio-context';

const strings = studio.toolbar;

/** The line above the canvas: what it is, how it stands, and what can be done with the whole. */
export function Toolbar({
  narrow,
  hidesPalette,
  onProblems,
  onRevisions,
  onPublish,
  onRun,
  onRunAgain,
  onDryRun,
  onPalette,
  onInspector,
  onConflict,
  views,
}: {
  narrow: boolean;
  hidesPalette: boolean;
  onProblems: () => void;
  onRevisions: () => void;
  onPublish: () => void;
  onRun: () => void;
  onRunAgain: () => void;
  onDryRun: () => void;
  onPalette: () => void;
  onInspector: () => void;
  onConflict: () => void;
  /** What chooses how the workflow is shown. */
  views: ReactNode;
}) {
  const { workflow, draft, save, errorCount, problems, readOnly, undo, redo, undoLabel, redoLabel } =
    useStudio();
  // Those of disabled tasks hold nothing up, but are told.
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const blocked = blockedBy(errorCount, workflow.hasChanges || save.name !== 'saved', workflow.published);
  return (
    <header className="flex flex-wrap items-center gap-x-2 gap-y-1.5 border-b border-border bg-surface px-3 py-2">
      <Breadcrumbs crumbs={[{ label: studio.workflows, href: '/workflows' }, { label: workflow.label }]} />
      <h1 className="mr-1 min-w-0 truncate text-base font-semibold">{workflow.label}</h1>
      <DraftChip
        save={save}
        errors={errorCount}
        published={workflow.published}
        hasChanges={workflow.hasChanges}
      />
      {save.name === 'stale' ? (
        <Button size="sm" variant="danger" onClick={onConflict}>
          {strings.resolve}
        </Button>
      ) : null}
      {problems.length > 0 ? (
        <Button size="sm" variant="ghost" onClick={onProblems}>
          {studio.problems.count(errors, problems.length - errors)}
        </Button>
      ) : null}
      <Presence workflowRef={workflow.ref} />
      <div className="ml-auto">{views}</div>
      <div role="toolbar" aria-label={strings.label} className="flex items-center gap-1">
        {readOnly ? (
          <span className="px-2 text-xs text-text-2">{strings.readOnly}</span>
        ) : (
          <>
            <IconButton
              label={undoLabel ? strings.undoStep(undoLabel) : strings.undo}
              shortcut="mod+z"
              icon={<Undo2 />}
              disabled={undoLabel === null}
              onClick={undo}
            />
            <IconButton
              label={redoLabel ? strings.redoStep(redoLabel) : strings.redo}
              shortcut="mod+shift+z"
              icon={<Redo2 />}
              disabled={redoLabel === null}
              onClick={redo}
            />
          </>
        )}
        <IconButton label={strings.revisions} icon={<History />} onClick={onRevisions} />
        {hidesPalette && !readOnly ? (
          <IconButton label={studio.palette.open} icon={<Plus />} onClick={onPalette} />
        ) : null}
        {narrow ? <IconButton label={strings.inspector} icon={<PanelRight />} onClick={onInspector} /> : null}
        {readOnly ? null : (
          <Tooltip content={blocked ?? strings.publish}>
            <Button
              variant="secondary"
              icon={<Upload />}
              aria-disabled={blocked !== null}
              className={blocked ? 'text-text-3' : ''}
              onClick={() => (blocked ? (errorCount > 0 ? onProblems() : undefined) : onPublish())}
            >
              {strings.publish}
              {blocked ? <span className="sr-only">. {blocked}</span> : null}
            </Button>
          </Tooltip>
        )}
        <Button variant="primary" icon={<Play />} onClick={onRun}>
          {strings.run}
        </Button>
        <DropdownMenu
          trigger={<IconButton label={inspection.run.more} icon={<ChevronDown />} />}
          items={[
            {
              key: 'inputs',
              label: inspection.run.withInputs,
              icon: <Play />,
              shortcut: 'mod+enter',
              onSelect: onRun,
            },
            {
              key: 'again',
              label: inspection.bar.lastInputs,
              icon: <RotateCw />,
              shortcut: 'mod+shift+enter',
              disabled: readOnly || errorCount > 0,
              onSelect: onRunAgain,
            },
            { key: 'dry', label: inspection.dry.run, icon: <FlaskConical />, onSelect: onDryRun },
            'separator',
            {
              key: 'copy',
              label: importing.copy,
              icon: <Copy />,
              onSelect: () => void copyYaml(draft.definition),
            },
            {
              key: 'download',
              label: importing.download,
              icon: <Download />,
              onSelect: () => downloadYaml(workflow.ref, draft.definition),
            },
          ]}
        />
      </div>
    </header>
  );
}

function blockedBy(errors: number, hasChanges: boolean, published: number | null): string | null {
  if (errors > 0) return strings.hasErrors(errors);
  return hasChanges || published === null ? null : strings.nothingToPublish;
}
