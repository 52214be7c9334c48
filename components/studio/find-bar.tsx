'use client';

import { ChevronDown, ChevronUp, Search, X } from 'lucide-react';
import { useMemo, useState } from 'react';
import { IconButton } from '@/components/ui/icon-button';
import { Input } from '@/components/ui/input';
import { studio } from '../strings/studio';
import { findMatches } from './find-matches';
import { useStudio } from './studio-context';

const strings = studio.find;

/** Finds words in tasks and goes from one place to the next: Enter, Shift+Enter, Escape. */
export function FindBar({ onShow, onClose }: { onShow: (task: string) => void; onClose: () => void }) {
  const { draft, select } = useStudio();
  const [words, setWords] = useState('');
  const [at, setAt] = useState(-1);
  const matches = useMemo(() => findMatches(draft.definition, words), [draft.definition, words]);
  const here = at < 0 ? null : (matches[at] ?? null);
  const go = (by: number) => {
    if (matches.length === 0) return;
    const next = at < 0 ? (by > 0 ? 0 : matches.length - 1) : (at + by + matches.length) % matches.length;
    const match = matches[next];
    if (!match) return;
    setAt(next);
    const { task, transition } = match;
    select(
      transition === null
        ? { tasks: [task], transition: null }
        : { tasks: [], transition: { task, index: transition } },
    );
    onShow(task);
  };
  return (
    <search
      aria-label={strings.title}
      className="flex flex-wrap items-center gap-2 border-b border-border bg-surface px-3 py-1.5"
    >
      <div className="w-64 max-w-full">
        <Input
          autoFocus
          size="sm"
          type="search"
          icon={<Search />}
          aria-label={strings.title}
          placeholder={strings.placeholder}
          value={words}
          onChange={({ target }) => {
            setWords(target.value);
            setAt(-1);
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter') go(event.shiftKey ? -1 : 1);
            else if (event.key === 'Escape') onClose();
            else return;
            event.preventDefault();
            event.stopPropagation();
          }}
        />
      </div>
      <p role="status" className="min-w-24 text-xs text-text-2">
        {words.trim() === ''
          ? ''
          : here
            ? strings.at(at + 1, matches.length, here.task, here.field)
            : strings.count(matches.length)}
      </p>
      <span className="ml-auto flex">
        <IconButton label={strings.previous} icon={<ChevronUp />} onClick={() => go(-1)} />
        <IconButton label={strings.next} icon={<ChevronDown />} onClick={() => go(1)} />
        <IconButton label={strings.close} icon={<X />} onClick={onClose} />
      </span>
    </search>
  );
}
