'use client';

import { Handle, Position, type NodeProps } from '@xyflow/react';
import { Flag, OctagonX } from 'lucide-react';
import { memo } from 'react';
import { canvas as strings } from '../strings/canvas';
import type { TerminalNode } from './graph';

/** Where a transition ends the branch or fails the run. */
export const TerminalSign = memo(function TerminalSign({ data }: NodeProps<TerminalNode>) {
  const fails = data.target === '$fail';
  return (
    <div className="terminal-sign" data-target={fails ? 'fail' : 'end'} data-taken={data.fired || undefined}>
      {fails ? <OctagonX size={12} aria-hidden="true" /> : <Flag size={12} aria-hidden="true" />}
      {fails ? strings.fails : strings.ends}
      <Handle id="in" type="target" position={Position.Top} isConnectable={false} className="entry" />
    </div>
  );
});
