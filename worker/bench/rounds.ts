import type { Goal, Limits, Row, Spread } from './suite';

/** A value and what it was measured beside, in one round. */
interface Pair {
  measured: number;
  beside: number;
}

/** What a line says beside its numbers. */
export interface Line {
  /** What the measured value is compared with, in a few words. */
  beside: string;
  unit: string;
  goal: Goal | null;
}

/** The pairs of several rounds, by what they say; gives the rows in the order in which they were first noted. */
export class Book {
  private readonly lines = new Map<string, Line & { pairs: Pair[] }>();

  note(what: string, pair: Pair, line: Line): void {
    const known = this.lines.get(what);
    if (known) known.pairs.push(pair);
    else this.lines.set(what, { ...line, pairs: [pair] });
  }

  get rows(): Row[] {
    return [...this.lines].map(([what, { beside, unit, goal, pairs }]) => ({
      what,
      measured: toSpread(pairs.map((pair) => pair.measured)),
      beside: { what: beside, ...toSpread(pairs.map((pair) => pair.beside)) },
      ratio: toSpread(pairs.map((pair) => pair.measured / pair.beside)),
      unit,
      goal,
      rounds: pairs.length,
    }));
  }
}

/** Repeats `round` as often as asked, at least once, until the time is over. */
export async function inRounds(limits: Limits, round: (number: number) => Promise<void>): Promise<void> {
  const untilMs = performance.now() + limits.seconds * 1000;
  for (let number = 0; number < limits.rounds; number += 1) {
    if (number > 0 && performance.now() > untilMs) return;
    await round(number);
  }
}

/** Does `work` with a slice of the floor before it and one after it; gives the floor's mean of both. */
export async function between<T>(
  floor: () => Promise<number>,
  work: () => Promise<T>,
): Promise<{ value: T; floor: number }> {
  const before = await floor();
  const value = await work();
  return { value, floor: mean([before, await floor()]) };
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Calls `work` several times, one after the other. Gives what it gave. */
export async function repeat<T>(times: number, work: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let done = 0; done < times; done += 1) results.push(await work());
  return results;
}

function toSpread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const at = (place: number) => sorted[place] ?? Number.NaN;
  return {
    p50: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    least: at(0),
    most: at(sorted.length - 1),
  };
}
