'use client';

import { Braces } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Dialog } from '@/components/ui/dialog';
import { PickList, type PickGroup } from '@/components/ui/pick-list';
import { code as strings } from '../strings/code';
import { previewOf, toLine } from './preview';
import type { ExpressionScope, ScopeName } from './scope';

const kinds: ScopeName['kind'][] = ['task', 'function', 'item', 'parameter', 'variable', 'name'];

/** A button within a field of expressions that lists what may be inserted, each with its value where there is one. */
export function InsertValue({
  label,
  scope,
  onPick,
}: {
  label: string;
  scope: ExpressionScope;
  onPick: (path: string) => void;
}) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        aria-label={strings.insert.button(label)}
        title={strings.insert.title}
        onClick={() => setIsOpen(true)}
        className="absolute top-1 right-1 grid size-6.5 place-items-center rounded text-text-2 hover:bg-surface-2 hover:text-text"
      >
        <Braces size={14} aria-hidden="true" />
      </button>
      {isOpen ? (
        <Dialog open onOpenChange={setIsOpen} title={strings.insert.title} size="sm">
          <Names
            scope={scope}
            onPick={(path) => {
              setIsOpen(false);
              // The dialog gives the focus back first.
              setTimeout(() => onPick(path));
            }}
          />
        </Dialog>
      ) : null}
    </>
  );
}

function Names({ scope, onPick }: { scope: ExpressionScope; onPick: (path: string) => void }) {
  const groups = useMemo<PickGroup[]>(
    () =>
      kinds.flatMap((kind) => {
        const options = scope.names
          .filter((name) => name.kind === kind)
          .map(({ path, detail }) => {
            const preview = previewOf(path, true, scope.data);
            return {
              value: path,
              label: path,
              detail: preview.kind === 'value' ? `= ${toLine(preview.value, 80)}` : detail,
            };
          });
        return options.length === 0 ? [] : [{ heading: strings.insert.kinds[kind], options }];
      }),
    [scope],
  );
  return (
    <PickList
      label={strings.insert.title}
      placeholder={strings.insert.search}
      empty={strings.insert.nothing}
      groups={groups}
      onPick={onPick}
    />
  );
}
