'use client';

import { Handle, Position, useConnection, useStore, type NodeProps } from '@xyflow/react';
import {
  Ban,
  CircleDot,
  Clock,
  Hourglass,
  Layers,
  Merge,
  Minus,
  Pencil,
  Pin,
  Plus,
  RotateCw,
  TriangleAlert,
  UserRoundCheck,
  XCircle,
  type LucideIcon,
} from 'lucide-react';
import { memo, useContext, type ReactNode } from 'react';
import { toStatusFamily } from '@/components/ui/status';
import type { Task } from '@/engine/definition/schema';
import { canvas as strings } from '../strings/canvas';
import { ActionIcon } from './action-icon';
import { FarAway } from './far-away';
import { entryX, exits, exitX } from './geometry';
import type { TaskNode } from './graph';
import { RunState } from './run-state';
import { tapTargetOf } from './tapped-connection';
import { badgesOf, type TaskBadge } from './task-badges';
import type { CanvasMark } from './view';

/** A task: what runs, its name and action, what is special about it, and in a run what became of it. */
export const TaskCard = memo(function TaskCard({ id, data, selected }: NodeProps<TaskNode>) {
  const { task, action, problems, run, marks, showsRun, editable } = data;
  const far = useContext(FarAway);
  const frame = {
    className: 'task-card',
    'data-selected': selected || undefined,
    'data-mark': marks[0],
    'data-disabled': marks.includes('disabled') || undefined,
    'data-family': run ? toStatusFamily(run.state) : showsRun ? 'idle' : undefined,
    'data-broken': problems && problems.errors > 0 ? true : undefined,
  };
  if (far) return <div {...frame} />;
  return (
    <div {...frame}>
      <ActionIcon actionRef={task.action ?? ''} runtime={action?.runtime ?? null} />
      <div className="task-card-text">
        <div className="task-card-name" title={task.name}>
          {task.name}
        </div>
        <div className="task-card-action" title={action?.label ?? task.action ?? undefined}>
          {task.action || strings.noAction}
        </div>
        {showsRun ? <RunState run={run} /> : <Badges task={task} />}
      </div>
      {marks.length > 0 ? <Marks marks={marks} /> : null}
      {problems && !showsRun ? <ProblemMark errors={problems.errors} warnings={problems.warnings} /> : null}
      <Entry id={id} connectable={editable} />
      {exits.map((exit) => (
        <Handle
          key={exit}
          id={exit}
          type="source"
          position={Position.Bottom}
          isConnectable={editable}
          className="exit"
          data-exit={exit}
          style={{ left: exitX[exit] }}
          title={editable ? strings.handle(strings.exits[exit]) : undefined}
        />
      ))}
    </div>
  );
}, isSameCard);

/** Where the card stands is its frame's affair: a move draws no card anew. */
function isSameCard(before: NodeProps<TaskNode>, after: NodeProps<TaskNode>): boolean {
  return before.data === after.data && before.selected === after.selected && before.id === after.id;
}

/** While a connection is drawn, the whole card takes it. */
function Entry({ id, connectable }: { id: string; connectable: boolean }) {
  const dragged = useConnection((connection) => connection.inProgress && connection.fromNode.id !== id);
  const tapped = useStore((state) => tapTargetOf(state, id));
  return (
    <Handle
      id="in"
      type="target"
      position={Position.Top}
      isConnectable={connectable}
      isConnectableStart={false}
      className="entry"
      data-wanted={dragged || tapped !== null || undefined}
      data-tap={tapped ?? undefined}
      style={{ left: entryX }}
    >
      {tapped === 'refused' ? <span className="entry-refusal">{strings.alreadyConnected}</span> : null}
    </Handle>
  );
}

const markIcons: Record<CanvasMark, ReactNode> = {
  pinned: <Pin size={12} />,
  dirty: <Pencil size={12} />,
  disabled: <Ban size={12} />,
  breakpoint: <CircleDot size={12} />,
  added: <Plus size={12} />,
  removed: <Minus size={12} />,
  changed: <Pencil size={12} />,
};

function Marks({ marks }: { marks: readonly CanvasMark[] }) {
  return (
    <span className="task-marks">
      {marks.map((mark) => (
        <span key={mark} className="task-mark" data-mark={mark} title={strings.markHints[mark]}>
          <span aria-hidden="true">{markIcons[mark]}</span>
          {strings.marks[mark]}
        </span>
      ))}
    </span>
  );
}

function ProblemMark({ errors, warnings }: { errors: number; warnings: number }) {
  if (errors + warnings === 0) return null;
  const text = errors > 0 ? strings.badges.errors(errors) : strings.badges.warnings(warnings);
  return (
    <span className="problem-mark" data-severity={errors > 0 ? 'error' : 'warning'} title={text}>
      {errors > 0 ? <XCircle size={15} aria-hidden="true" /> : <TriangleAlert size={15} aria-hidden="true" />}
      <span className="sr-only">{text}</span>
    </span>
  );
}

function Badges({ task }: { task: Task }) {
  const badges = badgesOf(task);
  if (badges.length === 0) return null;
  return (
    <div className="task-card-badges">
      {badges.map(({ key, text, title }) => {
        const Icon = icons[key];
        return (
          <span key={key} className="task-badge" data-badge={key} title={title}>
            <Icon size={12} aria-hidden="true" />
            {text}
          </span>
        );
      })}
    </div>
  );
}

const icons: Record<TaskBadge['key'], LucideIcon> = {
  approval: UserRoundCheck,
  items: Layers,
  join: Merge,
  retry: RotateCw,
  timeout: Hourglass,
  delay: Clock,
};
