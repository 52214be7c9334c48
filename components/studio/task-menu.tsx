'use client';

import { ArrowUpRight, Ellipsis, PackageOpen, Play, SkipForward } from 'lucide-react';
import { DropdownMenu, type MenuItem } from '@/components/ui/dropdown-menu';
import { IconButton } from '@/components/ui/icon-button';
import type { Task } from '@/engine/definition/schema';
import type { CatalogEntry } from '../canvas/view';
import { inspection } from '../strings/inspection';
import { markItems } from './mark-items';
import { useRuns } from './run-context';
import { useStudio } from './studio-context';

const strings = inspection.task;

/** What can be done with one task beside editing it: run it, run to it, go into it, move it into a workflow. */
export function TaskMenu({ task, action }: { task: Task; action: CatalogEntry | null }) {
  const { readOnly, draft, edit } = useStudio();
  const { runOnly, extract } = useRuns();
  const items: MenuItem[] = [
    ...(readOnly || !runOnly
      ? []
      : [
          {
            key: 'step',
            label: strings.step,
            icon: <Play />,
            onSelect: () => runOnly({ task: task.name, kind: 'step' }),
          },
          {
            key: 'to',
            label: strings.to,
            icon: <SkipForward />,
            onSelect: () => runOnly({ task: task.name, kind: 'to' }),
          },
        ]),
    ...(readOnly ? [] : markItems({ draft, edit }, [task.name])),
    ...(action?.runtime === 'workflow'
      ? [
          {
            key: 'open',
            label: strings.openWorkflow,
            icon: <ArrowUpRight />,
            href: `/workflows/${encodeURIComponent(action.ref)}`,
          },
        ]
      : []),
    ...(readOnly || !extract
      ? []
      : [
          {
            key: 'extract',
            label: strings.extract,
            icon: <PackageOpen />,
            onSelect: () => extract([task.name]),
          },
        ]),
  ];
  if (items.length === 0) return null;
  return <DropdownMenu trigger={<IconButton label={strings.menu} icon={<Ellipsis />} />} items={items} />;
}
