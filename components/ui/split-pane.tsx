'use client';

import {
  useEffect,
  useRef,
  useState,
  type CSSProperties,
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
} from 'react';
import { strings } from '@/components/strings';
import { cn } from './cn';

interface Props {
  start: ReactNode;
  end: ReactNode;
  /** Names the pane that is resized. */
  label: string;
  /** Sizes of the fixed pane, in pixels. */
  defaultSize: number;
  min: number;
  max: number;
  /** Which pane keeps its size when the window changes. (Default: start) */
  fixed?: 'start' | 'end';
  /** Remembers the size in this browser under this name. */
  storageKey?: string;
  orientation?: 'horizontal' | 'vertical';
  /** Below 768 px the panes stand one under the other. (Default: true) */
  stackBelow?: boolean;
  className?: string;
}

/** Two panes with a bar between them: drag it, or move it with the arrow keys; double click resets it. */
export function SplitPane({
  start,
  end,
  label,
  defaultSize,
  min,
  max,
  fixed = 'start',
  storageKey,
  orientation = 'horizontal',
  stackBelow = true,
  className,
}: Props) {
  const [size, setSize] = useState(defaultSize);
  const grab = useRef<{ at: number; size: number } | null>(null);
  const isHorizontal = orientation === 'horizontal';
  const cut = (next: number) => Math.round(Math.min(Math.max(next, min), max));

  useEffect(() => {
    const kept = storageKey ? Number(localStorage.getItem(storageKey)) : 0;
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the server cannot know what this browser remembers
    if (kept > 0) setSize(Math.min(Math.max(kept, min), max));
  }, [storageKey, min, max]);

  const resize = (next: number) => {
    setSize(cut(next));
    if (storageKey) localStorage.setItem(storageKey, String(cut(next)));
  };
  const towardEnd = fixed === 'start' ? 1 : -1;
  const positionOf = (event: PointerEvent) => (isHorizontal ? event.clientX : event.clientY);

  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.shiftKey ? 64 : 16;
    const moves: Record<string, number> = {
      [isHorizontal ? 'ArrowLeft' : 'ArrowUp']: size - step * towardEnd,
      [isHorizontal ? 'ArrowRight' : 'ArrowDown']: size + step * towardEnd,
      Home: min,
      End: max,
      Enter: defaultSize,
    };
    const next = moves[event.key];
    if (next === undefined) return;
    event.preventDefault();
    resize(next);
  };

  const fixedClasses = cn(
    'min-h-0 min-w-0 overflow-auto',
    stackBelow
      ? isHorizontal
        ? 'md:w-(--pane) md:shrink-0'
        : 'md:h-(--pane) md:shrink-0'
      : isHorizontal
        ? 'w-(--pane) shrink-0'
        : 'h-(--pane) shrink-0',
  );
  const freeClasses = 'min-h-0 min-w-0 flex-1 overflow-auto';
  const direction = isHorizontal ? (stackBelow ? 'flex-col md:flex-row' : 'flex-row') : 'flex-col';

  return (
    <div
      className={cn('flex h-full min-h-0 min-w-0', direction, className)}
      style={{ '--pane': `${size}px` } as CSSProperties}
    >
      <div className={fixed === 'start' ? fixedClasses : freeClasses}>{start}</div>
      <div
        role="separator"
        tabIndex={0}
        aria-label={strings.common.resize(label)}
        aria-orientation={isHorizontal ? 'vertical' : 'horizontal'}
        aria-valuenow={size}
        aria-valuemin={min}
        aria-valuemax={max}
        onKeyDown={onKeyDown}
        onDoubleClick={() => resize(defaultSize)}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          grab.current = { at: positionOf(event), size };
        }}
        onPointerMove={(event) => {
          if (grab.current) resize(grab.current.size + (positionOf(event) - grab.current.at) * towardEnd);
        }}
        onPointerUp={() => (grab.current = null)}
        onPointerCancel={() => (grab.current = null)}
        className={cn(
          'group relative z-10 shrink-0 touch-none bg-border outline-none hover:bg-accent focus-visible:bg-focus',
          isHorizontal
            ? 'h-px w-full cursor-col-resize before:absolute before:inset-y-0 before:-left-1.5 before:-right-[17px] md:h-auto md:w-px focus-visible:md:shadow-[0_0_0_1.5px_var(--color-focus)]'
            : 'h-px w-full cursor-row-resize before:absolute before:inset-x-0 before:-inset-y-3 focus-visible:shadow-[0_0_0_1.5px_var(--color-focus)]',
          stackBelow && isHorizontal && 'max-md:pointer-events-none',
        )}
      />
      <div className={fixed === 'end' ? fixedClasses : freeClasses}>{end}</div>
    </div>
  );
}
