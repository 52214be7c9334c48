'use client';

import Link from 'next/link';
import type { KeyboardEvent, ReactNode } from 'react';
import { cn } from './cn';

export interface Column<Row> {
  key: string;
  header: ReactNode;
  cell: (row: Row) => ReactNode;
  align?: 'left' | 'right' | 'center';
  /** Leaves the column out on narrower screens. */
  hideBelow?: 'sm' | 'md' | 'lg';
  /** A CSS length, where the content should not decide. */
  width?: string;
  className?: string;
}

interface Props<Row> {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string | number;
  /** Makes the whole row lead there; the first column is the link's text. */
  rowHref?: (row: Row) => string;
  selectedKey?: string | number | null;
  /** Shown instead of rows when there are none. */
  empty?: ReactNode;
  className?: string;
}

const hidden = {
  sm: 'hidden sm:table-cell',
  md: 'hidden md:table-cell',
  lg: 'hidden lg:table-cell',
} as const;
const aligned = { left: 'text-left', right: 'text-right', center: 'text-center' } as const;

function toCellClasses<Row>(
  { align = 'left', hideBelow, className }: Column<Row>,
  ...more: string[]
): string {
  return cn(aligned[align], hideBelow && hidden[hideBelow], className, ...more);
}

/** Rows and columns. Arrow keys move between the rows' first links or buttons. */
export function Table<Row>({
  label,
  rows,
  columns,
  rowKey,
  rowHref,
  selectedKey,
  empty,
  className,
}: Props<Row>) {
  if (rows.length === 0 && empty) return <>{empty}</>;
  return (
    <div className={cn('rounded-lg border border-border bg-surface', className)}>
      <table className="w-full border-separate border-spacing-0 text-sm" onKeyDown={moveBetweenRows}>
        <caption className="sr-only">{label}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                style={column.width ? { width: column.width } : undefined}
                className={toCellClasses(
                  column,
                  'sticky top-0 z-10 h-8 border-b border-border bg-surface-2 px-3 text-xs font-medium whitespace-nowrap text-text-2 first:rounded-tl-lg last:rounded-tr-lg',
                )}
              >
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const key = rowKey(row);
            const href = rowHref?.(row);
            const isSelected = selectedKey !== undefined && selectedKey === key;
            return (
              <tr
                key={key}
                data-selected={isSelected || undefined}
                className={cn(
                  'group relative transition-colors focus-within:bg-surface-2 hover:bg-surface-2 data-selected:bg-accent-soft [&:last-child>td]:border-b-0',
                  href && 'cursor-pointer',
                )}
              >
                {columns.map((column, index) => (
                  <td
                    key={column.key}
                    className={toCellClasses(column, 'h-10 border-b border-border px-3 py-1.5')}
                  >
                    {index === 0 && href ? (
                      <Link
                        href={href}
                        className="font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:rounded-sm focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-focus"
                      >
                        {column.cell(row)}
                      </Link>
                    ) : (
                      column.cell(row)
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

const steps: Record<string, (place: number, last: number) => number> = {
  ArrowDown: (place, last) => Math.min(place + 1, last),
  ArrowUp: (place) => Math.max(place - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
};

function moveBetweenRows(event: KeyboardEvent<HTMLTableElement>): void {
  const step = steps[event.key];
  const target = event.target as HTMLElement;
  // Arrows belong to the text of a field, and to the menu of a button that opened one.
  if (
    !step ||
    event.altKey ||
    event.ctrlKey ||
    event.metaKey ||
    !target.matches('a, button:not([role="combobox"])')
  )
    return;
  const rows = [...event.currentTarget.tBodies].flatMap((body) => [...body.rows]);
  const place = rows.findIndex((row) => row.contains(target));
  const next = rows[step(place, rows.length - 1)]?.querySelector<HTMLElement>('a, button');
  if (place < 0 || !next) return;
  event.preventDefault();
  next.focus();
}
