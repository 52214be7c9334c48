'use client';

import { ArrowDown, ArrowUp, Plus, Trash2, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '@/components/ui/button';
import { cn } from '@/components/ui/cn';
import { Combobox } from '@/components/ui/combobox';
import { Field } from '@/components/ui/field';
import { IconButton } from '@/components/ui/icon-button';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import type { Transition } from '@/engine/definition/schema';
import type { Json } from '@/engine/expression/expression';
import { kindOf, type TransitionKind } from '../canvas/transition-kind';
import { ExpressionField } from '../code/expression-field';
import type { ExpressionScope } from '../code/scope';
import { readMixed, writeMixed } from '../schema-form/field-kind';
import { studio } from '../strings/studio';
import { ConditionField } from './condition-field';
import { withKind } from './transition-edits';

const strings = studio.transition;
const kinds: TransitionKind[] = [
  'success',
  'failure',
  'timeout',
  'cancelled',
  'always',
  'otherwise',
  'custom',
];

interface TransitionFormProps {
  task: string;
  index: number;
  count: number;
  transition: Transition;
  scope: ExpressionScope;
  targets: readonly string[];
  errors: Record<string, string>;
  readOnly: boolean;
  chosen: boolean;
  onChange: (transition: Transition, field: string) => void;
  onMove: (by: 1 | -1) => void;
  onRemove: () => void;
}

/** One transition: when it fires, what it sets, what it starts. */
export function TransitionForm(props: TransitionFormProps) {
  const { task, index, count, transition, scope, errors, readOnly, chosen, onChange, onMove, onRemove } =
    props;
  // On the way to a longer one, a condition may read like a plain outcome: its field must stay while it is written.
  const [writesCondition, setWritesCondition] = useState(kindOf(transition) === 'custom');
  const kind = writesCondition && transition.when !== undefined ? 'custom' : kindOf(transition);
  const frame = useRef<HTMLFieldSetElement>(null);
  const path = `${index}`;
  useEffect(() => {
    if (chosen) frame.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const setPart = <Key extends keyof Transition>(key: Key, value: Transition[Key] | undefined) => {
    const { [key]: _, ...rest } = transition;
    onChange((value === undefined ? rest : { ...rest, [key]: value }) as Transition, key);
  };
  return (
    <fieldset
      ref={frame}
      data-field={`next.${path}`}
      className={cn('min-w-0 space-y-3 rounded-lg border border-border p-3', chosen && 'border-accent')}
    >
      <legend className="sr-only">{strings.heading(index + 1)}</legend>
      <div className="flex items-center gap-1">
        <span aria-hidden="true" className="mr-auto text-xs font-medium text-text-2">
          {index + 1}
        </span>
        {readOnly ? null : (
          <>
            <IconButton
              size="sm"
              label={strings.up}
              icon={<ArrowUp />}
              disabled={index === 0}
              onClick={() => onMove(-1)}
            />
            <IconButton
              size="sm"
              label={strings.down}
              icon={<ArrowDown />}
              disabled={index === count - 1}
              onClick={() => onMove(1)}
            />
            <IconButton size="sm" label={strings.remove} icon={<Trash2 />} onClick={onRemove} />
          </>
        )}
      </div>
      <Field label={strings.kind}>
        <Select
          value={kind}
          disabled={readOnly}
          options={kinds.map((value) => ({ value, label: strings.kinds[value] }))}
          onValueChange={(value) => {
            setWritesCondition(value === 'custom');
            onChange(withKind(transition, value as TransitionKind), 'kind');
          }}
        />
      </Field>
      {kind === 'custom' ? (
        <ConditionField
          label={strings.condition}
          field={`next.${path}.when`}
          value={transition.when ?? ''}
          error={errors[`${path}.when`]}
          scope={scope}
          readOnly={readOnly}
          placeholder="{{ result().data.ok }}"
          onChange={(when) => setPart('when', when)}
        />
      ) : null}
      <Targets {...props} setTargets={(names) => setPart('do', names)} />
      <Problem message={errors[`${path}.do`] ?? errors[path]} />
      <Field
        label={strings.label}
        hint={strings.labelHint}
        {...(errors[`${path}.label`] ? { error: errors[`${path}.label`] } : {})}
      >
        <Input
          size="sm"
          value={transition.label ?? ''}
          readOnly={readOnly}
          onChange={(event) => setPart('label', event.target.value === '' ? undefined : event.target.value)}
        />
      </Field>
      <Publish
        task={task}
        entries={toEntries(transition)}
        scope={scope}
        readOnly={readOnly}
        onChange={(entries) =>
          setPart(
            'publish',
            entries.length === 0 ? undefined : entries.map(([name, value]) => ({ [name]: value })),
          )
        }
      />
      <Problem message={firstAt(errors, `${path}.publish`)} />
    </fieldset>
  );
}

function Targets({
  transition,
  targets,
  readOnly,
  setTargets,
}: TransitionFormProps & { setTargets: (names: string[]) => void }) {
  const chosen = transition.do;
  const nameOf = (target: string) =>
    target === '$end' ? strings.end : target === '$fail' ? strings.fail : target;
  const options = [
    ...targets.map((name) => ({ value: name, label: name })),
    { value: '$end', label: strings.end },
    { value: '$fail', label: strings.fail },
  ].filter(({ value }) => !chosen.includes(value));
  return (
    <div className="space-y-1.5">
      <span className="text-xs font-medium">{strings.targets}</span>
      <ul className="flex flex-wrap gap-1.5">
        {chosen.map((target) => (
          <li key={target} className="flex h-7 items-center gap-1 rounded-md bg-surface-2 pl-2 text-sm">
            <span className={target.startsWith('$') ? '' : 'font-mono text-xs'}>{nameOf(target)}</span>
            {readOnly ? (
              <span className="w-1" />
            ) : (
              <button
                type="button"
                aria-label={strings.removeTarget(nameOf(target))}
                className="grid size-6 place-items-center rounded text-text-2 hover:text-text"
                onClick={() => setTargets(chosen.filter((other) => other !== target))}
              >
                <X size={13} aria-hidden="true" />
              </button>
            )}
          </li>
        ))}
      </ul>
      {readOnly ? null : (
        <Combobox
          label={strings.addTarget}
          placeholder={strings.addTarget}
          value={null}
          options={options}
          onValueChange={(target) => {
            if (target) setTargets([...chosen, target]);
          }}
        />
      )}
    </div>
  );
}

function Publish({
  task,
  entries,
  scope,
  readOnly,
  onChange,
}: {
  task: string;
  entries: [string, Json][];
  scope: ExpressionScope;
  readOnly: boolean;
  onChange: (entries: [string, Json][]) => void;
}) {
  return (
    <div className="space-y-2" role="group" aria-label={strings.publish}>
      {entries.length > 0 ? <span className="text-xs font-medium">{strings.publish}</span> : null}
      {entries.map(([name, value], index) => (
        <div key={index} className="flex items-start gap-1.5">
          <Input
            size="sm"
            className="w-28 font-mono"
            aria-label={`${strings.variable} ${index + 1}`}
            value={name}
            readOnly={readOnly}
            onChange={(event) => onChange(entries.with(index, [event.target.value, value]))}
          />
          <div className="min-w-0 flex-1">
            <ExpressionField
              label={`${strings.value} ${index + 1}`}
              value={writeMixed(value)}
              onChange={(text) => onChange(entries.with(index, [name, readMixed(text, {}) ?? '']))}
              scope={scope}
              readOnly={readOnly}
            />
          </div>
          {readOnly ? null : (
            <IconButton
              size="sm"
              label={studio.workflow.remove(name || String(index + 1))}
              icon={<X />}
              onClick={() => onChange(entries.toSpliced(index, 1))}
            />
          )}
        </div>
      ))}
      {readOnly ? null : (
        <Button
          size="sm"
          variant="ghost"
          icon={<Plus />}
          onClick={() => onChange([...entries, [task, '{{ result() }}']])}
        >
          {strings.addPublish}
        </Button>
      )}
    </div>
  );
}

function toEntries({ publish }: Transition): [string, Json][] {
  return (publish ?? []).flatMap((entry) => Object.entries(entry));
}

/** What is wrong there or further inside. */
function firstAt(errors: Record<string, string>, path: string): string | undefined {
  const inside = Object.keys(errors).find((key) => key.startsWith(`${path}.`));
  return errors[path] ?? (inside === undefined ? undefined : errors[inside]);
}

function Problem({ message }: { message: string | undefined }) {
  return message ? <p className="text-xs text-danger">{message}</p> : null;
}
