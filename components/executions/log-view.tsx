'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDownToLine, Download, Search } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useLog } from '@/components/live/use-log';
import { strings } from '@/components/strings';
import { cn } from '@/components/ui/cn';
import { IconButton } from '@/components/ui/icon-button';
import { Input } from '@/components/ui/input';
import { findLines, LogLines } from './log-lines';

const lineHeight = 20;
const allStreams = ['stdout', 'stderr', 'system'] as const;

/** The output of one execution as it streams: search, streams apart, ANSI colours, follows its end until scrolled away. */
export function LogView({ executionId, canStream }: { executionId: number; canStream: boolean }) {
  const { chunks, ended, reconnecting } = useLog(executionId);
  const cut = useMemo(() => new LogLines(), [executionId]); // eslint-disable-line react-hooks/exhaustive-deps -- one cutter per execution
  const [search, setSearch] = useState('');
  const [streams, setStreams] = useState<ReadonlySet<string>>(new Set(allStreams));
  const [follows, setFollows] = useState(true);
  const scroller = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => findLines(cut.add(chunks), search, streams), [cut, chunks, search, streams]);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => lineHeight,
    overscan: 30,
  });

  useEffect(() => {
    if (follows && lines.length > 0) virtual.scrollToIndex(lines.length - 1, { align: 'end' });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- follows what arrives, not how it is drawn
  }, [lines.length, follows]);

  const onScroll = () => {
    const box = scroller.current;
    if (box) setFollows(box.scrollHeight - box.scrollTop - box.clientHeight < lineHeight * 2);
  };
  const toggle = (stream: string) =>
    setStreams((known) =>
      known.has(stream)
        ? new Set([...known].filter((other) => other !== stream))
        : new Set([...known, stream]),
    );
  const download = () => {
    const url = URL.createObjectURL(
      new Blob([cut.lines.map(({ spans }) => spans.map(({ text }) => text).join('')).join('\n')], {
        type: 'text/plain',
      }),
    );
    Object.assign(document.createElement('a'), {
      href: url,
      download: `execution-${executionId}.log`,
    }).click();
    URL.revokeObjectURL(url);
  };
  const text = strings.executions.log;

  return (
    <section aria-label={text.title} className="flex h-full min-h-0 flex-col">
      <div className="flex flex-wrap items-center gap-2 border-b border-border px-2 py-1.5">
        <div className="relative min-w-32 flex-1">
          <Search
            aria-hidden
            className="pointer-events-none absolute top-1/2 left-2 size-3.5 -translate-y-1/2 text-text-3"
          />
          <Input
            aria-label={text.search}
            placeholder={text.search}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            className="h-7 pl-7 text-xs"
          />
        </div>
        {(['stdout', 'stderr'] as const).map((stream) => (
          <label key={stream} className="flex h-6 items-center gap-1.5 text-xs text-text-2">
            <input
              type="checkbox"
              checked={streams.has(stream)}
              onChange={() => toggle(stream)}
              className="accent-accent"
            />
            {stream}
          </label>
        ))}
        <IconButton
          label={text.follow}
          size="sm"
          aria-pressed={follows}
          onClick={() => setFollows(true)}
          icon={<ArrowDownToLine />}
        />
        <IconButton
          label={text.download}
          size="sm"
          onClick={download}
          icon={<Download />}
          disabled={cut.lines.length === 0}
        />
      </div>
      {reconnecting ? (
        <p role="status" className="px-3 py-1 text-xs text-text-2">
          {text.reconnecting}
        </p>
      ) : null}
      {lines.length === 0 ? (
        <p className="p-4 text-sm text-text-2">
          {cut.lines.length > 0
            ? text.nothingFound
            : !canStream
              ? text.doesNotStream
              : ended
                ? text.wasSilent
                : text.noneYet}
        </p>
      ) : (
        <div
          ref={scroller}
          onScroll={onScroll}
          tabIndex={0}
          role="log"
          aria-label={text.title}
          aria-live="off"
          className="min-h-0 flex-1 overflow-auto bg-surface-code py-1 font-mono text-xs leading-5 focus-visible:ring-2 focus-visible:ring-focus focus-visible:ring-inset"
        >
          <div className="relative" style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map(({ index, start }) => {
              const line = lines[index];
              return line ? (
                <div
                  key={line.number}
                  className="absolute inset-x-0 top-0 flex whitespace-pre"
                  style={{ transform: `translateY(${start}px)`, height: lineHeight }}
                >
                  <span aria-hidden className="w-12 shrink-0 pr-3 text-right text-text-3 select-none">
                    {line.number}
                  </span>
                  <span
                    className={cn(
                      'pr-4',
                      line.stream === 'stderr' && 'text-status-failed',
                      line.stream === 'system' && 'text-text-3 italic',
                    )}
                  >
                    {line.spans.map((span, part) => (
                      <span key={part} className={span.className}>
                        {span.text}
                      </span>
                    ))}
                  </span>
                </div>
              ) : null;
            })}
          </div>
        </div>
      )}
    </section>
  );
}
