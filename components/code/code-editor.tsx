'use client';

import { useEffect, useRef } from 'react';
import { code as strings } from '../strings/code';
import { commonOptions, useEditor } from './use-editor';

export type CodeLanguage = 'shell' | 'python' | 'javascript' | 'json' | 'yaml';

/** A code editor with line numbers. Tab indents; Ctrl+M makes Tab leave the editor, which its label says. */
export function CodeEditor({
  value,
  onChange,
  language,
  label,
  height = 320,
  readOnly = false,
}: {
  value: string;
  onChange: (value: string) => void;
  language: CodeLanguage;
  label: string;
  height?: number | string;
  readOnly?: boolean;
}) {
  const host = useRef<HTMLDivElement>(null);
  const ariaLabel = readOnly ? label : strings.tabHint(label);
  const open = useEditor(host, {
    value,
    onChange,
    language,
    options: {
      ...commonOptions,
      ariaLabel,
      readOnly,
      domReadOnly: readOnly,
      lineNumbersMinChars: 3,
      folding: true,
      tabSize: language === 'python' ? 4 : 2,
      padding: { top: 10, bottom: 10 },
      bracketPairColorization: { enabled: true },
    },
  });
  useEffect(() => {
    open?.editor.updateOptions({ readOnly, domReadOnly: readOnly, ariaLabel });
  }, [open, readOnly, ariaLabel]);
  return (
    <div
      className="overflow-hidden rounded-md border border-border bg-surface focus-within:ring-2 focus-within:ring-focus"
      style={{ height }}
    >
      <div ref={host} className="h-full" data-code-editor={label} />
      {open ? null : <pre className="px-3 py-2 text-sm text-text-2">{strings.loading}</pre>}
    </div>
  );
}
