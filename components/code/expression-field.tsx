'use client';

import { useEffect, useId, useMemo, useRef } from 'react';
import { parseTemplate } from '@/engine/expression/expression';
import { code as strings } from '../strings/code';
import { InsertValue } from './insert-value';
import { offerScope } from './jinja';
import { PreviewLine } from './preview-line';
import type { ExpressionScope } from './scope';
import { isInBraces, readDraggedPath } from './value-path';
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
  const problems = useMemo(() => parseTemplate(value, bare && !/\{[{%]/.test(value)).problems, [value, bare]);
  const problem = problems[0] ?? null;
  const latest = useRef({ scope, bare, onBlur });
  useEffect(() => {
    latest.current = { scope, bare, onBlur };
  });
  /** Puts a path where the cursor is, or at a point of the screen; in braces of its own unless it stands in some. */
  const insert = (path: string, at: { clientX: number; clientY: number } | null) => {
    const model = open?.editor.getModel();
    if (!open || !model) return;
    const end = model.getFullModelRange().getEndPosition();
    const place =
      (at && open.editor.getTargetAtClientPoint(at.clientX, at.clientY)?.position) ??
      (at ? end : (open.editor.getPosition() ?? end));
    const before = model.getValueInRange({
      startLineNumber: 1,
      startColumn: 1,
      endLineNumber: place.lineNumber,
      endColumn: place.column,
    });
    const isBareText = bare && !/\{[{%]/.test(model.getValue());
    const text = isBareText || isInBraces(before) ? path : `{{ ${path} }}`;
    const range = new open.monaco.Range(place.lineNumber, place.column, place.lineNumber, place.column);
    open.editor.pushUndoStop();
    open.editor.executeEdits('insert', [{ range, text, forceMoveMarkers: true }]);
    open.editor.pushUndoStop();
    open.editor.focus();
  };

  useEffect(() => {
    const model = open?.editor.getModel();
    if (!open || !model) return;
    offerScope(model, () => latest.current);
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
      problems.map(({ message, line, column }) => ({
        message,
        severity: open.monaco.MarkerSeverity.Error,
        startLineNumber: line,
        startColumn: column,
        endLineNumber: line,
        endColumn: column + 1,
      })),
    );
  }, [open, problems]);

  return (
    <div
      onDragOverCapture={(event) => {
        if (readOnly || readDraggedPath(event.dataTransfer, true) === null) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
      }}
      onDropCapture={(event) => {
        const path = readOnly ? null : readDraggedPath(event.dataTransfer, false);
        if (path === null) return;
        event.preventDefault();
        event.stopPropagation();
        insert(path, event);
      }}
    >
      <div
        className={`relative overflow-hidden rounded-md border bg-surface pl-2.5 focus-within:ring-2 focus-within:ring-focus ${
          readOnly ? 'pr-2.5' : 'pr-8'
        } ${invalid || problem ? 'border-danger' : 'border-border-strong'}`}
      >
        <div ref={host} style={{ height: lines * lineHeight + 14 }} data-expression={label} />
        {readOnly ? null : <InsertValue label={label} scope={scope} onPick={(path) => insert(path, null)} />}
      </div>
      <PreviewLine value={value} bare={bare} data={scope.data} />
      {problem ? (
        <p id={errorId} className="mt-1 text-xs text-danger">
          {strings.at(problem.line, problem.column)}: {problem.message} {problem.hint}
        </p>
      ) : null}
    </div>
  );
}
