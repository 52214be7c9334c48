'use client';

import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { RadioGroup } from '@/components/ui/radio-group';
import { RelativeTime } from '@/components/ui/relative-time';
import { Skeleton } from '@/components/ui/skeleton';
import { layoutTasks } from '@/engine/definition/layout';
import { mergeDefinitions, partId, type MergeChoice, type MergePart } from '@/engine/definition/merge';
import type { Definition } from '@/engine/definition/schema';
import { DiffEditor } from '../code/diff-editor';
import { versions } from '../strings/versions';
import { useTRPC } from '../trpc';
import type { Draft } from './autosave';
import { useStudio, type Workflow } from './studio-context';
import { toYamlText } from './yaml-text';

const strings = versions.merge;

/** Somebody else saved meanwhile: who, what each changed, and whose part goes on. Nothing is overwritten unseen. */
export function MergeDialog({
  base,
  onClose,
  onMerged,
}: {
  /** The state that both began from. */
  base: Definition;
  /** It stays unsaved until the person comes back to it. */
  onClose: () => void;
  /** The merged draft, which goes on from what the other person saved. */
  onMerged: (theirs: Workflow, merged: Draft) => void;
}) {
  const trpc = useTRPC();
  const { workflow, draft } = useStudio();
  const query = useQuery(
    trpc.workflows.get.queryOptions({ ref: workflow.ref }, { staleTime: 0, refetchOnMount: 'always' }),
  );
  const theirs = query.isFetching ? undefined : query.data;
  const [choices, setChoices] = useState<Record<string, MergeChoice>>({});
  const [shown, setShown] = useState<string | null>(null);
  const merge = useMemo(
    () => (theirs ? mergeDefinitions(base, draft.definition, theirs.definition, choices) : null),
    [base, draft.definition, theirs, choices],
  );
  const conflicts = merge?.parts.filter(({ isConflict }) => isConflict) ?? [];
  const open = conflicts.filter((part) => choices[partId(part)] === undefined);
  const takeAll = (choice: MergeChoice) =>
    setChoices(Object.fromEntries(conflicts.map((part) => [partId(part), choice])));
  const save = () => {
    if (!theirs || !merge) return;
    const positions = { ...theirs.layout.positions, ...draft.positions };
    onMerged(theirs, {
      ...draft,
      definition: merge.definition,
      positions: layoutTasks(merge.definition, positions),
    });
  };
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}
      title={strings.title}
      size="lg"
      footer={
        <Button variant="primary" disabled={!merge || open.length > 0} onClick={save}>
          {open.length > 0 ? strings.undecided(open.length) : strings.save}
        </Button>
      }
    >
      {!merge || !theirs ? (
        <Skeleton className="h-40" />
      ) : (
        <div className="space-y-4 text-sm">
          <p className="text-text-2">
            {strings.by(theirs.draftUpdatedBy ?? strings.somebody)}{' '}
            <RelativeTime value={theirs.draftUpdated} />
          </p>
          {conflicts.length > 0 ? (
            <div className="flex flex-wrap items-center gap-2">
              <span>{strings.conflicts(conflicts.length)}</span>
              <Button size="sm" onClick={() => takeAll('mine')}>
                {strings.allMine}
              </Button>
              <Button size="sm" onClick={() => takeAll('theirs')}>
                {strings.allTheirs}
              </Button>
            </div>
          ) : (
            <p>{strings.none}</p>
          )}
          <ul className="space-y-2">
            {merge.parts.map((part) => {
              const id = partId(part);
              return (
                <li key={id} className="space-y-2 rounded-lg border border-border p-3">
                  <div className="flex flex-wrap items-center gap-2">
                    <span className="font-mono text-xs font-semibold">{part.key}</span>
                    <Sides part={part} />
                    {part.isConflict ? <Badge tone="danger">{strings.conflict}</Badge> : null}
                    <Button
                      size="sm"
                      variant="ghost"
                      className="ml-auto"
                      aria-expanded={shown === id}
                      onClick={() => setShown(shown === id ? null : id)}
                    >
                      {strings.compare(part.key)}
                    </Button>
                  </div>
                  {part.isConflict ? (
                    <RadioGroup
                      label={strings.take(part.key)}
                      value={choices[id] ?? ''}
                      onValueChange={(choice) =>
                        setChoices((before) => ({ ...before, [id]: choice as MergeChoice }))
                      }
                      orientation="horizontal"
                      options={[
                        { value: 'mine', label: strings.mine },
                        { value: 'theirs', label: strings.theirs },
                      ]}
                    />
                  ) : null}
                  {shown === id ? (
                    <DiffEditor
                      label={strings.compare(part.key)}
                      before={textOf(theirs.definition, part)}
                      after={textOf(draft.definition, part)}
                      height={200}
                    />
                  ) : null}
                </li>
              );
            })}
          </ul>
        </div>
      )}
    </Dialog>
  );
}

function Sides({ part }: { part: MergePart }) {
  return (
    <span className="text-xs text-text-2">
      {[
        part.mine === 'same' ? '' : strings.side.mine(versions.change[part.mine]),
        part.theirs === 'same' ? '' : strings.side.theirs(versions.change[part.theirs]),
      ]
        .filter(Boolean)
        .join(', ')}
    </span>
  );
}

function textOf(definition: Definition, { kind, key }: MergePart): string {
  const value = kind === 'task' ? definition.tasks.find(({ name }) => name === key) : definition[key];
  return value === undefined ? '' : toYamlText(value);
}
