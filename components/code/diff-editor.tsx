'use client';

import { useEffect, useRef } from 'react';
import { code as strings } from '../strings/code';
import { commonOptions, loadMonaco } from './use-editor';

/** Two texts side by side (below each other where it is narrow), with what differs marked. Read only. */
export function DiffEditor({
  before,
  after,
  label,
  height = 320,
}: {
  before: string;
  after: string;
  label: string;
  height?: number | string;
}) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let close = () => {};
    let gone = false;
    void loadMonaco().then((monaco) => {
      if (gone || !host.current) return;
      const editor = monaco.editor.createDiffEditor(host.current, {
        ...commonOptions,
        readOnly: true,
        renderSideBySide: true,
        useInlineViewWhenSpaceIsLimited: true,
        renderOverviewRuler: false,
        hideUnchangedRegions: { enabled: true },
      });
      const original = monaco.editor.createModel(before, 'yaml');
      const modified = monaco.editor.createModel(after, 'yaml');
      editor.setModel({ original, modified });
      // The diff editor's own options for these never reach its text fields.
      editor.getOriginalEditor().updateOptions({ ariaLabel: strings.before(label) });
      editor.getModifiedEditor().updateOptions({ ariaLabel: strings.after(label) });
      close = () => {
        editor.dispose();
        original.dispose();
        modified.dispose();
      };
    });
    return () => {
      gone = true;
      close();
    };
  }, [before, after, label]);
  return (
    <div className="overflow-hidden rounded-md border border-border bg-surface" style={{ height }}>
      <div ref={host} role="group" aria-label={label} className="h-full" data-diff-editor={label} />
    </div>
  );
}
