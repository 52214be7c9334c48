'use client';

import { useEffect, useRef, type RefObject } from 'react';
import type { Point } from './geometry';
import { isTyping } from './use-canvas-keys';
import type { CanvasEdits, CanvasSelection } from './view';

/**
 * Copy, cut and paste as the browser tells of them, while the canvas or nothing has the focus: so it needs nobody's
 * leave, and works with a text editor at the other end. What is pasted goes under the pointer.
 */
export function useCanvasClipboard(
  region: RefObject<HTMLElement | null>,
  chosen: RefObject<CanvasSelection>,
  edits: CanvasEdits | null,
  /** Where a place of the screen is on the canvas; null where there is no canvas to point at. */
  toCanvas: ((screen: Point) => Point) | null,
): void {
  const pointer = useRef<{ x: number; y: number } | null>(null);
  useEffect(() => {
    const box = region.current;
    if (!box) return;
    const follow = (event: PointerEvent) => (pointer.current = { x: event.clientX, y: event.clientY });
    const forget = () => (pointer.current = null);
    box.addEventListener('pointermove', follow, { passive: true });
    box.addEventListener('pointerleave', forget);
    return () => {
      box.removeEventListener('pointermove', follow);
      box.removeEventListener('pointerleave', forget);
    };
  }, [region]);

  useEffect(() => {
    if (!edits) return;
    const isOurs = (event: ClipboardEvent) => {
      const here = event.target === document.body || region.current?.contains(event.target as Node);
      return here && !event.defaultPrevented && !isTyping(event.target);
    };
    const onCopy = (event: ClipboardEvent) => {
      // Text that is marked somewhere on the page is what the person means.
      if (!isOurs(event) || document.getSelection()?.isCollapsed === false) return;
      const names = chosen.current.tasks;
      const text = edits.copy(names);
      if (text === null) return;
      event.clipboardData?.setData('text/plain', text);
      event.preventDefault();
      if (event.type === 'cut') edits.remove({ tasks: names, transition: null });
    };
    const onPaste = (event: ClipboardEvent) => {
      if (!isOurs(event)) return;
      event.preventDefault();
      const at = pointer.current && toCanvas ? toCanvas(pointer.current) : null;
      edits.paste(event.clipboardData?.getData('text/plain') ?? '', at);
    };
    document.addEventListener('copy', onCopy);
    document.addEventListener('cut', onCopy);
    document.addEventListener('paste', onPaste);
    return () => {
      document.removeEventListener('copy', onCopy);
      document.removeEventListener('cut', onCopy);
      document.removeEventListener('paste', onPaste);
    };
  }, [edits, toCanvas, region, chosen]);
}
