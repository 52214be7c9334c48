'use client';

import { FolderPlus, Plus, X } from 'lucide-react';
import { useId } from 'react';
import { strings } from '@/components/strings';
import { Button } from '@/components/ui/button';
import { IconButton } from '@/components/ui/icon-button';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import { emptyClause, emptyGroup, isGroup, matches, withoutValue, type Clause, type Group } from './criteria';

const text = strings.rules;
/** Deeper is written as JSON or as an expression, where it can still be read. */
const deepest = 5;

interface Props {
  group: Group;
  onChange: (group: Group) => void;
  /** What a field may be called, to choose from. */
  fields: readonly string[];
}

/** A group of clauses and of groups inside of it. */
export function GroupEditor({ group, onChange, fields }: Props) {
  const list = useId();
  return (
    <>
      <Parts group={group} onChange={onChange} place="" depth={1} list={list} />
      <datalist id={list}>
        {fields.map((field) => (
          <option key={field} value={field} />
        ))}
      </datalist>
    </>
  );
}

interface PartsProps {
  group: Group;
  onChange: (group: Group) => void;
  /** Where the group is: empty for the outermost, else as `2.1`. */
  place: string;
  depth: number;
  list: string;
}

function Parts({ group, onChange, place, depth, list }: PartsProps) {
  const { match, parts } = group;
  const placeOf = (index: number) => (place === '' ? String(index + 1) : `${place}.${index + 1}`);
  const set = (index: number, part: Clause | Group) =>
    onChange({ ...group, parts: parts.map((other, at) => (at === index ? part : other)) });
  const remove = (index: number) => onChange({ ...group, parts: parts.filter((_, at) => at !== index) });
  const add = (part: Clause | Group) => onChange({ ...group, parts: [...parts, part] });
  return (
    <div className="space-y-3">
      <Select
        label={place === '' ? text.match : text.matchOf(place)}
        value={match}
        onValueChange={(next) => onChange({ ...group, match: next as typeof match })}
        options={matches.map((value) => ({ value, label: text.matches[value] }))}
      />
      {parts.map((part, index) =>
        isGroup(part) ? (
          <fieldset key={index} className="relative rounded-md border border-border p-3 pt-2">
            <legend className="sr-only">{text.group(placeOf(index))}</legend>
            <div className="absolute top-1 right-1">
              <IconButton
                label={text.removeGroup(placeOf(index))}
                icon={<X />}
                onClick={() => remove(index)}
              />
            </div>
            <Parts
              group={part}
              onChange={(changed) => set(index, changed)}
              place={placeOf(index)}
              depth={depth + 1}
              list={list}
            />
          </fieldset>
        ) : (
          <ClauseRow
            key={index}
            clause={part}
            place={placeOf(index)}
            list={list}
            onChange={(changed) => set(index, changed)}
            onRemove={() => remove(index)}
          />
        ),
      )}
      <div className="flex flex-wrap gap-2">
        <Button
          size="sm"
          icon={<Plus />}
          aria-label={place === '' ? undefined : text.addClauseTo(place)}
          onClick={() => add(emptyClause)}
        >
          {text.addClause}
        </Button>
        {depth < deepest ? (
          <Button
            size="sm"
            variant="ghost"
            icon={<FolderPlus />}
            aria-label={place === '' ? undefined : text.addGroupTo(place)}
            onClick={() => add({ ...emptyGroup, match: match === 'any' ? 'all' : 'any' })}
          >
            {text.addGroup}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

function ClauseRow({
  clause,
  place,
  list,
  onChange,
  onRemove,
}: {
  clause: Clause;
  place: string;
  list: string;
  onChange: (clause: Clause) => void;
  onRemove: () => void;
}) {
  return (
    <div
      role="group"
      aria-label={text.clause(place)}
      className="grid grid-cols-[1fr_auto] items-center gap-2 sm:grid-cols-[2fr_180px_1.5fr_auto]"
    >
      <Input
        aria-label={text.field}
        placeholder={text.fieldHint}
        value={clause.field}
        list={list}
        onChange={(event) => onChange({ ...clause, field: event.target.value })}
        className="font-mono max-sm:col-span-2"
        spellCheck={false}
      />
      <Select
        aria-label={text.operator}
        value={clause.operator}
        onValueChange={(operator) => onChange({ ...clause, operator })}
        options={Object.entries(text.operators).map(([value, label]) => ({ value, label }))}
      />
      {withoutValue.has(clause.operator) ? (
        <span />
      ) : (
        <Input
          aria-label={text.value}
          placeholder={text.value}
          value={clause.value}
          onChange={(event) => onChange({ ...clause, value: event.target.value })}
          className="font-mono"
          spellCheck={false}
        />
      )}
      <IconButton label={text.removeClause(place)} icon={<X />} onClick={onRemove} />
    </div>
  );
}
