'use client';

import {
  useCallback,
  useDeferredValue,
  useEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
} from 'react';
import { Callout } from '@/components/ui/callout';
import { tasksInYaml } from '@/engine/definition/tasks-in-yaml';
import { locateProblems, parseYaml } from '@/engine/definition/yaml';
import { commonOptions, useEditor } from '../code/use-editor';
import { strings as every } from '../strings';
import { studio } from '../strings/studio';
import { fromYaml, isBroken, toYaml } from './draft-yaml';
import { useStudio } from './studio-context';

const strings = studio.yaml;
const pauseMs = 350;

/**
 * The workflow as YAML beside the canvas: either side is edited, the other follows. Each pause of typing is a step of
 * the one history; the cursor chooses the task that it is in, and what is chosen elsewhere is shown here.
 */
export function YamlPane() {
  const { draft, problems, selection, select, edit, undo, redo, readOnly } = useStudio();
  const host = useRef<HTMLDivElement>(null);
  // Printing a large workflow takes its time, in which the canvas may go on.
  const shown = useDeferredValue(draft);
  const text = useMemo(() => toYaml(shown), [shown]);
  const broken = isBroken(shown);
  const open = useEditor(host, {
    value: useFirst(text),
    onChange: ignore,
    language: 'yaml',
    options: {
      ...commonOptions,
      ariaLabel: every.code.tabHint(strings.label),
      readOnly,
      domReadOnly: readOnly,
      lineNumbersMinChars: 3,
      folding: true,
      tabSize: 2,
      renderFinalNewline: 'on',
      padding: { top: 10, bottom: 10 },
    },
  });

  /** What is typed and not in the draft yet. */
  const typing = useRef<{ timer: ReturnType<typeof setTimeout> } | null>(null);
  const following = useRef(false);
  const commit = useCallback(() => {
    if (!typing.current) return;
    clearTimeout(typing.current.timer);
    typing.current = null;
    const written = open?.editor.getModel()?.getValue();
    if (written !== undefined) edit(strings.step, (before) => fromYaml(before, written), 'yaml');
  }, [open, edit]);
  useEffect(() => {
    const model = open?.editor.getModel();
    const told = model?.onDidChangeContent(() => {
      if (following.current) return;
      if (typing.current) clearTimeout(typing.current.timer);
      typing.current = { timer: setTimeout(commit, pauseMs) };
    });
    return () => {
      told?.dispose();
      commit();
    };
  }, [open, commit]);

  useEffect(() => {
    const model = open?.editor.getModel();
    if (!open || !model || typing.current || model.getValue() === text) return;
    following.current = true;
    model.pushEditOperations(null, [toChange(open.monaco, model.getValue(), text, model)], () => null);
    following.current = false;
  }, [open, text]);

  const lines = useMemo(() => tasksInYaml(text), [text]);
  const newest = useRef({ lines, selection });
  useEffect(() => {
    newest.current = { lines, selection };
  });
  useEffect(() => {
    const told = open?.editor.onDidChangeCursorPosition(({ position, source }) => {
      if (following.current || source === 'model' || source === 'api') return;
      const here = newest.current.lines.find(
        ({ from, to }) => from <= position.lineNumber && position.lineNumber <= to,
      );
      const { tasks } = newest.current.selection;
      if (here && !(tasks.length === 1 && tasks[0] === here.name))
        select({ tasks: [here.name], transition: null });
    });
    return () => told?.dispose();
  }, [open, select]);
  useEffect(() => {
    if (!open) return;
    const names = new Set([...selection.tasks, selection.transition?.task]);
    const chosen = lines.filter(({ name }) => names.has(name));
    const marks = open.editor.createDecorationsCollection(
      chosen.map(({ from, to }) => ({
        range: new open.monaco.Range(from, 1, to, 1),
        options: {
          isWholeLine: true,
          className: 'yaml-chosen',
          linesDecorationsClassName: 'yaml-chosen-bar',
        },
      })),
    );
    const [first] = chosen;
    if (first && !open.editor.hasTextFocus()) open.editor.revealLineInCenterIfOutsideViewport(first.from);
    return () => marks.clear();
  }, [open, lines, selection]);

  const wrong = useMemo(() => {
    const own = parseYaml(text).problems;
    const known = new Set(own.map(({ message }) => message));
    return broken
      ? own
      : [...own, ...locateProblems(text, problems).filter(({ message }) => !known.has(message))];
  }, [text, broken, problems]);
  useEffect(() => {
    const model = open?.editor.getModel();
    if (!open || !model) return;
    const { MarkerSeverity } = open.monaco;
    open.monaco.editor.setModelMarkers(
      model,
      'workflow',
      wrong.map(({ severity, message, repair, line = 1, column = 1 }) => ({
        severity: severity === 'error' ? MarkerSeverity.Error : MarkerSeverity.Warning,
        message: repair ? `${message} ${repair}` : message,
        startLineNumber: line,
        startColumn: column,
        endLineNumber: line,
        endColumn: model.getLineCount() >= line ? model.getLineMaxColumn(line) : column + 1,
      })),
    );
  }, [open, wrong]);

  // The editor would take back only what was typed in it; the history is of both sides.
  const onKeyDown = (event: KeyboardEvent) => {
    if (readOnly || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const back = key === 'z' && !event.shiftKey;
    const forth = key === 'y' || (key === 'z' && event.shiftKey);
    if (!back && !forth) return;
    event.preventDefault();
    event.stopPropagation();
    commit();
    if (back) undo();
    else redo();
  };
  const [fault] = wrong;
  return (
    <section aria-label={strings.title} className="flex h-full min-h-0 flex-col bg-surface">
      {broken ? (
        <div className="p-2">
          <Callout kind="error">
            {strings.broken(fault?.line ?? 1, fault?.message ?? '')}{' '}
            <button
              type="button"
              className="underline"
              onClick={() => {
                open?.editor.setPosition({ lineNumber: fault?.line ?? 1, column: fault?.column ?? 1 });
                open?.editor.revealLineInCenter(fault?.line ?? 1);
                open?.editor.focus();
              }}
            >
              {strings.goThere}
            </button>
          </Callout>
        </div>
      ) : null}
      <div className="min-h-0 flex-1" onKeyDownCapture={onKeyDown} onBlur={commit}>
        <div ref={host} className="h-full" data-yaml-pane />
      </div>
    </section>
  );
}

function ignore(): void {}

/** The value of the first drawing: what comes after goes into the editor as changes, which leave the cursor alone. */
function useFirst<Value>(value: Value): Value {
  const [first] = useState(() => value);
  return first;
}

interface Positions {
  getPositionAt: (offset: number) => { lineNumber: number; column: number };
}

/** The least change that makes one text of another, so that the cursor and what is folded stay. */
function toChange(
  monaco: { Range: new (a: number, b: number, c: number, d: number) => object },
  before: string,
  after: string,
  model: Positions,
) {
  const least = Math.min(before.length, after.length);
  let start = 0;
  while (start < least && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < least - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const from = model.getPositionAt(start);
  const to = model.getPositionAt(before.length - end);
  return {
    range: new monaco.Range(from.lineNumber, from.column, to.lineNumber, to.column) as never,
    text: after.slice(start, after.length - end),
  };
}
