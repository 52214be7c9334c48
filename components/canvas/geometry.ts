/** Sizes that the card, its handles, the layout and the drop share, in canvas pixels. */
export const card = { width: 240, height: 84 } as const;
export const terminal = { width: 76, height: 28 } as const;
export const grid = 12;

/** The ways out of a card, left to right along its lower edge; each is a handle. */
export const exits = ['success', 'failure', 'always', 'timeout'] as const;
export type Exit = (typeof exits)[number];

/** Where a way out leaves the card, from its left edge. The hit areas (24 px) do not touch. */
export const exitX: Record<Exit, number> = { success: 60, failure: 100, always: 140, timeout: 180 };
export const entryX = card.width / 2;

export interface Point {
  x: number;
  y: number;
}

export function snap(point: Point): Point {
  return { x: Math.round(point.x / grid) * grid, y: Math.round(point.y / grid) * grid };
}

/** The nearest free place at or below a point: a new card covers none that is there. */
export function freePlace(wanted: Point, taken: Iterable<Point>): Point {
  const others = [...taken];
  let place = snap(wanted);
  const blocked = (at: Point) =>
    others.some(
      (other) =>
        Math.abs(other.x - at.x) < card.width + grid && Math.abs(other.y - at.y) < card.height + grid,
    );
  for (let tries = 0; tries < 200 && blocked(place); tries++) {
    place =
      tries % 4 === 3
        ? { x: snap(wanted).x, y: place.y + card.height + 4 * grid }
        : { x: place.x + card.width + 3 * grid, y: place.y };
  }
  return place;
}
