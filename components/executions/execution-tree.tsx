'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { strings } from '@/components/strings';
import { cn } from '@/components/ui/cn';
import { Duration } from '@/components/ui/duration';
import { StatusBadge } from '@/components/ui/status-badge';
import { Tooltip } from '@/components/ui/tooltip';
import { QueueHint } from './queue-place';
import { toRowLabel, toTreeRows, type Execution, type TreeRow } from './tree-rows';

const rowHeight = 32;

interface Props {
  executions: readonly Execution[];
  selected: number;
  onSelect: (id: number) => void;
}

/** The tree of one run: tasks, attempts, items, child workflows. Arrow keys move, open and close; only what is in view is drawn. */
export function ExecutionTree({ executions, selected, onSelect }: Props) {
  const [closed, setClosed] = useState<ReadonlySet<number>>(new Set());
  const rows = useMemo(() => toTreeRows(executions, closed), [executions, closed]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 20,
  });
  const place = rows.findIndex(({ execution }) => execution.id === selected);

  useEffect(() => {
    if (place >= 0) virtual.scrollToIndex(place);
    // Only a change of selection scrolls; rows that arrive do not make the list jump.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [selected]);

  const toggle = (id: number) =>
    setClosed((known) =>
      known.has(id) ? new Set([...known].filter((other) => other !== id)) : new Set([...known, id]),
    );
  const go = (row: TreeRow | undefined) => row && onSelect(row.execution.id);

  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[place];
    const moves: Record<string, () => void> = {
      ArrowDown: () => go(rows[place + 1]),
      ArrowUp: () => go(rows[place - 1]),
      Home: () => go(rows[0]),
      End: () => go(rows.at(-1)),
      ArrowRight: () =>
        row && row.children > 0 && (row.isOpen ? go(rows[place + 1]) : toggle(row.execution.id)),
      ArrowLeft: () =>
        row &&
        (row.isOpen
          ? toggle(row.execution.id)
          : row.execution.parentId !== null && onSelect(row.execution.parentId)),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  };

  return (
    <div
      ref={scroller}
      role="tree"
      tabIndex={0}
      aria-label={strings.executions.tree}
      aria-activedescendant={place >= 0 ? `execution-row-${selected}` : undefined}
      onKeyDown={onKeyDown}
      className="h-full overflow-auto py-1 outline-none focus-visible:ring-2 focus-visible:ring-focus focus-visible:ring-inset"
    >
      <div role="presentation" className="relative w-full" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return row ? (
            <div
              key={row.execution.id}
              role="presentation"
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${item.start}px)`, height: rowHeight }}
            >
              <Row
                row={row}
                isSelected={row.execution.id === selected}
                onSelect={onSelect}
                onToggle={toggle}
              />
            </div>
          ) : null;
        })}
      </div>
    </div>
  );
}

function Row({
  row,
  isSelected,
  onSelect,
  onToggle,
}: {
  row: TreeRow;
  isSelected: boolean;
  onSelect: (id: number) => void;
  onToggle: (id: number) => void;
}) {
  const { execution, level, children, isOpen, place, siblings, isHeld } = row;
  const waits = execution.state === 'queued';
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  const line = (
    <div
      id={`execution-row-${execution.id}`}
      role="treeitem"
      aria-level={level}
      aria-posinset={place}
      aria-setsize={siblings}
      aria-selected={isSelected}
      aria-expanded={children > 0 ? isOpen : undefined}
      aria-label={[
        toRowLabel(execution),
        strings.status[execution.state],
        isHeld ? strings.executions.held : null,
        waits ? execution.stateReason : null,
      ]
        .filter(Boolean)
        .join(', ')}
      onClick={() => onSelect(execution.id)}
      className={cn(
        'mx-1 flex h-full cursor-pointer items-center gap-1.5 rounded-md pr-2 text-sm',
        isSelected ? 'bg-accent-soft text-text' : 'text-text-2 hover:bg-surface-2',
      )}
      style={{ paddingLeft: 6 + (level - 1) * 16 }}
    >
      <span
        className="grid size-5 shrink-0 place-items-center"
        onClick={(event) => (event.stopPropagation(), onToggle(execution.id))}
      >
        {children > 0 ? <Chevron aria-hidden className="size-3.5" /> : null}
      </span>
      <StatusBadge state={execution.state} iconOnly />
      <span className="min-w-0 flex-1 truncate text-text">{toRowLabel(execution)}</span>
      {isHeld ? (
        <span className="shrink-0 text-xs text-text-3">{strings.executions.held}</span>
      ) : (
        <Duration
          from={execution.startedAt}
          to={execution.endedAt}
          className="shrink-0 text-xs text-text-3 tabular-nums"
        />
      )}
    </div>
  );
  return waits ? (
    <Tooltip side="right" content={<QueueHint id={execution.id} reason={execution.stateReason} />}>
      {line}
    </Tooltip>
  ) : (
    line
  );
}
