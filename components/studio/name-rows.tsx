'use client';

import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '@/components/ui/button';
import { IconButton } from '@/components/ui/icon-button';
import { Input } from '@/components/ui/input';
import type { Json } from '@/engine/expression/expression';
import { studio } from '../strings/studio';

export type Entries = { [name: string]: Json };

/** Named values as rows: a name, a control for the value, a button to remove it, and one to add. */
export function NameRows({
  entries,
  onChange,
  rowLabel,
  addLabel,
  newName,
  newValue,
  readOnly,
  children,
}: {
  entries: Entries;
  onChange: (entries: Entries, field: string) => void;
  rowLabel: (name: string) => string;
  addLabel: string;
  newName: string;
  newValue: Json;
  readOnly: boolean;
  children: (name: string, value: Json, set: (value: Json) => void) => ReactNode;
}) {
  const rows = Object.entries(entries);
  const rename = (from: string, to: string) => {
    if (to === from || Object.hasOwn(entries, to)) return;
    onChange(Object.fromEntries(rows.map(([name, value]) => [name === from ? to : name, value])), 'names');
  };
  const freeName = () => {
    for (let number = 1; ; number++) {
      const name = number === 1 ? newName : `${newName}_${number}`;
      if (!Object.hasOwn(entries, name)) return name;
    }
  };
  return (
    <div className="space-y-2">
      {rows.map(([name, value], index) => (
        <div key={index} role="group" aria-label={rowLabel(name)} className="flex items-start gap-1.5">
          <Input
            size="sm"
            className="w-28 shrink-0 font-mono"
            aria-label={`${studio.workflow.name}: ${rowLabel(name)}`}
            value={name}
            readOnly={readOnly}
            onChange={(event) => rename(name, event.target.value)}
          />
          <div className="min-w-0 flex-1">
            {children(name, value, (next) => onChange({ ...entries, [name]: next }, name))}
          </div>
          {readOnly ? null : (
            <IconButton
              size="sm"
              label={studio.workflow.remove(name)}
              icon={<X />}
              onClick={() => onChange(Object.fromEntries(rows.toSpliced(index, 1)), `remove ${name}`)}
            />
          )}
        </div>
      ))}
      {readOnly ? null : (
        <Button
          size="sm"
          variant="ghost"
          icon={<Plus />}
          onClick={() => onChange({ ...entries, [freeName()]: newValue }, 'add')}
        >
          {addLabel}
        </Button>
      )}
    </div>
  );
}
