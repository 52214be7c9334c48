'use client';

import { Plus, X } from 'lucide-react';
import { CodeEditor } from '@/components/code/code-editor';
import { ExpressionField } from '@/components/code/expression-field';
import type { ExpressionScope } from '@/components/code/scope';
import { strings } from '@/components/strings';
import { Button } from '@/components/ui/button';
import { IconButton } from '@/components/ui/icon-button';
import { Input } from '@/components/ui/input';
import { RadioGroup } from '@/components/ui/radio-group';
import { Select } from '@/components/ui/select';
import { emptyClause, rewrite, withoutValue, type Clause, type Criteria } from './criteria';

const text = strings.rules;

interface Props {
  criteria: Criteria;
  onChange: (criteria: Criteria) => void;
  scope: ExpressionScope;
  error: string | undefined;
}

/** Criteria as clauses, as an expression, or none; nested groups as JSON. */
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
      {criteria.kind === 'clauses' ? <Clauses criteria={criteria} onChange={onChange} /> : null}
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

function Clauses({
  criteria,
  onChange,
}: {
  criteria: Extract<Criteria, { kind: 'clauses' }>;
  onChange: (criteria: Criteria) => void;
}) {
  const { clauses, match } = criteria;
  const set = (place: number, change: Partial<Clause>) =>
    onChange({
      ...criteria,
      clauses: clauses.map((clause, index) => (index === place ? { ...clause, ...change } : clause)),
    });
  return (
    <div className="space-y-3">
      <Select
        label={text.match}
        value={match}
        onValueChange={(next) => onChange({ ...criteria, match: next as typeof match })}
        options={(['all', 'any', 'none'] as const).map((value) => ({ value, label: text.matches[value] }))}
      />
      {clauses.map((clause, place) => (
        <div
          key={place}
          role="group"
          aria-label={text.clause(place + 1)}
          className="grid grid-cols-[1fr_auto] items-center gap-2 sm:grid-cols-[2fr_180px_1.5fr_auto]"
        >
          <Input
            aria-label={text.field}
            placeholder={text.fieldHint}
            value={clause.field}
            onChange={(event) => set(place, { field: event.target.value })}
            className="font-mono max-sm:col-span-2"
            spellCheck={false}
          />
          <Select
            aria-label={text.operator}
            value={clause.operator}
            onValueChange={(operator) => set(place, { operator })}
            options={Object.entries(text.operators).map(([value, label]) => ({ value, label }))}
          />
          {withoutValue.has(clause.operator) ? (
            <span />
          ) : (
            <Input
              aria-label={text.value}
              placeholder={text.value}
              value={clause.value}
              onChange={(event) => set(place, { value: event.target.value })}
              className="font-mono"
              spellCheck={false}
            />
          )}
          <IconButton
            label={text.removeClause(place + 1)}
            icon={<X />}
            onClick={() => onChange({ ...criteria, clauses: clauses.filter((_, index) => index !== place) })}
          />
        </div>
      ))}
      <Button
        size="sm"
        icon={<Plus />}
        onClick={() => onChange({ ...criteria, clauses: [...clauses, emptyClause] })}
      >
        {text.addClause}
      </Button>
    </div>
  );
}
