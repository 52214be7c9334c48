'use client';

import { useReactFlow } from '@xyflow/react';
import { useEffect, useRef, type RefObject } from 'react';

/** Whether a key pressed here belongs to what is being typed. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.closest('input, textarea, select, [role="textbox"], .monaco-editor') !== null)
  );
}

interface KeyActions {
  selectAll: () => void;
  selectNothing: () => void;
  remove: ((reconnect: boolean) => void) | null;
  duplicate: (() => void) | null;
  /** Puts a task into the chosen transition; false when none is. */
  insert: (() => boolean) | null;
}

/** The keys of the canvas, while it or nothing has the focus: `+ - 0 1`, Ctrl+A, Ctrl+D, Insert, Delete, Escape. */
export function useCanvasKeys(region: RefObject<HTMLElement | null>, actions: KeyActions): void {
  const flow = useReactFlow();
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const here = event.target === document.body || region.current?.contains(event.target as Element);
      if (!here || event.defaultPrevented || event.altKey || isTyping(event.target)) return;
      const done = press(event);
      if (done) event.preventDefault();
    };
    const press = (event: KeyboardEvent): boolean => {
      if (event.ctrlKey || event.metaKey) {
        if (event.shiftKey) return false;
        const key = event.key.toLowerCase();
        if (key === 'a') latest.current.selectAll();
        else if (key === 'd' && latest.current.duplicate) latest.current.duplicate();
        else return false;
        return true;
      }
      switch (event.key) {
        case '+':
        case '=':
          void flow.zoomIn({ duration: 120 });
          return true;
        case '-':
          void flow.zoomOut({ duration: 120 });
          return true;
        case '0':
          void flow.zoomTo(1, { duration: 160 });
          return true;
        case '1':
          void flow.fitView({ padding: 0.16, maxZoom: 1, duration: 160 });
          return true;
        case 'Delete':
        case 'Backspace':
          if (!latest.current.remove) return false;
          latest.current.remove(event.shiftKey);
          return true;
        case 'Insert':
          return latest.current.insert?.() ?? false;
        case 'Escape':
          latest.current.selectNothing();
          return false;
        default:
          return false;
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [flow, region]);
}
