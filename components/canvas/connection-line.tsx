'use client';

import type { ConnectionLineComponentProps } from '@xyflow/react';
import { canvas as strings } from '../strings/canvas';
import { transitionPath } from './transition-path';

/** The line while it is being dragged, in the colour of the way out that it leaves by. */
export function ConnectionLine({
  fromX,
  fromY,
  toX,
  toY,
  fromHandle,
  toNode,
  connectionStatus,
}: ConnectionLineComponentProps) {
  const path = transitionPath({ x: fromX, y: fromY }, { x: toX, y: toY }, false);
  // The whole card is a target, also where React Flow takes the pointer to be too far from its handle to judge.
  const refused = toNode !== null && connectionStatus !== 'valid';
  return (
    <g className="transition" data-kind={fromHandle.id ?? 'always'} data-refused={refused || undefined}>
      <path
        d={path.d}
        className="react-flow__edge-path"
        markerEnd={`url(#arrow-${fromHandle.id ?? 'always'})`}
      />
      {refused ? (
        <text x={toX + 14} y={toY - 14} className="transition-refusal">
          {strings.alreadyConnected}
        </text>
      ) : null}
    </g>
  );
}
