import { card, type Point } from './geometry';

export interface Path {
  d: string;
  /** Where a label stands. */
  label: Point;
}

const lead = 28;
const radius = 12;

/** The line from a card's lower edge to another's upper edge; a way up goes between or round the cards. */
export function transitionPath(from: Point, to: Point, sourceIsTarget: boolean): Path {
  if (!sourceIsTarget && to.y - from.y > 8) return forward(from, to);
  // Beside each other there is a gap to go up through; above each other the way is round the right side.
  const apart = Math.abs(from.x - to.x) > card.width * 1.4;
  const side = apart && !sourceIsTarget ? (from.x + to.x) / 2 : Math.max(from.x, to.x) + card.width * 0.72;
  return roundedPath([
    from,
    { x: from.x, y: from.y + lead },
    { x: side, y: from.y + lead },
    { x: side, y: to.y - lead },
    { x: to.x, y: to.y - lead },
    to,
  ]);
}

function forward(from: Point, to: Point): Path {
  const bend = Math.min(Math.max((to.y - from.y) / 2, lead), (to.y - from.y) * 2);
  return {
    d: `M ${from.x} ${from.y} C ${from.x} ${from.y + bend}, ${to.x} ${to.y - bend}, ${to.x} ${to.y}`,
    label: { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 },
  };
}

function roundedPath(points: Point[]): Path {
  const [first, ...rest] = points as [Point, ...Point[]];
  let d = `M ${first.x} ${first.y}`;
  rest.forEach((corner, index) => {
    const previous = points[index] as Point;
    const next = rest[index + 1];
    if (!next) {
      d += ` L ${corner.x} ${corner.y}`;
      return;
    }
    const size = Math.min(radius, distance(previous, corner) / 2, distance(corner, next) / 2);
    const before = towards(corner, previous, size);
    const after = towards(corner, next, size);
    d += ` L ${before.x} ${before.y} Q ${corner.x} ${corner.y} ${after.x} ${after.y}`;
  });
  const [, , corner, opposite] = points as [Point, Point, Point, Point];
  return { d, label: { x: corner.x, y: (corner.y + opposite.y) / 2 } };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function towards(from: Point, to: Point, by: number): Point {
  const length = distance(from, to) || 1;
  return { x: from.x + ((to.x - from.x) / length) * by, y: from.y + ((to.y - from.y) / length) * by };
}
