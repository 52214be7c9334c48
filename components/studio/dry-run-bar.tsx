'use client';

import { FlaskConical, RotateCcw, Workflow, X } from 'lucide-react';
import { Button } from '@/components/ui/button';
import { IconButton } from '@/components/ui/icon-button';
import { inspection } from '../strings/inspection';
import { status } from '../strings/status';
import type { DryRun } from './dry-run';

const strings = inspection.dry;

/** What a dry run found: that it was one, how it would end, what it called, and the way out of it. */
export function DryRunBar({
  dry,
  isPlaying,
  onLook,
  onAgain,
  onClose,
}: {
  dry: DryRun;
  isPlaying: boolean;
  /** Into the workflows that it called. */
  onLook: () => void;
  onAgain: () => void;
  onClose: () => void;
}) {
  return (
    <section
      aria-label={strings.bar}
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-border bg-surface-2 px-3 py-1.5 text-sm"
    >
      <FlaskConical size={16} aria-hidden="true" className="text-text-2" />
      <span className="font-medium">{strings.title}</span>
      {dry.kind === 'played' ? (
        <>
          <span role="status">{strings.would(dry.tasks.length, status[dry.state].toLowerCase())}</span>
          {dry.error ? <span className="min-w-0 truncate text-danger">{dry.error}</span> : null}
          {dry.warnings[0] ? (
            <span className="min-w-0 truncate text-xs text-text-2">{dry.warnings[0]}</span>
          ) : null}
          {dry.calls.length > 0 ? (
            <Button size="sm" icon={<Workflow />} onClick={onLook}>
              {strings.calls(dry.calls.length)}
            </Button>
          ) : null}
        </>
      ) : (
        <span role="status" className="text-danger">
          {strings.impossible} {dry.message}
        </span>
      )}
      <span className="ml-auto flex items-center gap-1">
        <IconButton
          size="sm"
          label={strings.again}
          icon={<RotateCcw />}
          disabled={isPlaying}
          onClick={onAgain}
        />
        <IconButton size="sm" label={strings.close} icon={<X />} onClick={onClose} />
      </span>
    </section>
  );
}
