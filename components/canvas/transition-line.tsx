'use client';

import { BaseEdge, EdgeLabelRenderer, type EdgeProps } from '@xyflow/react';
import { Plus, Trash2 } from 'lucide-react';
import { createContext, memo, useContext, useMemo, useState, type PointerEvent } from 'react';
import { canvas as strings } from '../strings/canvas';
import { FarAway } from './far-away';
import type { TransitionEdge } from './graph';
import { transitionPath } from './transition-path';
import type { CanvasEdits } from './view';

/** How the lines reach the edits; stable, so that lines do not render when it changes nothing for them. */
export const LineEdits = createContext<Pick<
  CanvasEdits,
  'insertInto' | 'remove' | 'changeGroup' | 'changeNote'
> | null>(null);

/** A transition: its colour and dash say its condition, its text says the rest. */
export const TransitionLine = memo(function TransitionLine(props: EdgeProps<TransitionEdge>) {
  const { id, sourceX, sourceY, targetX, targetY, source, target, selected, data } = props;
  const edits = useContext(LineEdits);
  const far = useContext(FarAway);
  const [near, setNear] = useState(false);
  // Drawn from its own beginning: a line whose two ends move alike is only shifted.
  const reach = { x: targetX - sourceX, y: targetY - sourceY };
  const path = useMemo(
    () => transitionPath(origin, { x: reach.x, y: reach.y }, source === target),
    [reach.x, reach.y, source, target],
  );
  const middle = { x: sourceX + path.label.x, y: sourceY + path.label.y };
  if (!data) return null;
  // A finger does not hover: what appeared below it would take its tap. It chooses the line first.
  const hover = {
    onPointerEnter: ({ pointerType }: PointerEvent) => setNear(pointerType !== 'touch'),
    onPointerLeave: () => setNear(false),
  };
  const tools = data.editable && edits !== null && (near || selected === true);
  const taken = data.showsRun ? (data.fired > 0 ? 'yes' : 'no') : undefined;
  return (
    <g
      className="transition"
      data-kind={data.kind}
      data-taken={taken}
      data-mark={data.mark ?? undefined}
      data-selected={selected || undefined}
      data-transition={id}
      {...hover}
    >
      <g transform={`translate(${sourceX} ${sourceY})`}>
        <Stroke d={path.d} marker={`url(#arrow-${taken === 'no' ? 'idle' : data.kind})`} />
      </g>
      {!far && (data.text || tools || data.fired > 1 || data.order !== null) ? (
        <EdgeLabelRenderer>
          <div
            className="transition-label nodrag nopan"
            data-kind={data.kind}
            data-taken={taken}
            data-transition={id}
            style={{ transform: `translate(-50%, -50%) translate(${middle.x}px, ${middle.y}px)` }}
            {...hover}
          >
            {data.order !== null ? (
              <span className="transition-order" title={strings.order(data.order)}>
                {data.order}
              </span>
            ) : null}
            {data.text ? <span className="transition-text">{data.text}</span> : null}
            {data.fired > 1 ? <span className="transition-count">{data.fired}×</span> : null}
            {tools ? (
              <span className="transition-tools">
                <button
                  type="button"
                  aria-label={strings.insert}
                  title={strings.insert}
                  onClick={(event) =>
                    edits.insertInto({ task: data.task, index: data.index, target: data.target }, middle, {
                      x: event.clientX,
                      y: event.clientY,
                    })
                  }
                >
                  <Plus size={14} aria-hidden="true" />
                </button>
                <button
                  type="button"
                  aria-label={strings.removeTransition}
                  title={strings.removeTransition}
                  onClick={() =>
                    edits.remove({ tasks: [], transition: { task: data.task, index: data.index } })
                  }
                >
                  <Trash2 size={14} aria-hidden="true" />
                </button>
              </span>
            ) : null}
          </div>
        </EdgeLabelRenderer>
      ) : null}
    </g>
  );
});

const origin = { x: 0, y: 0 };

const Stroke = memo(function Stroke({ d, marker }: { d: string; marker: string }) {
  return <BaseEdge path={d} interactionWidth={24} markerEnd={marker} />;
});

const kinds = ['success', 'failure', 'always', 'timeout', 'cancelled', 'otherwise', 'custom', 'idle'];

/** The arrow heads, once per canvas; each takes its line's colour. */
export function ArrowHeads() {
  return (
    <svg className="arrow-heads" aria-hidden="true">
      <defs>
        {kinds.map((kind) => (
          <marker
            key={kind}
            id={`arrow-${kind}`}
            data-kind={kind}
            viewBox="0 0 10 10"
            refX="9"
            refY="5"
            markerWidth="9"
            markerHeight="9"
            markerUnits="userSpaceOnUse"
            orient="auto-start-reverse"
          >
            <path d="M 0 0.5 L 10 5 L 0 9.5 z" />
          </marker>
        ))}
      </defs>
    </svg>
  );
}
