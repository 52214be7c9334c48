'use client';

import { Plus, X } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Button } from '@/components/ui/button';
import { IconButton } from '@/components/ui/icon-button';
import { Input } from '@/components/ui/input';
import { updateTask } from '@/engine/definition/edit';
import type { Task } from '@/engine/definition/schema';
import type { JsonSchema } from '@/engine/json-schema';
import type { CatalogEntry } from '../canvas/view';
import { fieldsOf } from '../schema-form/field-kind';
import { withField, type FormValue } from '../schema-form/form-value';
import { SchemaForm } from '../schema-form/schema-form';
import { schemaForm } from '../strings/schema-form';
import { studio } from '../strings/studio';
import { problemsAt } from './problems-at';
import { useStudio } from './studio-context';
import { UpstreamValues } from './upstream-values';
import { useScope } from './use-scope';

/** A task's input: a form from its action's schema, and what else was put in by name. */
export function InputPart({ task, action }: { task: Task; action: CatalogEntry | null }) {
  const { problems, readOnly, editDefinition } = useStudio();
  const scope = useScope(task, false);
  const errors = useMemo(() => problemsAt(problems, task.name, 'input'), [problems, task.name]);
  const input: FormValue = task.input ?? {};
  const known: JsonSchema = action?.paramSchema ?? { type: 'object', properties: {} };
  const names = new Set(fieldsOf(known).map(({ name }) => name));
  const others = Object.keys(input).filter((name) => !names.has(name));
  const isOpen =
    action === null ||
    (known['additionalProperties'] !== undefined && known['additionalProperties'] !== false) ||
    names.size === 0;
  const change = (next: FormValue) => {
    const field = Object.keys({ ...input, ...next }).find((name) => input[name] !== next[name]) ?? '';
    editDefinition(
      studio.steps.edit(task.name),
      (definition) => updateTask(definition, task.name, { input: next }),
      `input ${task.name} ${field}`,
    );
  };
  return (
    <div className="space-y-5 p-4">
      {names.size > 0 ? (
        <SchemaForm
          idPrefix={`input-${task.name}`}
          mode="expressions"
          schema={known}
          value={input}
          onChange={change}
          errors={errors}
          readOnly={readOnly}
          scope={scope}
        />
      ) : null}
      {names.size === 0 && others.length === 0 && action ? (
        <p className="text-sm text-text-2">{studio.inspector.noInput}</p>
      ) : null}
      {others.length > 0 ? (
        <section aria-label={studio.inspector.otherInputs} className="space-y-3">
          {others.map((name) => (
            <div key={name} className="flex items-start gap-1">
              <div className="min-w-0 flex-1">
                <SchemaForm
                  idPrefix={`input-${task.name}`}
                  mode="expressions"
                  schema={{ type: 'object', properties: { [name]: { title: name } } }}
                  value={input}
                  onChange={change}
                  errors={errors}
                  readOnly={readOnly}
                  scope={scope}
                />
              </div>
              {readOnly ? null : (
                <IconButton
                  size="sm"
                  label={schemaForm.remove(name)}
                  icon={<X />}
                  onClick={() => change(withField(input, name, undefined))}
                />
              )}
            </div>
          ))}
        </section>
      ) : null}
      {isOpen && !readOnly ? (
        <AddInput taken={input} onAdd={(name) => change({ ...input, [name]: '' })} />
      ) : null}
      <UpstreamValues task={task} scope={scope} />
    </div>
  );
}

function AddInput({ taken, onAdd }: { taken: FormValue; onAdd: (name: string) => void }) {
  const [name, setName] = useState('');
  const usable = name.trim() !== '' && !Object.hasOwn(taken, name.trim());
  return (
    <form
      className="flex gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (!usable) return;
        onAdd(name.trim());
        setName('');
      }}
    >
      <Input
        size="sm"
        aria-label={schemaForm.newName}
        placeholder={schemaForm.newName}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Button type="submit" size="sm" icon={<Plus />} disabled={!usable}>
        {schemaForm.add}
      </Button>
    </form>
  );
}
