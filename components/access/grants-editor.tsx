'use client';

import { Plus, X } from 'lucide-react';
import { strings } from '@/components/strings';
import type { RouterOutputs } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Checkbox } from '@/components/ui/checkbox';
import { Field } from '@/components/ui/field';
import { IconButton } from '@/components/ui/icon-button';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';

const text = strings.access.setsPage;
export type Grant = RouterOutputs['access']['sets'][number]['grants'][number];
type Constraint = keyof typeof text.constraints;

const resources: readonly Grant['resource'][] = [
  ...(['packs', 'actions', 'queues', 'rules', 'triggers', 'executions', 'events', 'enforcements'] as const),
  ...(['inquiries', 'keys', 'artifacts', 'runtimes', 'workers', 'retention', 'identities'] as const),
  ...(['permissions', 'audit_log'] as const),
];
const actions: readonly Grant['actions'][number][] = [
  ...(['read', 'create', 'install', 'configure', 'update', 'delete'] as const),
  ...(['execute', 'cancel', 'respond', 'manage', 'decrypt'] as const),
];
const constraints = Object.keys(text.constraints) as Constraint[];

/** What a permission set gives: resource, actions, and what they are limited to. */
export function GrantsEditor({
  grants,
  onChange,
}: {
  grants: readonly Grant[];
  onChange: (grants: Grant[]) => void;
}) {
  const change = (index: number, grant: Grant) =>
    onChange(grants.map((one, place) => (place === index ? grant : one)));
  return (
    <div className="space-y-3">
      {grants.map((grant, index) => (
        <fieldset key={index} className="space-y-3 rounded-lg border border-border p-3">
          <legend className="px-1 text-xs text-text-2">{text.grant(index + 1)}</legend>
          <div className="flex items-end gap-2">
            <Field label={text.resource} className="flex-1">
              <Select
                value={grant.resource}
                onValueChange={(resource) =>
                  change(index, { ...grant, resource: resource as Grant['resource'] })
                }
                options={resources.map((value) => ({ value, label: value }))}
              />
            </Field>
            <IconButton
              label={text.removeGrant(index + 1)}
              icon={<X />}
              onClick={() => onChange(grants.filter((_, place) => place !== index))}
            />
          </div>
          <div role="group" aria-label={text.actions} className="grid grid-cols-2 gap-x-3 sm:grid-cols-4">
            {actions.map((action) => (
              <Checkbox
                key={action}
                label={action}
                checked={grant.actions.includes(action)}
                onCheckedChange={(isOn) =>
                  change(index, {
                    ...grant,
                    actions: isOn
                      ? [...grant.actions, action]
                      : grant.actions.filter((one) => one !== action),
                  })
                }
              />
            ))}
          </div>
          <details open={grant.constraints !== undefined}>
            <summary className="cursor-pointer text-sm text-text-2">{text.limits}</summary>
            <p className="py-2 text-xs text-text-2">{text.limitsHint}</p>
            <div className="grid gap-3 sm:grid-cols-2">
              {constraints.map((name) => (
                <Field key={name} label={text.constraints[name]}>
                  <Input
                    defaultValue={grant.constraints?.[name]?.join(', ') ?? ''}
                    onBlur={(event) => change(index, limited(grant, name, event.target.value))}
                  />
                </Field>
              ))}
            </div>
          </details>
        </fieldset>
      ))}
      <Button
        size="sm"
        icon={<Plus />}
        onClick={() => onChange([...grants, { resource: 'packs', actions: ['read'] }])}
      >
        {text.addGrant}
      </Button>
    </div>
  );
}

function limited(grant: Grant, name: Constraint, typed: string): Grant {
  const { [name]: _, ...others } = grant.constraints ?? {};
  const names = typed
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const value = name === 'ids' ? names.map(Number).filter((id) => Number.isSafeInteger(id) && id > 0) : names;
  const next = value.length > 0 ? { ...others, [name]: value } : others;
  const { constraints: __, ...rest } = grant;
  return Object.keys(next).length > 0 ? { ...rest, constraints: next } : rest;
}
