'use client';

import { Building2 } from 'lucide-react';
import { strings } from '@/components/strings';
import type { MenuItem } from '../ui/dropdown-menu';
import { useCommands } from './commands';

export interface OwnTenant {
  id: number;
  name: string;
  isThis: boolean;
}

/** The palette leads to the person's other tenants. */
export function useTenantCommands(tenants: readonly OwnTenant[], onSwitch: (id: number) => void): void {
  useCommands(
    tenants
      .filter(({ isThis }) => !isThis)
      .map(({ id, name }) => ({
        id: `tenant-${id}`,
        group: 'studio',
        label: strings.tenants.switchTo(name),
        icon: <Building2 />,
        run: () => onSwitch(id),
      })),
  );
}

/** The person's tenants as parts of their menu; nothing for whoever is in one alone. */
export function toTenantItems(tenants: readonly OwnTenant[], onSwitch: (id: number) => void): MenuItem[] {
  if (tenants.length < 2) return [];
  return [
    'separator',
    { heading: strings.tenants.yours },
    ...tenants.map(({ id, name, isThis }) => ({
      key: String(id),
      label: name,
      checked: isThis,
      onSelect: () => (isThis ? undefined : onSwitch(id)),
    })),
  ];
}
