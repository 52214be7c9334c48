'use client';

import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { strings } from '@/components/strings';
import { useTRPC, type RouterOutputs } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Combobox } from '@/components/ui/combobox';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { IconButton } from '@/components/ui/icon-button';
import type { Holder } from './assign-dialog';
import { Holdings } from './holdings';

const text = strings.access;
type Team = RouterOutputs['access']['teams'][number];

interface Props {
  title: string;
  name: string;
  of: Holder;
  members: Team['members'];
  sets: Team['sets'];
  onAdd: (id: number) => void;
  onRemove: (id: number) => void;
  onClose: () => void;
  /** Beside the button that closes. */
  actions?: ReactNode;
}

/** Who is in a team or has a role, and what it gives; each change holds at once. */
export function GroupDialog({ title, name, of, members, sets, onAdd, onRemove, onClose, actions }: Props) {
  const trpc = useTRPC();
  const people = useQuery(trpc.people.list.queryOptions());
  const others = (people.data ?? []).filter(({ id }) => !members.some((member) => member.id === id));
  return (
    <Dialog
      open
      size="lg"
      onOpenChange={(open) => open || onClose()}
      title={title}
      footer={
        <>
          {actions}
          <Button variant="primary" onClick={onClose}>
            {strings.common.done}
          </Button>
        </>
      }
    >
      <div className="grid gap-6 sm:grid-cols-2">
        <section className="space-y-2">
          <h3 className="text-sm font-semibold">{text.members}</h3>
          {members.length === 0 ? <p className="text-sm text-text-2">{text.noMembers}</p> : null}
          <ul className="space-y-1" aria-label={text.members}>
            {members.map(({ id, displayName, login }) => (
              <li key={id} className="flex items-center gap-2 text-sm">
                <span className="min-w-0 flex-1 wrap-anywhere">
                  <span className="font-medium">{displayName}</span>{' '}
                  <span className="text-text-2">{login}</span>
                </span>
                <IconButton
                  label={text.removeMember(displayName)}
                  icon={<X />}
                  onClick={() => onRemove(id)}
                />
              </li>
            ))}
          </ul>
          <Field label={text.addMember} hint={text.addMemberHint}>
            <Combobox
              value={null}
              onValueChange={(value) => (value === null ? undefined : onAdd(Number(value)))}
              options={others.map(({ id, displayName, login }) => ({
                value: String(id),
                label: displayName,
                description: login,
                keywords: [login],
              }))}
            />
          </Field>
        </section>
        <section className="space-y-2">
          <h3 className="text-sm font-semibold">{text.sets}</h3>
          <Holdings of={of} name={name} holdings={sets} />
        </section>
      </div>
    </Dialog>
  );
}
