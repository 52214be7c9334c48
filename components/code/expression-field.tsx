'use client';

import { useEffect, useId, useMemo, useRef } from 'react';
import { parseTemplate } from '@/engine/expression/expression';
import { code as strings } from '../strings/code';
import { offerScope } from './jinja';
import type { ExpressionScope } from './scope';
import { commonOptions, useEditor, type EditorOptions } from './use-editor';

const lineHeight = 20;
const oneLine: EditorOptions = {
  ...commonOptions,
  lineHeight,
  lineNumbers: 'off',
  glyphMargin: false,
  folding: false,
  lineDecorationsWidth: 0,
  lineNumbersMinChars: 0,
  wordWrap: 'on',
  wrappingIndent: 'none',
  // Tab leaves the field, as it leaves any field of a form.
  tabFocusMode: true,
  padding: { top: 7, bottom: 7 },
  scrollbar: {
    vertical: 'auto',
    horizontal: 'hidden',
    alwaysConsumeMouseWheel: false,
    verticalScrollbarSize: 8,
  },
  hideCursorInOverviewRuler: true,
  overviewRulerBorder: false,
  renderWhitespace: 'none',
  guides: { indentation: false },
  find: { addExtraSpaceOnTop: false, autoFindInSelection: 'never', seedSearchStringFromSelection: 'never' },
  quickSuggestions: { other: true, comments: false, strings: true },
  acceptSuggestionOnEnter: 'on',
};

/**
 * A field for text with `{{ }}` in it: colours, completion of the names in `scope`, and the first mistake marked at
 * its character and said below. `lines` is the height it starts with; it grows with its text.
 */
export function ExpressionField({
  value,
  onChange,
  label,
  scope,
  bare = false,
  lines = 1,
  placeholder,
  readOnly = false,
  invalid = false,
  describedBy,
  onBlur,
}: {
  value: string;
  onChange: (value: string) => void;
  label: string;
  scope: ExpressionScope;
  /** Without braces the whole text is an expression: conditions may be written so. */
  bare?: boolean;
  lines?: number;
  placeholder?: string;
  readOnly?: boolean;
  invalid?: boolean;
  describedBy?: string | undefined;
  onBlur?: () => void;
}) {
  const host = useRef<HTMLDivElement>(null);
  const errorId = useId();
  const open = useEditor(host, {
    value,
    onChange,
    language: 'jinja',
    options: {
      ...oneLine,
      ariaLabel: label,
      readOnly,
      domReadOnly: readOnly,
      ...(placeholder ? { placeholder } : {}),
    },
  });
  const problem = useMemo(
    () => parseTemplate(value, bare && !/\{[{%]/.test(value)).problems[0] ?? null,
    [value, bare],
  );
  const latest = useRef({ scope, onBlur });
  useEffect(() => {
    latest.current = { scope, onBlur };
  });

  useEffect(() => {
    const model = open?.editor.getModel();
    if (!open || !model) return;
    offerScope(model, () => latest.current.scope);
    const grow = () => {
      if (!host.current) return;
      const height = Math.min(
        Math.max(open.editor.getContentHeight(), lines * lineHeight + 14),
        12 * lineHeight,
      );
      host.current.style.height = `${height}px`;
      open.editor.layout();
    };
    grow();
    const listeners = [
      open.editor.onDidContentSizeChange(grow),
      open.editor.onDidBlurEditorText(() => latest.current.onBlur?.()),
    ];
    return () => listeners.forEach((listener) => listener.dispose());
  }, [open, lines]);

  useEffect(() => {
    open?.editor.updateOptions({ readOnly, domReadOnly: readOnly, ariaLabel: label });
    const textarea = host.current?.querySelector('textarea');
    textarea?.setAttribute('aria-invalid', String(invalid || problem !== null));
    const described = [problem ? errorId : null, describedBy].filter(Boolean).join(' ');
    if (described) textarea?.setAttribute('aria-describedby', described);
    else textarea?.removeAttribute('aria-describedby');
  }, [open, readOnly, label, invalid, problem, errorId, describedBy]);

  useEffect(() => {
    const model = open?.editor.getModel();
    if (!open || !model) return;
    open.monaco.editor.setModelMarkers(
      model,
      'template',
      problem
        ? [
            {
              message: problem.message,
              severity: open.monaco.MarkerSeverity.Error,
              startLineNumber: problem.line,
              startColumn: problem.column,
              endLineNumber: problem.line,
              endColumn: problem.column + 1,
            },
          ]
        : [],
    );
  }, [open, problem]);

  return (
    <div>
      <div
        className={`overflow-hidden rounded-md border bg-surface px-2.5 focus-within:ring-2 focus-within:ring-focus ${
          invalid || problem ? 'border-danger' : 'border-border-strong'
        }`}
      >
        <div ref={host} style={{ height: lines * lineHeight + 14 }} data-expression={label} />
      </div>
      {problem ? (
        <p id={errorId} className="mt-1 text-xs text-danger">
          {strings.at(problem.line, problem.column)}: {problem.message} {problem.hint}
        </p>
      ) : null}
    </div>
  );
}
