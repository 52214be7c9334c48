import type { ElkNode } from 'elkjs';
import ELK from 'elkjs/lib/elk-api';
import { card, entryX, exits, exitX, grid, snap, type Exit, type Point } from './geometry';

/** A line between two tasks that the layout should respect. */
export interface TidyLink {
  from: string;
  to: string;
  exit: Exit;
}

let elk: InstanceType<typeof ELK> | undefined;
function layouter(): InstanceType<typeof ELK> {
  elk ??= new ELK({
    workerFactory: () => new Worker(new URL('elkjs/lib/elk-worker.min.js', import.meta.url)),
  });
  return elk;
}

/**
 * Places for the tasks, top to bottom along their transitions, in a web worker. The upper left one stays where
 * `origin` says, so that tidying a selection does not throw it across the canvas.
 */
export async function tidy(
  names: readonly string[],
  links: readonly TidyLink[],
  origin: Point,
): Promise<Record<string, Point>> {
  const graph: ElkNode = {
    id: 'workflow',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'DOWN',
      'elk.spacing.nodeNode': '48',
      'elk.layered.spacing.nodeNodeBetweenLayers': '84',
      'elk.spacing.componentComponent': '72',
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
      'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
      'elk.layered.nodePlacement.favorStraightEdges': 'true',
    },
    children: names.map((name) => ({
      id: name,
      width: card.width,
      height: card.height,
      layoutOptions: { 'elk.portConstraints': 'FIXED_POS' },
      ports: [
        {
          id: `${name}\nin`,
          x: entryX,
          y: 0,
          width: 0,
          height: 0,
          layoutOptions: { 'elk.port.side': 'NORTH' },
        },
        ...exits.map((exit) => ({
          id: `${name}\n${exit}`,
          x: exitX[exit],
          y: card.height,
          width: 0,
          height: 0,
          layoutOptions: { 'elk.port.side': 'SOUTH' },
        })),
      ],
    })),
    edges: links.map(({ from, to, exit }, index) => ({
      id: `link ${index}`,
      sources: [`${from}\n${exit}`],
      targets: [`${to}\nin`],
    })),
  };
  const placed = await layouter().layout(graph);
  const children = placed.children ?? [];
  const left = Math.min(...children.map(({ x = 0 }) => x));
  const top = Math.min(...children.map(({ y = 0 }) => y));
  const from = snap(origin);
  return Object.fromEntries(
    children.map(({ id, x = 0, y = 0 }) => [
      id,
      { x: from.x + Math.round((x - left) / grid) * grid, y: from.y + Math.round((y - top) / grid) * grid },
    ]),
  );
}
