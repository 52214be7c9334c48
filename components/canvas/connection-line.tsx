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
  connectionStatus,
}: ConnectionLineComponentProps) {
  const path = transitionPath({ x: fromX, y: fromY }, { x: toX, y: toY }, false);
  return (
    <g
      className="transition"
      data-kind={fromHandle.id ?? 'always'}
      data-refused={connectionStatus === 'invalid' || undefined}
    >
      <path
        d={path.d}
        className="react-flow__edge-path"
        markerEnd={`url(#arrow-${fromHandle.id ?? 'always'})`}
      />
      {connectionStatus === 'invalid' ? (
        <text x={toX + 14} y={toY - 14} className="transition-refusal">
          {strings.alreadyConnected}
        </text>
      ) : null}
    </g>
  );
}
