/** What a worker says of its walls: `L2: a, b; not held: c, d`. */
export interface Walls {
  level: string;
  holds: string[];
  missing: string[];
}

/** Reads what a worker says of its walls; of other words the first is the level. */
export function readWalls(text: string): Walls {
  const [held = '', missing = ''] = text.split('; not held: ');
  const [level = '', ...promises] = held.split(': ');
  const list = (words: string) => words.split(', ').filter((word) => word !== '');
  return { level, holds: list(promises.join(': ')), missing: list(missing) };
}
