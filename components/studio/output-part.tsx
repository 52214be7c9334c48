'use client';

import { Pin, PinOff } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import type { Task } from '@/engine/definition/schema';
import type { Json } from '@/engine/expression/expression';
import type { CatalogEntry } from '../canvas/view';
import { CodeEditor } from '../code/code-editor';
import { ValueTree } from '../code/value-tree';
import { fieldsOf, isSchema } from '../schema-form/field-kind';
import { parseJsonText } from '../schema-form/json-text';
import { inspection } from '../strings/inspection';
import { useRuns } from './run-context';
import { useStudio } from './studio-context';

const strings = inspection.output;

/** What a task gives: pinned, as in the last run, or as its action describes it. */
export function OutputPart({ task, action }: { task: Task; action: CatalogEntry | null }) {
  const { readOnly } = useStudio();
  const { record, pins, pin } = useRuns();
  const [editing, setEditing] = useState<string | null>(null);
  const pinned = Object.hasOwn(pins, task.name) ? pins[task.name] : undefined;
  const last = record?.run?.taskRuns.findLast(
    (visit) => visit.task === task.name && visit.status !== 'running',
  );
  const path = `task.${task.name}.result`;
  const fields = action?.outSchema && isSchema(action.outSchema) ? fieldsOf(action.outSchema) : [];
  if (editing !== null) {
    return (
      <PinEditor
        text={editing}
        onCancel={() => setEditing(null)}
        onSave={(value) => {
          pin(task.name, { value });
          setEditing(null);
        }}
      />
    );
  }
  return (
    <div className="space-y-5 p-4">
      {pinned !== undefined ? (
        <section aria-label={strings.pinned} className="space-y-2">
          <h3 className="flex items-center gap-1.5 text-sm font-semibold">
            <Pin size={14} aria-hidden="true" /> {strings.pinned}
          </h3>
          <p className="text-xs text-text-2">{strings.pinnedHint}</p>
          <ValueTree value={pinned} path={path} label={strings.pinned} openDepth={3} />
          {readOnly ? null : (
            <div className="flex flex-wrap gap-2">
              <Button size="sm" onClick={() => setEditing(JSON.stringify(pinned, null, 2))}>
                {strings.edit}
              </Button>
              <Button size="sm" variant="ghost" icon={<PinOff />} onClick={() => pin(task.name, null)}>
                {strings.unpin}
              </Button>
            </div>
          )}
        </section>
      ) : null}
      {last && record ? (
        <section aria-label={strings.last(record.execution.id)} className="space-y-2">
          <h3 className="text-sm font-semibold">{strings.last(record.execution.id)}</h3>
          <ValueTree
            value={last.result}
            path={path}
            label={strings.last(record.execution.id)}
            openDepth={3}
          />
          {readOnly || last.result === null ? null : (
            <Button size="sm" icon={<Pin />} onClick={() => pin(task.name, { value: last.result })}>
              {strings.pin}
            </Button>
          )}
        </section>
      ) : null}
      {!last && pinned === undefined ? <p className="text-sm text-text-2">{strings.none}</p> : null}
      {fields.length > 0 ? (
        <section aria-label={strings.fields} className="space-y-1.5">
          <h3 className="text-sm font-semibold">{strings.fields}</h3>
          <dl className="space-y-1 text-xs">
            {fields.map(({ name, schema }) => (
              <div key={name} className="flex gap-2">
                <dt className="font-mono">{name}</dt>
                <dd className="min-w-0 text-text-2">
                  {[schema['type'], schema['description']]
                    .filter((part) => typeof part === 'string')
                    .join(': ')}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ) : null}
      {readOnly || pinned !== undefined ? null : (
        <Button size="sm" variant="ghost" onClick={() => setEditing(strings.example)}>
          {strings.write}
        </Button>
      )}
    </div>
  );
}

function PinEditor({
  text,
  onSave,
  onCancel,
}: {
  text: string;
  onSave: (value: Json) => void;
  onCancel: () => void;
}) {
  const [written, setWritten] = useState(text);
  const [error, setError] = useState<string | null>(null);
  const save = () => {
    const parsed = parseJsonText(written);
    if ('error' in parsed) setError(parsed.error);
    else onSave(parsed.value);
  };
  return (
    <div className="space-y-3 p-4">
      <CodeEditor label={strings.editor} language="json" value={written} onChange={setWritten} height={280} />
      {error ? <Callout kind="error">{error}</Callout> : null}
      <div className="flex gap-2">
        <Button size="sm" variant="primary" onClick={save}>
          {strings.save}
        </Button>
        <Button size="sm" variant="ghost" onClick={onCancel}>
          {strings.cancel}
        </Button>
      </div>
    </div>
  );
}
