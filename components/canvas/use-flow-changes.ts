'use client';

import { useReactFlow, type EdgeChange, type NodeChange } from '@xyflow/react';
import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';
import { toTaskMoves, type Decor } from './decor';
import { dropTargetAt, markDropTarget } from './drag';
import type { Point } from './geometry';
import type { CanvasNode, TransitionEdge } from './graph';
import type { CanvasEdits, CanvasSelection, Positions } from './view';

type Pointer = { clientX: number; clientY: number };

/** What React Flow tells of moves and of what is chosen, in our words. Where cards are while they move lives here. */
export function useFlowChanges(
  region: RefObject<HTMLElement | null>,
  selection: CanvasSelection,
  onSelect: (selection: CanvasSelection) => void,
  edits: CanvasEdits | null,
  /** Frames and notes as they stand, and all places. */
  decorated: RefObject<{ decor: Decor; positions: Positions }>,
) {
  const flow = useReactFlow<CanvasNode, TransitionEdge>();
  const [moving, setMoving] = useState<Record<string, Point> | null>(null);
  /** Counts the drags: the move and what the drop does are one step, two drags are two. */
  const drags = useRef({ count: 0, underWay: false });

  // Several changes may come within one event, before React has rendered the first.
  const chosen = useRef(selection);
  useEffect(() => {
    chosen.current = selection;
  }, [selection]);
  const choose = useCallback(
    (next: CanvasSelection) => {
      chosen.current = next;
      onSelect(next);
    },
    [onSelect],
  );

  const onNodesChange = useCallback(
    (changes: NodeChange<CanvasNode>[]) => {
      const told: Record<string, Point> = {};
      let dragging = false;
      const tasks = new Set(chosen.current.tasks);
      let selects = false;
      for (const change of changes) {
        if (change.type === 'position' && change.position) {
          told[change.id] = change.position;
          dragging ||= change.dragging === true;
        } else if (change.type === 'select') {
          selects = true;
          if (change.selected) tasks.add(change.id);
          else tasks.delete(change.id);
        }
      }
      if (selects)
        choose({ tasks: [...tasks], transition: tasks.size > 0 ? null : chosen.current.transition });
      const { decor, positions } = decorated.current;
      const moved = toTaskMoves(told, decor.nodes, positions);
      const names = Object.keys(moved);
      if (names.length === 0) return;
      if (dragging) {
        if (!drags.current.underWay) drags.current = { count: drags.current.count + 1, underWay: true };
        setMoving((before) => ({ ...before, ...moved }));
      } else {
        // Arrow keys move step by step: what follows closely is one step of the history.
        const key = drags.current.underWay ? `drag ${drags.current.count}` : `keys ${names.join()}`;
        drags.current.underWay = false;
        setMoving(null);
        edits?.move(moved, key);
      }
    },
    [choose, edits, decorated],
  );

  const onEdgesChange = useCallback(
    (changes: EdgeChange<TransitionEdge>[]) => {
      for (const change of changes) {
        if (change.type !== 'select') continue;
        const data = flow.getEdge(change.id)?.data;
        if (!data) continue;
        const here = chosen.current.transition;
        if (change.selected && chosen.current.tasks.length === 0) {
          choose({ tasks: [], transition: { task: data.task, index: data.index } });
        } else if (!change.selected && here?.task === data.task && here.index === data.index) {
          choose({ ...chosen.current, transition: null });
        }
      }
    },
    [choose, flow],
  );

  const onNodeDrag = useCallback(
    (event: unknown, node: CanvasNode, nodes: readonly CanvasNode[]) => {
      // Only a task without lines may go into one; looking what lies below the pointer costs too much for the others.
      if (
        nodes.length !== 1 ||
        flow.getEdges().some(({ source, target }) => source === node.id || target === node.id)
      )
        return;
      const pointer = pointerOf(event);
      if (pointer) markDropTarget(region.current, pointer, node.id);
    },
    [flow, region],
  );
  const onNodeDragStop = useCallback(
    (event: unknown, node: CanvasNode, nodes: readonly CanvasNode[]) => {
      markDropTarget(region.current, null);
      const pointer = pointerOf(event);
      if (!edits || !pointer || nodes.length !== 1) return;
      const data = flow.getEdge(dropTargetAt(pointer, node.id) ?? '')?.data;
      if (!data) return;
      const { task, index, target } = data;
      edits.moveIntoLine(node.id, { task, index, target }, `drag ${drags.current.count}`);
    },
    [edits, flow, region],
  );

  return { moving, chosen, choose, onNodesChange, onEdgesChange, onNodeDrag, onNodeDragStop };
}

function pointerOf(event: unknown): Pointer | null {
  const { changedTouches, clientX, clientY } = event as Partial<TouchEvent & MouseEvent>;
  const at = changedTouches?.[0] ?? { clientX, clientY };
  return at.clientX === undefined || at.clientY === undefined ? null : (at as Pointer);
}
