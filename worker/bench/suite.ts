import type { Ground } from './ground';

/** The middle of several rounds, and how far they lie apart. */
export interface Spread {
  p50: number;
  least: number;
  most: number;
}

/** What a ratio should be. */
export type Goal = { atMost: number } | { atLeast: number };

/**
 * One line of the report: something measured, and what it was measured beside in the same rounds. The ratio is taken
 * round by round, so that a machine that is slow for a while is slow for both.
 */
export interface Row {
  what: string;
  measured: Spread;
  beside: Spread & { what: string };
  ratio: Spread;
  unit: string;
  goal: Goal | null;
  rounds: number;
}

export interface Limits {
  /** How often everything is measured. (Default: 5) */
  rounds: number;
  /** No further round begins after this time. (Default: 240) */
  seconds: number;
}

/**
 * One question to the product, with a database and worker of its own, so that it answers the same alone as among
 * others.
 */
export interface Case {
  name: string;
  title: string;
  measure(ground: Ground, limits: Limits): Promise<Row[]>;
}

/** What `npm run bench -- <name>` measures. */
export interface Suite {
  name: string;
  cases: readonly Case[];
}

/** Whether the middle round met the goal; null where there is none. */
export function isMet({ ratio, goal }: Row): boolean | null {
  if (goal === null) return null;
  return 'atMost' in goal ? ratio.p50 <= goal.atMost : ratio.p50 >= goal.atLeast;
}
