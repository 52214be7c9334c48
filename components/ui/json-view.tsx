'use client';

import { ChevronRight, Lock } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { strings } from '@/components/strings';
import { secretMask } from '@/engine/definition/secret-parameters';
import { cn } from './cn';
import { CopyButton } from './copy-button';

const text = strings.common;
const firstMembers = 100;
const firstCharacters = 2000;

interface Props {
  value: unknown;
  label: string;
  /** How many levels stand open at first. (Default: 2) */
  openDepth?: number;
  /** In pixels. (Default: 480) */
  maxHeight?: number;
  className?: string;
}

/** Any JSON as a tree that folds. Long lists and texts are drawn in parts; the copy is whole. */
export function JsonView({ value, label, openDepth = 2, maxHeight = 480, className }: Props) {
  return (
    <figure
      className={cn('min-w-0 overflow-hidden rounded-lg border border-border bg-surface-code', className)}
    >
      <figcaption className="flex h-8 items-center gap-2 border-b border-border bg-surface-2 pr-0.5 pl-3 text-xs font-medium text-text-2">
        <span className="min-w-0 flex-1 truncate">{label}</span>
        <CopyButton label={label} text={() => JSON.stringify(value, null, 2)} />
      </figcaption>
      <div
        tabIndex={0}
        role="group"
        aria-label={label}
        style={{ maxHeight }}
        className="overflow-auto p-2 font-mono text-xs leading-5 outline-offset-[-2px]"
      >
        <Member name={null} value={value} depth={0} openDepth={openDepth} />
      </div>
    </figure>
  );
}

interface MemberProps {
  name: string | null;
  value: unknown;
  depth: number;
  openDepth: number;
}

function Member({ name, value, depth, openDepth }: MemberProps) {
  const key = name === null ? null : <span className="text-text-2">{name}: </span>;
  if (value === null || typeof value !== 'object') {
    return (
      <div className="pl-5 wrap-anywhere">
        {key}
        <Scalar value={value} />
      </div>
    );
  }
  return <Branch nameTag={key} value={value} depth={depth} openDepth={openDepth} />;
}

function Branch({
  nameTag,
  value,
  depth,
  openDepth,
}: {
  nameTag: ReactNode;
  value: object;
  depth: number;
  openDepth: number;
}) {
  const isList = Array.isArray(value);
  const members: [string, unknown][] = Object.entries(value);
  const [isOpen, setIsOpen] = useState(depth < openDepth && members.length <= firstMembers);
  const [shown, setShown] = useState(firstMembers);
  const [left, right] = isList ? ['[', ']'] : ['{', '}'];
  if (members.length === 0) {
    return (
      <div className="pl-5">
        {nameTag}
        <span className="text-text-3">{left + right}</span>
      </div>
    );
  }
  return (
    <div>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
        className="flex min-h-6 w-full items-center rounded-sm text-left outline-offset-[-2px] hover:bg-surface-2"
      >
        <ChevronRight
          aria-hidden
          className={cn('mr-1 size-4 shrink-0 text-text-3 transition-transform', isOpen && 'rotate-90')}
        />
        <span className="min-w-0 truncate">
          {nameTag}
          <span className="text-text-3">
            {isOpen ? left : `${left} … ${right}`}{' '}
            {isList ? text.items(members.length) : text.keys(members.length)}
          </span>
        </span>
      </button>
      {isOpen ? (
        <div className="ml-2 border-l border-border pl-2">
          {members.slice(0, shown).map(([name, member]) => (
            <Member key={name} name={name} value={member} depth={depth + 1} openDepth={openDepth} />
          ))}
          {members.length > shown ? (
            <button
              type="button"
              className="link ml-5 min-h-6"
              onClick={() => setShown(shown + 10 * firstMembers)}
            >
              {text.more} ({members.length - shown})
            </button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

function Scalar({ value }: { value: unknown }) {
  const [isWhole, setIsWhole] = useState(false);
  if (value === secretMask) {
    return (
      <span className="text-text-2">
        <Lock aria-hidden className="mr-1 inline size-3 align-[-1px]" />
        <span aria-hidden>•••</span>
        <span className="sr-only">{text.hiddenSecret}</span>
      </span>
    );
  }
  if (typeof value === 'string') {
    const isLong = value.length > firstCharacters;
    return (
      <>
        <span className="whitespace-pre-wrap text-status-completed">
          &quot;{isLong && !isWhole ? `${value.slice(0, firstCharacters)}…` : value}&quot;
        </span>
        {isLong ? (
          <button type="button" className="link ml-2 min-h-6" onClick={() => setIsWhole(!isWhole)}>
            {isWhole ? text.showLess : text.characters(value.length)}
          </button>
        ) : null}
      </>
    );
  }
  if (typeof value === 'number') return <span className="text-status-running">{String(value)}</span>;
  if (typeof value === 'boolean') return <span className="text-status-waiting">{String(value)}</span>;
  return <span className="text-text-3">{String(value)}</span>;
}
