'use client';

import { FlaskConical, X } from 'lucide-react';
import { IconButton } from '@/components/ui/icon-button';
import { inspection } from '../strings/inspection';
import { status } from '../strings/status';
import type { DryRun } from './dry-run';

const strings = inspection.dry;

/** What a dry run found: that it was one, how it would end, and the way out of it. */
export function DryRunBar({ dry, onClose }: { dry: DryRun; onClose: () => void }) {
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
        </>
      ) : (
        <span role="status" className="text-danger">
          {strings.impossible} {dry.message}
        </span>
      )}
      <IconButton size="sm" className="ml-auto" label={strings.close} icon={<X />} onClick={onClose} />
    </section>
  );
}
