'use client';

import type { editor as MonacoEditor } from 'monaco-editor/editor';
import { useEffect, useRef, useState, type RefObject } from 'react';
import type { Monaco } from './monaco';

export type EditorOptions = MonacoEditor.IStandaloneEditorConstructionOptions;
export interface OpenEditor {
  monaco: Monaco;
  editor: MonacoEditor.IStandaloneCodeEditor;
}

let loading: Promise<Monaco> | undefined;
/** Monaco is large: it comes with the first field that needs it. */
export function loadMonaco(): Promise<Monaco> {
  loading ??= import('./monaco').then(({ monaco }) => monaco);
  return loading;
}

/**
 * Puts an editor into `host` that shows `value` and tells of what is typed. `options` and `language` count when it
 * opens; `value` is followed. Null until monaco has come.
 */
export function useEditor(
  host: RefObject<HTMLDivElement | null>,
  {
    value,
    onChange,
    language,
    options,
  }: { value: string; onChange: (value: string) => void; language: string; options: EditorOptions },
): OpenEditor | null {
  const [open, setOpen] = useState<OpenEditor | null>(null);
  const newest = useRef({ value, onChange, options });
  useEffect(() => {
    newest.current = { value, onChange, options };
  });

  useEffect(() => {
    let gone = false;
    let close = () => {};
    void loadMonaco().then((monaco) => {
      if (gone || !host.current) return;
      const model = monaco.editor.createModel(newest.current.value, language);
      const editor = monaco.editor.create(host.current, { ...newest.current.options, model });
      model.onDidChangeContent(() => {
        const text = model.getValue();
        if (text !== newest.current.value) newest.current.onChange(text);
      });
      close = () => {
        editor.dispose();
        model.dispose();
      };
      setOpen({ monaco, editor });
    });
    return () => {
      gone = true;
      close();
      setOpen(null);
    };
  }, [host, language]);

  useEffect(() => {
    const model = open?.editor.getModel();
    if (model && model.getValue() !== value) model.setValue(value);
  }, [open, value]);

  return open;
}

export const commonOptions: EditorOptions = {
  automaticLayout: true,
  minimap: { enabled: false },
  fontSize: 13,
  fontFamily: 'var(--font-mono, ui-monospace, SFMono-Regular, Menlo, Consolas, monospace)',
  scrollBeyondLastLine: false,
  overviewRulerLanes: 0,
  renderLineHighlight: 'none',
  fixedOverflowWidgets: true,
  // A plain textarea is what screen readers, phones and password managers know best.
  editContext: false,
  unicodeHighlight: { ambiguousCharacters: false },
  wordBasedSuggestions: 'off',
  stickyScroll: { enabled: false },
};
