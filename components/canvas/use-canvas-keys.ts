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

/** The keys of the canvas, while it or nothing has the focus: `+ - 0 1`, Ctrl+A, Delete, Escape. */
export function useCanvasKeys(
  region: RefObject<HTMLElement | null>,
  actions: { selectAll: () => void; selectNothing: () => void; remove: (() => void) | null },
): void {
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
        if (event.key.toLowerCase() !== 'a' || event.shiftKey) return false;
        latest.current.selectAll();
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
          latest.current.remove();
          return true;
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
