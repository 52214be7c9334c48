import { secretMask } from '@/engine/definition/secret-parameters';
import type { Json } from '@/engine/expression/expression';
import { setOwn } from '@/engine/expression/value';
import type { Outcome } from '@/server/executions/claims';
import { PhraseFinder } from './phrase-finder';
import { spellingsOf } from './secret-spellings';

/** Shorter ones would take half of every output away, and protect nothing. */
const shortestCharacters = 4;
/** All secrets of one execution together; what is longer can't be looked for at a bearable price. */
const mostCharacters = 16_384;
const withheld =
  '[nothing of the output is kept: the secrets of this execution are longer than 16 KB, too long to be looked for]';

/** A stream of text without its secrets. What may be the beginning of one is held back until it is known. */
export interface RedactedStream {
  write: (text: string) => string;
  /** What was held back, when nothing more comes. */
  end: () => string;
  /** The same, when more would have come: the beginning of a secret is masked. */
  cut: () => string;
}

/**
 * Takes the secrets of one execution out of what it says: as they are, as JSON, URLs, shell scripts, base64 and hex
 * write them, also where they cross the border of two chunks. Secrets of fewer than 4 characters are not looked
 * for; when they are longer than 16 KB together, nothing is let through.
 */
export class Redactor {
  private readonly finder: PhraseFinder | null;
  private readonly isTooMuch: boolean;

  /** @param secrets the texts to take out */
  constructor(secrets: readonly string[]) {
    const known = [...new Set(secrets)].filter((secret) => secret.length >= shortestCharacters);
    this.isTooMuch = known.reduce((sum, secret) => sum + secret.length, 0) > mostCharacters;
    const phrases = this.isTooMuch ? [] : [...new Set(known.flatMap(spellingsOf))];
    const long = phrases.filter((phrase) => phrase.length >= shortestCharacters);
    this.finder = long.length > 0 ? new PhraseFinder(long) : null;
  }

  redact(text: string): string {
    if (this.isTooMuch) return text === '' ? '' : withheld;
    if (!this.finder) return text;
    const stream = new Redaction(this.finder);
    return stream.write(text) + stream.end();
  }

  /** Every text in it redacted, names too, and a number that is a secret itself. */
  redactJson(value: Json): Json {
    if (this.isTooMuch) return value === null ? null : secretMask;
    if (!this.finder) return value;
    if (typeof value === 'string') return this.redact(value);
    if (typeof value === 'number') {
      const text = String(value);
      return this.redact(text) === text ? value : secretMask;
    }
    if (Array.isArray(value)) return value.map((entry) => this.redactJson(entry));
    if (value === null || typeof value !== 'object') return value;
    const redacted: { [key: string]: Json } = {};
    for (const [name, member] of Object.entries(value))
      setOwn(redacted, this.redact(name), this.redactJson(member));
    return redacted;
  }

  /** How an attempt ended, without secrets in what it printed, gave back, or broke with. */
  redactOutcome(outcome: Outcome): Outcome {
    if (!this.finder && !this.isTooMuch) return outcome;
    const result = { ...outcome.result };
    for (const name of ['stdout', 'stderr', 'error', 'data'])
      if (result[name] !== undefined) result[name] = this.redactJson(result[name]);
    return { ...outcome, result, error: outcome.error === null ? null : this.redact(outcome.error) };
  }

  stream(): RedactedStream {
    if (this.isTooMuch) return new Withholding();
    return this.finder ? new Redaction(this.finder) : through;
  }
}

const through: RedactedStream = { write: (text) => text, end: () => '', cut: () => '' };

class Withholding implements RedactedStream {
  private hasSaid = false;

  write(text: string): string {
    if (text === '' || this.hasSaid) return '';
    this.hasSaid = true;
    return `${withheld}\n`;
  }

  end(): string {
    return '';
  }

  cut(): string {
    return '';
  }
}

/** Where a secret stands; counted in characters from the beginning of the stream. */
interface Span {
  from: number;
  to: number;
}

class Redaction implements RedactedStream {
  private state = 0;
  /** What has been read and not given out; it begins at `base`. */
  private pending = '';
  private base = 0;
  /** Secrets in `pending`, in order, apart from each other. */
  private spans: Span[] = [];
  /** The last thing given out was a mask: a secret that follows at once is part of it. */
  private isMasking = false;

  constructor(private readonly finder: PhraseFinder) {}

  write(text: string): string {
    const { finder } = this;
    let position = this.base + this.pending.length;
    this.pending += text;
    for (let index = 0; index < text.length; index += 1) {
      this.state = finder.next(this.state, text.charCodeAt(index));
      position += 1;
      const found = finder.longestEnding(this.state);
      if (found > 0) this.mark(position - found, position);
    }
    // Only the part that is the beginning of a phrase may still turn out to be one.
    return this.giveOut(position - finder.begun(this.state));
  }

  end(): string {
    return this.giveOut(this.base + this.pending.length);
  }

  cut(): string {
    const to = this.base + this.pending.length;
    const begun = this.finder.begun(this.state);
    if (begun >= shortestCharacters) this.mark(to - begun, to);
    return this.giveOut(to);
  }

  private mark(from: number, to: number): void {
    let start = from;
    for (let last = this.spans.at(-1); last && last.to >= start; last = this.spans.at(-1)) {
      start = Math.min(start, last.from);
      this.spans.pop();
    }
    this.spans.push({ from: start, to });
  }

  private giveOut(until: number): string {
    let out = '';
    let cursor = this.base;
    const later: Span[] = [];
    for (const span of this.spans) {
      if (span.from >= until) {
        later.push(span);
        continue;
      }
      out += this.plain(cursor, span.from) + (this.isMasking ? '' : secretMask);
      this.isMasking = true;
      cursor = Math.min(span.to, until);
      if (span.to > until) later.push({ from: until, to: span.to });
    }
    out += this.plain(cursor, until);
    this.pending = this.pending.slice(until - this.base);
    this.base = until;
    this.spans = later;
    return out;
  }

  private plain(from: number, to: number): string {
    if (to <= from) return '';
    this.isMasking = false;
    return this.pending.slice(from - this.base, to - this.base);
  }
}
