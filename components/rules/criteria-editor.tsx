'use client';

import { CodeEditor } from '@/components/code/code-editor';
import { ExpressionField } from '@/components/code/expression-field';
import type { ExpressionScope } from '@/components/code/scope';
import { strings } from '@/components/strings';
import { RadioGroup } from '@/components/ui/radio-group';
import { rewrite, type Criteria } from './criteria';
import { GroupEditor } from './group-editor';

const text = strings.rules;

interface Props {
  criteria: Criteria;
  onChange: (criteria: Criteria) => void;
  scope: ExpressionScope;
  error: string | undefined;
}

/** Criteria as groups of clauses, as an expression, or none; also as JSON, to be pasted and copied. */
export function CriteriaEditor({ criteria, onChange, scope, error }: Props) {
  const kinds = [
    { value: 'always', label: text.kinds.always },
    { value: 'clauses', label: text.kinds.clauses },
    { value: 'json', label: text.kinds.json },
    { value: 'expression', label: text.kinds.expression },
  ] as const;
  const change = (value: string) => {
    const kind = kinds.find((other) => other.value === value)?.value;
    if (kind && kind !== criteria.kind) onChange(rewrite(criteria, kind));
  };
  return (
    <div className="space-y-4">
      <RadioGroup
        label={text.kinds.label}
        value={criteria.kind}
        onValueChange={change}
        options={kinds}
        orientation="horizontal"
      />
      {criteria.kind === 'always' ? <p className="text-sm text-text-2">{text.alwaysHint}</p> : null}
      {criteria.kind === 'clauses' ? (
        <GroupEditor
          group={criteria.group}
          onChange={(group) => onChange({ kind: 'clauses', group })}
          fields={fieldsIn(scope)}
        />
      ) : null}
      {criteria.kind === 'expression' ? (
        <div className="space-y-1">
          <ExpressionField
            label={text.expression}
            value={criteria.expression}
            onChange={(expression) => onChange({ kind: 'expression', expression })}
            scope={scope}
            bare
            lines={3}
            invalid={error !== undefined}
          />
          <p className="text-xs text-text-2">{text.expressionHint}</p>
        </div>
      ) : null}
      {criteria.kind === 'json' ? (
        <div className="space-y-1">
          <p className="text-xs text-text-2">{text.complex}</p>
          <CodeEditor
            label={text.asJson}
            language="json"
            value={criteria.text}
            onChange={(json) => onChange({ kind: 'json', text: json })}
            height={200}
          />
        </div>
      ) : null}
      {error ? (
        <p role="alert" className="text-xs text-danger">
          {error}
        </p>
      ) : null}
    </div>
  );
}

/** The fields of an event that clauses may name, by the trigger's newest one. */
function fieldsIn({ names }: ExpressionScope): string[] {
  return names.flatMap(({ path }) => (path.startsWith('event.') ? [path.slice('event.'.length)] : []));
}
