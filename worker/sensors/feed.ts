import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';
import type { Json } from '@/engine/expression/expression';
import type { SensorEvent, SensorPiece, Stored } from '@/server/sensors/pieces';
import type { SensorStream } from '@/server/sensors/schema';
import { log } from '@/server/log';
import { monotonicMs } from '../monotonic';
import type { Redactor } from '../redactor';
import { toCleanText } from '../sandbox/clean-text';
import type { StreamName } from '../sandbox/output';
import type { Listener } from '../sandbox/run-process';
import { Lines, type Line } from './lines';
import { readLine } from './protocol';

const mostEventsAtOnce = 200;
/** Beyond so much that waits to be stored, the program's pipes are left alone, and so it waits. */
const pauseAt = { events: 500, characters: 2_097_152 };
const eventsPerSecond = 200;
const logCharactersPerMs = 1_000;
const logPieceCharacters = 65_536;
const logMs = 200;
const checkpointMs = 10;
/** So long events wait for the checkpoint behind them, where the sensor keeps none so far, and where it does. */
const waitMs = { first: 100, later: 1_000 };
/** After so much of its log, what is too old is removed. */
const trimEvery = { pieces: 100, characters: 262_144 };

/** An event, or a checkpoint. */
type Item = { event: SensorEvent; characters: number } | { cursor: Json };

interface Sinks {
  /** Stores a piece; null where the sensor is not ours any more. It retries by itself and rejects only for good. */
  store: (number: number, piece: SensorPiece) => Promise<Stored>;
  trim: () => Promise<void>;
  /** Nothing more can be stored: the process must end. */
  onLost: () => void;
  onBroken: (error: Error) => void;
}

/**
 * What a sensor prints, on its way to the database: events and the cursor behind them in one transaction, in order, bounded
 * in memory and in rate. Whoever prints faster waits.
 */
export class SensorFeed implements Listener {
  private readonly lines = new Lines();
  private readonly decoder = new StringDecoder('utf8');
  private readonly redactions;
  private readonly sources: Readable[] = [];
  private items: Item[] = [];
  private itemsSinceMs = 0;
  private log: { stream: SensorStream; content: string }[] = [];
  private logSinceMs = 0;
  private characters = 0;
  private eventsWaiting = 0;
  private number = 0;
  private notBeforeMs = 0;
  private timer: NodeJS.Timeout | undefined;
  private storing: Promise<void> | null = null;
  private isClosed = false;
  private sinceTrim = { pieces: 0, characters: 0 };
  /** The last of what it printed to stderr, for its error. */
  lastWords = '';

  constructor(
    private readonly triggerRefs: readonly string[],
    private readonly redactor: Redactor,
    private readonly sinks: Sinks,
    /** Whether it keeps a cursor, as far as is known. */
    private keepsCursor: boolean,
  ) {
    this.redactions = { stdout: redactor.stream(), stderr: redactor.stream() };
  }

  attach(stream: StreamName, source: Readable): void {
    this.sources.push(source);
    source.on('data', (bytes: Buffer) => {
      if (stream === 'stdout') this.take(this.lines.take(bytes));
      else this.keepError(this.decoder.write(bytes));
    });
    source.on('error', () => source.destroy());
  }

  get isPaused(): boolean {
    return this.sources.some((source) => source.isPaused());
  }

  /** A line of ours in its log. */
  say(message: string): void {
    this.keep('stderr', `attune: ${this.redactor.redact(message)}\n`);
  }

  /** Everything is stored when this resolves, but for what takes longer; nothing more is where it was lost. */
  async end(limitMs: number): Promise<void> {
    const untilMs = monotonicMs() + limitMs;
    this.take(this.lines.end());
    this.keepError(this.decoder.end());
    for (const stream of ['stdout', 'stderr'] as const) this.keep(stream, this.redactions[stream].end());
    while (!this.isClosed && (this.storing || this.hasWaiting)) {
      if (!this.storing && monotonicMs() > untilMs) {
        log.warn({ events: this.eventsWaiting }, 'a sensor said more than could be stored before its end');
        break;
      }
      if (!this.storing) this.flush(true);
      await this.storing;
    }
    this.close();
  }

  /** Nothing is stored any more. */
  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    for (const source of this.sources) source.resume();
  }

  private get hasWaiting(): boolean {
    return this.items.length > 0 || this.log.length > 0;
  }

  private take(lines: readonly Line[]): void {
    for (const { text, isWhole } of lines) {
      const said = isWhole ? readLine(text, this.triggerRefs) : ({ kind: 'text' } as const);
      switch (said.kind) {
        case 'text':
          this.keep('stdout', this.redactions.stdout.write(`${text}\n`));
          break;
        case 'log':
          this.keep('stdout', this.redactions.stdout.write(`${said.level.toUpperCase()} ${said.message}\n`));
          break;
        case 'problem':
          this.say(said.message);
          break;
        case 'checkpoint':
          this.checkpoint(said.cursor);
          break;
        case 'event': {
          const { triggerRef, dedupe, cursor } = said;
          const event = { triggerRef, dedupe, payload: this.redactor.redactJson(said.payload) };
          this.add({ event, characters: text.length });
          if (cursor !== undefined) this.checkpoint(cursor);
        }
      }
    }
  }

  /** One that holds a secret would be shown; with a mask in it, it would lead nowhere. */
  private checkpoint(cursor: Json): void {
    const text = JSON.stringify(cursor);
    if (this.redactor.redact(text) !== text)
      this.say('A checkpoint was left out: its cursor holds the value of an encrypted key.');
    else this.add({ cursor });
  }

  private add(item: Item): void {
    if (this.items.length === 0) this.itemsSinceMs = monotonicMs();
    if ('cursor' in item) {
      this.keepsCursor = true;
      // Of several in a row only the last counts.
      const last = this.items.at(-1);
      if (last && 'cursor' in last) this.items.pop();
    } else {
      this.eventsWaiting += 1;
      this.characters += item.characters;
    }
    this.items.push(item);
    this.plan();
  }

  private keepError(text: string): void {
    if (text === '') return;
    const shown = this.redactions.stderr.write(text.replaceAll('\0', '\ufffd'));
    this.lastWords = (this.lastWords + shown).slice(-1_000);
    this.keep('stderr', shown);
  }

  private keep(stream: SensorStream, written: string): void {
    if (written === '') return;
    const content = toCleanText(written);
    if (this.log.length === 0) this.logSinceMs = monotonicMs();
    const last = this.log.findLast((piece) => piece.stream === stream);
    if (last && last.content.length + content.length <= logPieceCharacters) last.content += content;
    else this.log.push({ stream, content });
    this.characters += content.length;
    this.plan();
  }

  /** When something is to be stored at the latest. */
  private dueMs(): number {
    const { items } = this;
    const isFull = this.eventsWaiting >= mostEventsAtOnce || this.characters > logPieceCharacters;
    const hasCheckpoint = items.some((item) => 'cursor' in item);
    const wait = this.keepsCursor ? waitMs.later : waitMs.first;
    const itemsAt =
      items.length === 0 ? Infinity : isFull ? 0 : this.itemsSinceMs + (hasCheckpoint ? checkpointMs : wait);
    const logAt = this.log.length === 0 ? Infinity : isFull ? 0 : this.logSinceMs + logMs;
    return Math.max(Math.min(itemsAt, logAt), this.notBeforeMs);
  }

  private plan(): void {
    if (this.isClosed) return;
    if (this.eventsWaiting > pauseAt.events || this.characters > pauseAt.characters)
      for (const source of this.sources) source.pause();
    if (this.storing || !this.hasWaiting) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(false), Math.max(this.dueMs() - monotonicMs(), 0));
  }

  private flush(isLast: boolean): void {
    clearTimeout(this.timer);
    if (this.storing || this.isClosed) return;
    const piece = this.nextPiece(isLast);
    this.number += 1;
    this.storing = this.store(this.number, piece).finally(() => {
      this.storing = null;
      if (this.isClosed) return;
      if (this.eventsWaiting <= pauseAt.events / 2 && this.characters <= pauseAt.characters / 2)
        for (const source of this.sources) source.resume();
      this.plan();
    });
  }

  /** What is stored next: up to the last checkpoint, or without one what has waited for it long enough. */
  private nextPiece(isLast: boolean): SensorPiece {
    const { items } = this;
    const room = Math.min(items.length, this.indexOfEvent(mostEventsAtOnce));
    const lastCheckpoint = items.findLastIndex((item, index) => index < room && 'cursor' in item);
    const wait = this.keepsCursor ? waitMs.later : waitMs.first;
    const hasWaited = isLast || room < items.length || monotonicMs() - this.itemsSinceMs >= wait;
    const count =
      lastCheckpoint >= 0 ? lastCheckpoint + 1 : hasWaited || this.characters > logPieceCharacters ? room : 0;
    const taken = items.slice(0, count);
    this.items = items.slice(count);
    if (count > 0) this.itemsSinceMs = monotonicMs();
    const events = taken.flatMap((item) => ('event' in item ? [item.event] : []));
    const last = taken.findLast((item) => 'cursor' in item);
    const printed = this.log;
    this.log = [];
    const logged = printed.reduce((sum, { content }) => sum + content.length, 0);
    this.eventsWaiting -= events.length;
    this.characters = this.items.reduce((sum, item) => sum + ('event' in item ? item.characters : 0), 0);
    this.notBeforeMs =
      monotonicMs() + (events.length * 1_000) / eventsPerSecond + logged / logCharactersPerMs;
    return { events, cursor: last?.cursor, log: printed };
  }

  /** Where the event after so many stands. */
  private indexOfEvent(count: number): number {
    let left = count;
    const index = this.items.findIndex((item) => 'event' in item && (left -= 1) < 0);
    return index < 0 ? this.items.length : index;
  }

  private async store(number: number, piece: SensorPiece): Promise<void> {
    try {
      const stored = await this.sinks.store(number, piece);
      if (stored === null) {
        this.close();
        this.sinks.onLost();
        return;
      }
      for (const problem of stored.problems.slice(0, 20)) this.say(problem);
      await this.trimLog(piece);
    } catch (error) {
      this.close();
      this.sinks.onBroken(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private async trimLog({ log: printed }: SensorPiece): Promise<void> {
    this.sinceTrim.pieces += printed.length;
    this.sinceTrim.characters += printed.reduce((sum, { content }) => sum + content.length, 0);
    const { pieces, characters } = this.sinceTrim;
    if (pieces < trimEvery.pieces && characters < trimEvery.characters) return;
    this.sinceTrim = { pieces: 0, characters: 0 };
    await this.sinks.trim();
  }
}
