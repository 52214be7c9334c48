import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';
import { Redactor, type RedactedStream } from '../redactor';
import { toCleanText } from './clean-text';

export type StreamName = 'stdout' | 'stderr';
export interface Chunk {
  stream: StreamName | 'system';
  content: string;
}

/** Bytes kept of each stream; what comes after is read and thrown away, so that the program never blocks on it. */
export const keptBytes = 10 * 2 ** 20;
/** Characters of each stream in the execution's row: the first and the last half of it. */
export const rowCharacters = 256 * 1024;
/** The most that is read as JSON or YAML. */
export const parsedCharacters = 2 ** 20;
const batchCharacters = 64 * 1024;
const batchMs = 150;
/** Waiting for the database beyond this many characters stops the reading, and so the program. */
const pauseCharacters = 512 * 1024;

/**
 * Frees the memory of a chunk at once instead of at some later garbage collection: under a flood that would be
 * tens of megabytes. Only where the chunk has its memory for itself, as those of a pipe do.
 */
function giveBack(bytes: Buffer): void {
  const memory = bytes.buffer as ArrayBuffer & { transfer: (length: number) => ArrayBuffer };
  if (memory.byteLength === bytes.length && bytes.length > 0) memory.transfer(0);
}

/** One stream of an attempt: decoded, cut, without secrets, and remembered in part. */
class Tap {
  private readonly decoder = new StringDecoder('utf8');
  private bytes = 0;
  private head = '';
  /** The newest pieces; together at least the half of what the row holds, once there was so much. */
  private tail: string[] = [];
  private tailLength = 0;
  /** Characters shown. */
  private length = 0;
  /** As it was printed, for reading data: masks would make it unreadable. */
  private whole: string | null = '';
  isCut = false;

  constructor(private readonly redaction: RedactedStream) {}

  /** The text to log for these bytes: bad UTF-8 and NUL replaced, secrets masked, nothing beyond the limit. */
  read(bytes: Buffer): string {
    if (this.isCut) return '';
    const room = keptBytes - this.bytes;
    this.bytes += bytes.length;
    if (bytes.length <= room) return this.keep(this.take(this.decoder.write(bytes)));
    this.isCut = true;
    const last = this.take(this.decoder.write(bytes.subarray(0, room)));
    return this.keep(`${last}${this.redaction.cut()}\n[output cut at 10 MB]\n`);
  }

  end(): string {
    return this.isCut ? '' : this.keep(this.take(this.decoder.end()) + this.redaction.end());
  }

  private take(decoded: string): string {
    const text = decoded.replaceAll('\0', '\ufffd');
    if (this.whole !== null)
      this.whole = this.whole.length + text.length <= parsedCharacters ? this.whole + text : null;
    return this.redaction.write(text);
  }

  private keep(text: string): string {
    const half = rowCharacters / 2;
    this.length += text.length;
    let rest = text;
    if (this.head.length < half) {
      const room = half - this.head.length;
      this.head += text.slice(0, room);
      rest = text.slice(room);
    }
    if (rest === '') return text;
    // As pieces, since each cut of one long text would make a copy of it: under a flood those add up.
    this.tail.push(rest);
    this.tailLength += rest.length;
    while (this.tailLength - (this.tail[0]?.length ?? 0) >= half)
      this.tailLength -= this.tail.shift()?.length ?? 0;
    return text;
  }

  /** For the row. `isTruncated` is true as well where the log was cut. */
  summary(): { text: string; isTruncated: boolean } {
    const half = rowCharacters / 2;
    const tail = this.tail.join('');
    if (this.length <= rowCharacters) return { text: this.head + tail, isTruncated: this.isCut };
    const left = this.length - rowCharacters;
    // A cut may fall between the halves of one character; Postgres takes whole ones only.
    const text = `${this.head}\n[${left} characters left out here; the log has them]\n${tail.slice(-half)}`;
    return { text: toCleanText(text), isTruncated: true };
  }

  /** All of it, secrets included, or null when it is too long to be read as data. */
  all(): string | null {
    return this.whole;
  }
}

/**
 * What an attempt prints, on its way to the log: in batches, in order, bounded in memory. While the database is
 * slow the program's pipes are paused, so a flood slows only itself.
 */
export class Output {
  private readonly taps: Record<StreamName, Tap>;
  private readonly sources: Readable[] = [];
  private pending: Chunk[] = [];
  private pendingCharacters = 0;
  private flushing: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param write stores the chunks at `firstSeq`, +1, …; it retries by itself and rejects only for good
   * @param redactor knows the secrets that must not be shown (Default: none)
   */
  constructor(
    private readonly write: (chunks: Chunk[], firstSeq: number) => Promise<void>,
    private nextSeq: number,
    private readonly onProblem: (error: Error) => void,
    readonly redactor: Redactor = new Redactor([]),
  ) {
    this.taps = { stdout: new Tap(redactor.stream()), stderr: new Tap(redactor.stream()) };
  }

  attach(stream: StreamName, source: Readable): void {
    this.sources.push(source);
    source.on('data', (bytes: Buffer) => {
      this.push(stream, this.taps[stream].read(bytes));
      giveBack(bytes);
    });
    // A pipe that breaks has told all it had.
    source.on('error', () => source.destroy());
  }

  /** A line of ours beside the program's, such as why it was stopped. */
  say(content: string): void {
    this.push('system', toCleanText(this.redactor.redact(content)));
  }

  /** Text of a built-in action, as if it had been printed. */
  print(stream: StreamName, text: string): void {
    this.push(stream, this.taps[stream].read(Buffer.from(text)));
  }

  private push(stream: Chunk['stream'], content: string): void {
    if (content === '') return;
    const last = this.pending.at(-1);
    if (last?.stream === stream && last.content.length + content.length <= batchCharacters)
      last.content += content;
    else this.pending.push({ stream, content });
    this.pendingCharacters += content.length;
    if (this.pendingCharacters > pauseCharacters) for (const source of this.sources) source.pause();
    if (this.pendingCharacters >= batchCharacters) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), batchMs);
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.flushing || this.pending.length === 0) return;
    const batch = this.pending;
    const firstSeq = this.nextSeq;
    this.pending = [];
    this.pendingCharacters = 0;
    this.nextSeq += batch.length;
    this.flushing = this.write(batch, firstSeq)
      .catch((error: unknown) => this.onProblem(error instanceof Error ? error : new Error(String(error))))
      .then(() => {
        this.flushing = null;
        for (const source of this.sources) source.resume();
        if (this.pendingCharacters >= batchCharacters) this.flush();
        else if (this.pending.length > 0) this.timer ??= setTimeout(() => this.flush(), batchMs);
      });
  }

  /** True while reading is stopped because the database is behind. */
  get isPaused(): boolean {
    return this.sources.some((source) => source.isPaused());
  }

  /** Everything is stored when this resolves. */
  async end(): Promise<void> {
    for (const stream of ['stdout', 'stderr'] as const) this.push(stream, this.taps[stream].end());
    while (this.flushing || this.pending.length > 0) {
      this.flush();
      await this.flushing;
    }
    clearTimeout(this.timer);
  }

  summary(stream: StreamName): { text: string; isTruncated: boolean } {
    return this.taps[stream].summary();
  }

  /** The whole of stdout, secrets included, or null when it is too long to be read as data. */
  data(): string | null {
    return this.taps.stdout.all();
  }
}
