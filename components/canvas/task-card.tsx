'use client';

import { Handle, Position, useConnection, type NodeProps } from '@xyflow/react';
import {
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
} from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { toStatusFamily } from '@/components/ui/status';
import type { Task } from '@/engine/definition/schema';
import { canvas as strings } from '../strings/canvas';
import { ActionIcon } from './action-icon';
import { entryX, exits, exitX } from './geometry';
import type { TaskNode } from './graph';
import { RunState } from './run-state';
import type { CanvasMark } from './view';

/** A task: what runs, its name and action, what is special about it, and in a run what became of it. */
export const TaskCard = memo(function TaskCard({ id, data, selected }: NodeProps<TaskNode>) {
  const { task, action, problems, run, marks, showsRun, editable } = data;
  return (
    <div
      className="task-card"
      data-selected={selected || undefined}
      data-mark={marks[0]}
      data-family={run ? toStatusFamily(run.state) : showsRun ? 'idle' : undefined}
      data-broken={problems && problems.errors > 0 ? true : undefined}
    >
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
});

/** While a connection is dragged, the whole card takes it. */
function Entry({ id, connectable }: { id: string; connectable: boolean }) {
  const wanted = useConnection((connection) => connection.inProgress && connection.fromNode.id !== id);
  return (
    <Handle
      id="in"
      type="target"
      position={Position.Top}
      isConnectable={connectable}
      className="entry"
      data-wanted={wanted || undefined}
      style={{ left: entryX }}
    />
  );
}

const markIcons: Record<CanvasMark, ReactNode> = {
  pinned: <Pin size={12} />,
  dirty: <Pencil size={12} />,
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
  const badges: { key: string; icon: ReactNode; text: string; title: string }[] = [];
  const text = strings.badges;
  if (task.action === 'core.ask') {
    badges.push({
      key: 'approval',
      icon: <UserRoundCheck size={12} />,
      text: 'approval',
      title: text.approval,
    });
  }
  if (task.with_items !== undefined) {
    badges.push({ key: 'items', icon: <Layers size={12} />, text: 'items', title: text.items });
  }
  if (task.join !== undefined) {
    badges.push({
      key: 'join',
      icon: <Merge size={12} />,
      text: String(task.join),
      title: text.join(String(task.join)),
    });
  }
  if (task.retry !== undefined) {
    const count = String(task.retry.count);
    badges.push({ key: 'retry', icon: <RotateCw size={12} />, text: count, title: text.retry(count) });
  }
  if (task.timeout !== undefined) {
    const limit = toDuration(task.timeout);
    badges.push({ key: 'timeout', icon: <Hourglass size={12} />, text: limit, title: text.timeout(limit) });
  }
  if (task.delay !== undefined) {
    const delay = toDuration(task.delay);
    badges.push({ key: 'delay', icon: <Clock size={12} />, text: delay, title: text.delay(delay) });
  }
  if (badges.length === 0) return null;
  return (
    <div className="task-card-badges">
      {badges.map(({ key, icon, text: short, title }) => (
        <span key={key} className="task-badge" data-badge={key} title={title}>
          <span aria-hidden="true">{icon}</span>
          {short}
        </span>
      ))}
    </div>
  );
}

function toDuration(value: string | number): string {
  return typeof value === 'number' ? `${value}s` : value;
}
