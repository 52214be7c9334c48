'use client';

import { useState } from 'react';
import type { Task } from '@/engine/definition/schema';
import { ValueTree } from '../code/value-tree';
import { previewOf } from '../code/preview';
import type { ExpressionScope } from '../code/scope';
import { inspection } from '../strings/inspection';
import { useStudio } from './studio-context';

const strings = inspection.upstream;
const mostTrees = 12;

/** The values that a task's expressions may use, as trees to drag from: parameters, variables, other tasks' results. */
export function UpstreamValues({ task, scope }: { task: Task; scope: ExpressionScope }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details
      className="rounded-lg border border-border p-3"
      onToggle={(event) => setIsOpen(event.currentTarget.open)}
    >
      <summary className="cursor-pointer text-sm font-semibold">{strings.title}</summary>
      {isOpen ? <Trees task={task} scope={scope} /> : null}
    </details>
  );
}

function Trees({ task, scope }: { task: Task; scope: ExpressionScope }) {
  const { draft } = useStudio();
  const paths = [
    'parameters',
    'workflow',
    ...(task.with_items ? ['item'] : []),
    ...draft.definition.tasks
      .filter(({ name }) => name !== task.name)
      .map(({ name }) => `task.${name}.result`),
  ];
  const values = paths.flatMap((path) => {
    const preview = previewOf(path, true, scope.data);
    const isEmpty =
      preview.kind === 'value' && JSON.stringify(preview.value).replaceAll(/[{}[\]]/g, '') === '';
    return preview.kind === 'value' && !isEmpty ? [{ path, value: preview.value }] : [];
  });
  return (
    <div className="mt-2 space-y-2">
      {values.length === 0 ? (
        <p className="text-xs text-text-2">{strings.none}</p>
      ) : (
        <p className="text-xs text-text-2">{strings.hint(scope.data?.origin ?? '')}</p>
      )}
      {values.slice(0, mostTrees).map(({ path, value }) => (
        <ValueTree key={path} value={value} path={path} label={path} openDepth={0} />
      ))}
    </div>
  );
}
