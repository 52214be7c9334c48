'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { toast } from '@/components/ui/toast';
import { extractTasks } from '@/engine/definition/extract';
import { layoutTasks } from '@/engine/definition/layout';
import { fieldsOf } from '../schema-form/field-kind';
import { versions } from '../strings/versions';
import { toCallError, useTRPCClient, useTRPC } from '../trpc';
import { useStudio } from './studio-context';

const strings = versions.extract;

/** Moves tasks into a workflow of their own: what it will take and give, or why it cannot be. */
export function ExtractDialog({ tasks, onClose }: { tasks: readonly string[]; onClose: () => void }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const { workflow, draft, edit, select } = useStudio();
  const [name, setName] = useState(`${workflow.ref.slice(workflow.packRef.length + 1)}_part`);
  const ref = `${workflow.packRef}.${name}`;
  const badName = !/^[A-Za-z0-9_-]+$/.test(name);
  const found = useMemo(
    () => extractTasks(draft.definition, tasks, badName ? `${workflow.packRef}.part` : ref),
    [draft.definition, tasks, ref, badName, workflow.packRef],
  );
  const make = useMutation({
    mutationFn: async () => {
      if (!found.isPossible) return;
      const { extracted } = found;
      const made = await client.workflows.create.mutate({ packRef: workflow.packRef, ref, label: name });
      const layout = { positions: { ...layoutTasks(extracted, draft.positions) } };
      const { draftVersion } = await client.workflows.saveDraft.mutate({
        ...{ ref, draftVersion: made.draftVersion, definition: extracted, layout },
      });
      await client.workflows.publish.mutate({ ref, draftVersion });
    },
    onSuccess: () => {
      if (!found.isPossible) return;
      void queries.invalidateQueries({ queryKey: trpc.actions.catalog.queryKey() });
      void queries.invalidateQueries({ queryKey: trpc.workflows.list.queryKey() });
      const { definition, task } = found;
      edit(strings.step(task), (before) => {
        const { positions } = before;
        const place = positions[tasks[0] ?? ''];
        return {
          ...before,
          definition,
          positions: layoutTasks(definition, place ? { ...positions, [task]: place } : positions),
        };
      });
      select({ tasks: [task], transition: null });
      toast.success(strings.done(ref));
      onClose();
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={strings.title}
      description={strings.body(tasks.join(', '))}
      size="sm"
      footer={
        <Button
          variant="primary"
          disabled={!found.isPossible || badName}
          loading={make.isPending}
          onClick={() => make.mutate()}
        >
          {strings.confirm}
        </Button>
      }
    >
      {found.isPossible ? (
        <div className="space-y-3 text-sm">
          <Field label={strings.label} hint={ref}>
            <Input
              value={name}
              spellCheck={false}
              className="font-mono"
              onChange={(event) => setName(event.target.value)}
            />
          </Field>
          {found.extracted.parameters ? (
            <p>
              {strings.parameters(
                fieldsOf(found.extracted.parameters)
                  .map((field) => field.name)
                  .join(', '),
              )}
            </p>
          ) : null}
          {found.extracted.output_map ? (
            <p>{strings.output(Object.keys(found.extracted.output_map).join(', '))}</p>
          ) : null}
          {found.notes.length > 0 ? (
            <Callout kind="info" title={strings.notes}>
              <ul className="list-disc pl-4">
                {found.notes.map((note) => (
                  <li key={note}>{note}</li>
                ))}
              </ul>
            </Callout>
          ) : null}
          {make.error ? <Callout kind="error">{toCallError(make.error).message}</Callout> : null}
        </div>
      ) : (
        <Callout kind="warning" title={strings.impossible}>
          <ul className="list-disc pl-4">
            {found.reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </Callout>
      )}
    </Dialog>
  );
}
