'use client';

import { useMutation } from '@tanstack/react-query';
import { AlertTriangle, ChevronDown, Pause, Play, RotateCw, Square } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useMemo } from 'react';
import { useCommands, type Command } from '@/components/shell/commands';
import { useShortcuts } from '@/components/shell/shortcuts';
import { strings } from '@/components/strings';
import { toCallError, useTRPC, type RouterOutputs } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { DropdownMenu, type MenuItem } from '@/components/ui/dropdown-menu';
import { IconButton } from '@/components/ui/icon-button';
import { toast } from '@/components/ui/toast';
import type { RerunOf } from './rerun-dialog';
import { nextTrouble, type Execution } from './tree-rows';
import { useExecution } from './use-execution';

const text = strings.executions;
const group = 'page' as const;

interface Props {
  execution: Execution;
  tree: readonly Execution[];
  selected: number;
  onSelect: (id: number) => void;
  /** Where the selection can be run again from. */
  from: RerunOf | null;
  onRerun: (of: RerunOf) => void;
}

/** What can be done to a run, as buttons, as commands and by keys. */
export function RunActions({ execution, tree, selected, onSelect, from, onRerun }: Props) {
  const trpc = useTRPC();
  const router = useRouter();
  const { id } = execution;
  const { data: detail } = useExecution(id);
  const onError = (error: unknown) => toast.error(toCallError(error).message);
  const cancel = useMutation(trpc.executions.cancel.mutationOptions({ onError }));
  const pause = useMutation(trpc.executions.pause.mutationOptions({ onError }));
  const resume = useMutation(trpc.executions.resume.mutationOptions({ onError }));
  const rerun = useMutation(
    trpc.executions.rerun.mutationOptions({
      onError,
      onSuccess: (made) => router.push(`/executions/${made.id}`),
    }),
  );
  // The tree is live; what one may do is read again after it, and a key may come in between.
  const mayPause = execution.state === 'running' && (detail?.mayPause || detail?.mayResume) === true;
  const mayResume = execution.state === 'paused' && (detail?.mayPause || detail?.mayResume) === true;
  const trouble = useMemo(() => nextTrouble(tree, selected), [tree, selected]);
  const edit = () => onRerun(from ?? { id, task: null, visit: null });

  const commands: Command[] = [];
  if (mayPause)
    commands.push({
      ...{ id: 'run.pause', group, label: text.pause, icon: <Pause />, shortcut: 'p' },
      run: () => pause.mutate({ id }),
    });
  if (mayResume)
    commands.push({
      ...{ id: 'run.resume', group, label: text.resume, icon: <Play />, shortcut: 'p' },
      run: () => resume.mutate({ id }),
    });
  if (detail?.mayCancel)
    commands.push({
      ...{ id: 'run.cancel', group, label: text.cancel, icon: <Square /> },
      run: () => cancel.mutate({ id }),
    });
  const again = detail?.mayRerun ? waysToRerun(detail, from, (input) => rerun.mutate(input), onRerun) : [];
  commands.push(...again);
  useCommands(commands);
  useShortcuts([
    {
      ...{ keys: 'p', label: mayResume ? text.resume : text.pause },
      enabled: mayPause || mayResume,
      run: () => (mayResume ? resume.mutate({ id }) : pause.mutate({ id })),
    },
    { keys: 'r', label: text.rerun.edited, enabled: detail?.mayRerun === true, run: edit },
  ]);

  return (
    <>
      {trouble !== null ? (
        <Button variant="secondary" icon={<AlertTriangle />} onClick={() => onSelect(trouble)}>
          {text.nextError}
        </Button>
      ) : null}
      {mayPause ? (
        <Button icon={<Pause />} loading={pause.isPending} onClick={() => pause.mutate({ id })}>
          {text.pause}
        </Button>
      ) : null}
      {mayResume ? (
        <Button
          variant="primary"
          icon={<Play />}
          loading={resume.isPending}
          onClick={() => resume.mutate({ id })}
        >
          {text.resume}
        </Button>
      ) : null}
      {detail?.mayCancel ? (
        <Button
          variant="danger"
          icon={<Square />}
          loading={cancel.isPending}
          onClick={() => cancel.mutate({ id })}
        >
          {text.cancel}
        </Button>
      ) : null}
      {detail?.mayRerun ? (
        <span className="inline-flex items-center gap-px">
          <Button
            icon={<RotateCw />}
            loading={rerun.isPending}
            className="rounded-r-none"
            onClick={() => rerun.mutate({ id })}
          >
            {text.rerun.action}
          </Button>
          <DropdownMenu
            trigger={
              <IconButton
                label={text.rerun.more}
                variant="secondary"
                icon={<ChevronDown />}
                className="rounded-l-none"
              />
            }
            items={again.map(toMenuItem)}
          />
        </span>
      ) : null}
    </>
  );
}

function waysToRerun(
  { id, kind, revision, newestRevision }: RouterOutputs['executions']['get'],
  from: RerunOf | null,
  rerun: (input: { id: number; revision: 'same' | 'newest' }) => void,
  onRerun: (of: RerunOf) => void,
): Command[] {
  const icon = <RotateCw />;
  const hasTwo =
    kind === 'workflow' && revision !== null && newestRevision !== null && revision !== newestRevision;
  const ways: Command[] = [];
  if (hasTwo) {
    ways.push(
      {
        ...{ id: 'run.again.newest', group, icon, label: text.rerun.onNewest(newestRevision) },
        run: () => rerun({ id, revision: 'newest' }),
      },
      {
        ...{ id: 'run.again.same', group, icon, label: text.rerun.onSame(revision) },
        run: () => rerun({ id, revision: 'same' }),
      },
    );
  } else {
    ways.push({
      ...{ id: 'run.again', group, icon, label: text.rerun.action },
      run: () => rerun({ id, revision: revision !== null && newestRevision === null ? 'same' : 'newest' }),
    });
  }
  ways.push({
    ...{ id: 'run.again.edited', group, icon, label: text.rerun.edited },
    ...(from ? {} : { shortcut: 'r' }),
    run: () => onRerun({ id, task: null, visit: null }),
  });
  if (from?.task)
    ways.push({
      ...{ id: 'run.again.from', group, icon, label: text.rerun.from(from.task), shortcut: 'r' },
      run: () => onRerun(from),
    });
  return ways;
}

function toMenuItem({ id, label, icon, shortcut, run }: Command): MenuItem {
  return { key: id, label, icon, onSelect: run, ...(shortcut === undefined ? {} : { shortcut }) };
}
