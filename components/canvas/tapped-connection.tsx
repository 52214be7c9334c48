'use client';

import { Panel, useStore, useStoreApi, type ReactFlowState } from '@xyflow/react';
import { Spline } from 'lucide-react';
import { useEffect } from 'react';
import { canvas as strings } from '../strings/canvas';
import { exits, type Exit } from './geometry';

/** How a connection that was begun by a tap stands to a task: null where it cannot end there, as where it began. */
export type TapTarget = 'valid' | 'refused' | null;

/** Whether a tap on this task ends the connection that a tap on a way out began. */
export function tapTargetOf(
  { connectionClickStartHandle: from, edges }: ReactFlowState,
  id: string,
): TapTarget {
  if (!from || from.nodeId === id) return null;
  const isThere = edges.some(
    (edge) =>
      edge.source === from.nodeId &&
      edge.sourceHandle === from.id &&
      edge.target === id &&
      edge.data?.['kind'] === from.id,
  );
  return isThere ? 'refused' : 'valid';
}

/** Says that a tap on a way out waits for a tap on its target; Escape and a tap elsewhere cancel. */
export function TappedConnection() {
  const store = useStoreApi();
  const from = useStore((state) => state.connectionClickStartHandle);
  useEffect(() => {
    if (!from) return;
    const cancel = () => store.setState({ connectionClickStartHandle: null });
    const onClick = ({ target }: MouseEvent) => {
      const handle = target instanceof Element ? target.closest<HTMLElement>('.react-flow__handle') : null;
      // Another way out begins anew; the same one, and a task, are React Flow's to end.
      const isOther = handle?.matches('.exit') && handle.dataset['handleid'] !== from.id;
      if (!handle || isOther) cancel();
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      cancel();
    };
    document.addEventListener('click', onClick, true);
    document.addEventListener('keydown', onKey, true);
    return () => {
      document.removeEventListener('click', onClick, true);
      document.removeEventListener('keydown', onKey, true);
    };
  }, [from, store]);
  const exit = exits.find((each): each is Exit => each === from?.id);
  return (
    <Panel position="top-center" className="tapped-connection" role="status">
      {from && exit ? (
        <p data-kind={exit}>
          <Spline size={16} aria-hidden="true" />
          {strings.tapTarget(from.nodeId, strings.exits[exit])}
        </p>
      ) : null}
    </Panel>
  );
}
