'use client';

import {
  useReactFlow,
  useStoreApi,
  type IsValidConnection,
  type OnConnect,
  type OnConnectEnd,
} from '@xyflow/react';
import { useCallback } from 'react';
import { toast } from '@/components/ui/toast';
import { canvas as strings } from '../strings/canvas';
import { card, type Exit } from './geometry';
import type { CanvasNode, TransitionEdge } from './graph';
import type { CanvasEdits } from './view';

/** Drawing lines, by dragging or by two taps: which are taken, and what becomes of one that is let go over nothing. */
export function useConnections(edits: CanvasEdits | null) {
  const flow = useReactFlow<CanvasNode, TransitionEdge>();
  const store = useStoreApi();

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

  /** A line that is dragged takes the place of one that waits for a tap. */
  const onConnectStart = useCallback(() => store.setState({ connectionClickStartHandle: null }), [store]);
  const onClickConnectEnd = useCallback((event: MouseEvent | TouchEvent) => {
    if ((event.target as Element).closest('[data-tap="refused"]')) toast.info(strings.alreadyConnected);
  }, []);

  return { isValidConnection, onConnect, onConnectEnd, onConnectStart, onClickConnectEnd };
}
