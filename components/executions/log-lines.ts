import Anser from 'anser';
import type { LogChunk } from '@/components/live/use-log';

export interface LogSpan {
  text: string;
  /** Class names of the ANSI colours and decorations; empty for plain text. */
  className: string;
}

export interface LogLine {
  number: number;
  stream: LogChunk['stream'];
  text: string;
  spans: LogSpan[];
}

interface Part {
  content: string;
  fg: string | null;
  bg: string | null;
  decorations: string[];
}

function toSpans(line: string): LogSpan[] {
  if (!line.includes('\u001b')) return [{ text: line, className: '' }];
  return (Anser.ansiToJson(line, { use_classes: true, remove_empty: true }) as unknown as Part[]).map(
    ({ content, fg, bg, decorations }) => ({
      text: content,
      className: [fg && `${fg}-fg`, bg && `${bg}-bg`, ...decorations.map((word) => `ansi-${word}`)]
        .filter(Boolean)
        .join(' '),
    }),
  );
}

const cursorMoves = /\u001b\[[0-9;?]*[A-HJKSTfhilnsu]/g;

/**
 * Cuts chunks into lines, each stream's unfinished line going on in its next chunk. Keeps what it has cut: chunks
 * only ever grow at the end, so a flood costs what is new.
 */
export class LogLines {
  readonly lines: LogLine[] = [];
  private taken = 0;
  private readonly unfinished = new Map<string, LogLine>();

  add(chunks: readonly LogChunk[]): readonly LogLine[] {
    for (const chunk of chunks.slice(this.taken)) this.cut(chunk);
    this.taken = chunks.length;
    return this.lines;
  }

  private cut({ stream, content }: LogChunk): void {
    const pieces = content.split('\n');
    pieces.forEach((piece, index) => {
      const isLast = index === pieces.length - 1;
      const open = this.unfinished.get(stream);
      if (open) this.write(open, open.text + piece);
      else if (!isLast || piece !== '')
        this.lines.push(this.write({ number: this.lines.length + 1, stream, text: '', spans: [] }, piece));
      if (!isLast) this.unfinished.delete(stream);
      else if (!open && piece !== '') this.unfinished.set(stream, this.lines.at(-1) as LogLine);
    });
  }

  private write(line: LogLine, raw: string): LogLine {
    // A carriage return starts the line anew, as progress bars mean it to.
    const text = raw.replaceAll(cursorMoves, '').replace(/\r$/, '').split('\r').at(-1) ?? '';
    line.text = text;
    line.spans = toSpans(text);
    return line;
  }
}

/** The lines that match; an unreadable pattern is taken as plain text. Case does not matter. */
export function findLines(
  lines: readonly LogLine[],
  search: string,
  streams: ReadonlySet<string>,
): LogLine[] {
  const shown = lines.filter(({ stream }) => streams.has(stream));
  if (search === '') return shown;
  const pattern = toPattern(search);
  return shown.filter(({ spans }) => pattern.test(spans.map(({ text }) => text).join('')));
}

function toPattern(search: string): RegExp {
  try {
    return new RegExp(search, 'i');
  } catch {
    return new RegExp(search.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`), 'i');
  }
}
