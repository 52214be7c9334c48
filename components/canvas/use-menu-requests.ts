'use client';

import { useMemo, useRef, type MouseEvent, type PointerEvent, type TouchEvent } from 'react';
import type { Point } from './geometry';
import { isTyping } from './use-canvas-keys';

/** How long a finger stays until it means the menu, and how far it may tremble. */
const longPressMs = 500;
const trembles = 10;

interface Press {
  pointer: number;
  at: Point;
  timer: ReturnType<typeof setTimeout>;
}

/** A menu is wanted about what is at a place: by the right button, by the menu key, or by a finger that stays there. */
export function useMenuRequests(open: ((target: Element, screen: Point) => void) | null) {
  const press = useRef<Press | null>(null);
  /** The finger that opened the menu still lies there, or was just lifted: what the browser makes of it is no click. */
  const opened = useRef(false);
  return useMemo(() => {
    const forget = () => {
      clearTimeout(press.current?.timer);
      press.current = null;
    };
    return {
      onContextMenu: (event: MouseEvent) => {
        if (!open || isTyping(event.target)) return;
        event.preventDefault();
        if (opened.current) return;
        // A browser that knows the gesture itself may be a little faster.
        if (press.current) opened.current = true;
        forget();
        open(event.target as Element, { x: event.clientX, y: event.clientY });
      },
      onPointerDownCapture: (event: PointerEvent) => {
        forget();
        opened.current = false;
        const target = event.target as Element;
        const isOurs = event.pointerType === 'touch' && event.isPrimary && !isTyping(target);
        // What is pressed there has a meaning of its own.
        if (!open || !isOurs || target.closest('button, .react-flow__handle')) return;
        const at = { x: event.clientX, y: event.clientY };
        const timer = setTimeout(() => {
          press.current = null;
          opened.current = true;
          open(target, at);
        }, longPressMs);
        press.current = { pointer: event.pointerId, at, timer };
      },
      onPointerMoveCapture: ({ pointerId, clientX, clientY }: PointerEvent) => {
        const { pointer, at } = press.current ?? {};
        if (at && pointer === pointerId && Math.hypot(clientX - at.x, clientY - at.y) > trembles) forget();
      },
      onPointerUpCapture: forget,
      onPointerCancelCapture: forget,
      // Else the browser would go on with a press of the mouse, which takes the focus from the menu and closes it.
      onTouchEndCapture: (event: TouchEvent) => {
        if (opened.current && event.cancelable) event.preventDefault();
      },
      onClickCapture: (event: MouseEvent) => {
        if (!opened.current) return;
        opened.current = false;
        event.stopPropagation();
        event.preventDefault();
      },
    };
  }, [open]);
}
