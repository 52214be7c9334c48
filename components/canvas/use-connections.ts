'use client';

import { useReactFlow, type IsValidConnection, type OnConnect, type OnConnectEnd } from '@xyflow/react';
import { useCallback } from 'react';
import { toast } from '@/components/ui/toast';
import { canvas as strings } from '../strings/canvas';
import { card, type Exit } from './geometry';
import type { CanvasNode, TransitionEdge } from './graph';
import type { CanvasEdits } from './view';

/** Drawing lines: which are taken, and what becomes of one that is let go over nothing. */
export function useConnections(edits: CanvasEdits | null) {
  const flow = useReactFlow<CanvasNode, TransitionEdge>();

  const isValidConnection = useCallback<IsValidConnection<TransitionEdge>>(
    ({ source, sourceHandle, target }) =>
      !flow
        .getEdges()
        .some(
          (edge) =>
            edge.source === source &&
            edge.sourceHandle === sourceHandle &&
            edge.target === target &&
            edge.data?.kind === sourceHandle,
        ),
    [flow],
  );

  const onConnect = useCallback<OnConnect>(
    ({ source, sourceHandle, target }) => edits?.connect(source, sourceHandle as Exit, target),
    [edits],
  );

  const onConnectEnd = useCallback<OnConnectEnd>(
    (event, connection) => {
      if (!edits || !connection.fromNode || connection.fromHandle.type !== 'source') return;
      if (connection.toNode) {
        if (connection.isValid === false) toast.info(strings.alreadyConnected);
        return;
      }
      const at = 'changedTouches' in event ? event.changedTouches[0] : event;
      if (!at) return;
      const screen = { x: at.clientX, y: at.clientY };
      const point = flow.screenToFlowPosition(screen);
      edits.connectToNothing(
        connection.fromNode.id,
        connection.fromHandle.id as Exit,
        { x: point.x - card.width / 2, y: point.y },
        screen,
      );
    },
    [edits, flow],
  );

  return { isValidConnection, onConnect, onConnectEnd };
}
