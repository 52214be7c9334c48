/** What the palette puts into a drag, so that nothing else can be dropped on the canvas. */
export const actionDragType = 'application/x-attune-action';

/** The dragged action's ref; while the drag is under way browsers show only its type. */
export function readDraggedAction(data: DataTransfer, underWay: boolean): string | null {
  if (!data.types.includes(actionDragType)) return null;
  return underWay ? actionDragType : data.getData(actionDragType) || null;
}

/** The transition under the pointer, if any: what is dropped there goes in between. The dragged card does not count. */
export function dropTargetAt(
  { clientX, clientY }: { clientX: number; clientY: number },
  dragged: string | null = null,
): string | null {
  for (const element of document.elementsFromPoint(clientX, clientY)) {
    const node = element.closest<HTMLElement>('.react-flow__node');
    if (node && node.dataset['id'] === dragged) continue;
    if (node) return null;
    const transition = element.closest<HTMLElement | SVGElement>('[data-transition]')?.dataset['transition'];
    if (transition) return transition;
  }
  return null;
}

/** Lights up the transition that would be hit. Straight to the page: this runs on every move of the pointer. */
export function markDropTarget(
  region: HTMLElement | null,
  pointer: { clientX: number; clientY: number } | null,
  dragged: string | null = null,
): void {
  const id = pointer ? dropTargetAt(pointer, dragged) : null;
  for (const line of region?.querySelectorAll<SVGElement>('g.transition[data-drop]') ?? []) {
    if (line.dataset['transition'] !== id) delete line.dataset['drop'];
  }
  if (id === null) return;
  const line = region?.querySelector<SVGElement>(`g.transition[data-transition="${CSS.escape(id)}"]`);
  if (line) line.dataset['drop'] = 'true';
}
