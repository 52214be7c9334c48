'use client';

import { Handle, Position, type NodeProps } from '@xyflow/react';
import { ChevronDown, ChevronRight, X } from 'lucide-react';
import { memo, useContext } from 'react';
import { canvas as strings } from '../strings/canvas';
import type { FrameNode } from './decor';
import { exits } from './geometry';
import { LineEdits } from './transition-line';

/** A titled frame around tasks; collapsed, a card that stands for them. */
export const Frame = memo(function Frame({ data }: NodeProps<FrameNode>) {
  const { group, count, editable } = data;
  const edits = useContext(LineEdits);
  const Sign = group.collapsed ? ChevronRight : ChevronDown;
  return (
    <div className="canvas-frame" data-collapsed={group.collapsed || undefined}>
      <div className="frame-title">
        <button
          type="button"
          className="nodrag"
          disabled={!edits}
          aria-expanded={!group.collapsed}
          aria-label={group.collapsed ? strings.expand(group.title) : strings.collapse(group.title)}
          onClick={() => edits?.changeGroup(group.id, { collapsed: !group.collapsed })}
        >
          <Sign size={16} aria-hidden="true" />
        </button>
        <input
          className="nodrag"
          aria-label={strings.groupTitle}
          value={group.title}
          readOnly={!editable}
          maxLength={200}
          onChange={({ target }) => edits?.changeGroup(group.id, { title: target.value })}
        />
        <span className="frame-count">{strings.groupCount(count)}</span>
        {editable ? (
          <button
            type="button"
            className="nodrag"
            aria-label={strings.ungroup(group.title)}
            title={strings.ungroup(group.title)}
            onClick={() => edits?.changeGroup(group.id, null)}
          >
            <X size={14} aria-hidden="true" />
          </button>
        ) : null}
      </div>
      {group.collapsed ? (
        <>
          <Handle id="in" type="target" position={Position.Top} isConnectable={false} className="entry" />
          {exits.map((exit) => (
            <Handle
              key={exit}
              id={exit}
              type="source"
              position={Position.Bottom}
              isConnectable={false}
              className="exit"
              data-exit={exit}
            />
          ))}
        </>
      ) : null}
    </div>
  );
});
