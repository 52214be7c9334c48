'use client';

import { useQuery } from '@tanstack/react-query';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { Checkbox } from '@/components/ui/checkbox';

const text = strings.actions;
const standard = 'standard';

interface Props {
  value: readonly string[];
  onChange: (refs: string[]) => void;
  error: string | undefined;
  readOnly: boolean;
}

/** As what the action's executions may call the API: what the person may give, and what it has already. */
export function PermissionSetsField({ value, onChange, error, readOnly }: Props) {
  const trpc = useTRPC();
  const me = useQuery(trpc.auth.me.queryOptions());
  const mayList = (me.data?.rights ?? []).some(
    ({ resource, actions }) => resource === 'permissions' && actions.includes('read'),
  );
  const sets = useQuery(trpc.people.permissionSets.queryOptions(undefined, { enabled: mayList }));
  const words = new Map((sets.data ?? []).map(({ ref, description }) => [ref, description]));
  const refs = [...new Set([standard, ...value, ...(me.data?.permissionSets ?? []), ...words.keys()])];
  const toggle = (ref: string, isOn: boolean) =>
    onChange(isOn ? [...value, ref] : value.filter((other) => other !== ref));
  return (
    <fieldset className="space-y-2" disabled={readOnly}>
      <legend className="mb-1 text-xs font-medium">{text.permissionSets}</legend>
      <p className="text-xs text-text-2">{text.permissionSetsHint}</p>
      {refs.map((ref) => (
        <Checkbox
          key={ref}
          label={ref}
          description={ref === standard ? text.standardSet : words.get(ref)}
          checked={value.includes(ref)}
          onCheckedChange={(isOn) => toggle(ref, isOn)}
          disabled={readOnly}
        />
      ))}
      {error ? (
        <p role="alert" className="text-xs text-danger">
          {error}
        </p>
      ) : null}
    </fieldset>
  );
}
