import {
  Activity,
  Boxes,
  Building2,
  Eye,
  House,
  Inbox,
  KeyRound,
  ListOrdered,
  Package,
  Paperclip,
  Radio,
  ScrollText,
  Server,
  Settings,
  Split,
  Users,
  Workflow,
  Zap,
  type LucideIcon,
} from 'lucide-react';
import { strings } from '@/components/strings';

export interface Destination {
  key: string;
  label: string;
  href: string;
  icon: LucideIcon;
  /** The letter after `g`. */
  letter: string;
  /** What one must be allowed to be led there, or `installation` for those who keep it; nothing for what everybody sees. */
  right?: string;
}

const { nav } = strings;

/** Where the left navigation leads, by group; the first group has no heading. */
export const destinationGroups: readonly { heading: string | null; destinations: readonly Destination[] }[] =
  [
    {
      heading: null,
      destinations: [
        { key: 'home', label: nav.home, href: '/', icon: House, letter: 'h' },
        { key: 'inbox', label: nav.inbox, href: '/inbox', icon: Inbox, letter: 'i', right: 'inquiries:read' },
        {
          key: 'executions',
          label: nav.executions,
          href: '/executions',
          icon: Activity,
          letter: 'e',
          right: 'executions:read',
        },
      ],
    },
    {
      heading: nav.groups.build,
      destinations: [
        {
          key: 'workflows',
          label: nav.workflows,
          href: '/workflows',
          icon: Workflow,
          letter: 'w',
          right: 'actions:read',
        },
        {
          key: 'actions',
          label: nav.actions,
          href: '/actions',
          icon: Boxes,
          letter: 'a',
          right: 'actions:read',
        },
        { key: 'rules', label: nav.rules, href: '/rules', icon: Split, letter: 'r', right: 'rules:read' },
        {
          key: 'triggers',
          label: nav.triggers,
          href: '/triggers',
          icon: Zap,
          letter: 't',
          right: 'triggers:read',
        },
        {
          key: 'sensors',
          label: nav.sensors,
          href: '/sensors',
          icon: Eye,
          letter: 's',
          right: 'triggers:read',
        },
        {
          key: 'queues',
          label: nav.queues,
          href: '/queues',
          icon: ListOrdered,
          letter: 'q',
          right: 'queues:read',
        },
        { key: 'packs', label: nav.packs, href: '/packs', icon: Package, letter: 'p', right: 'packs:read' },
        {
          key: 'datastore',
          label: nav.datastore,
          href: '/datastore',
          icon: KeyRound,
          letter: 'd',
          right: 'keys:read',
        },
      ],
    },
    {
      heading: nav.groups.watch,
      destinations: [
        { key: 'events', label: nav.events, href: '/events', icon: Radio, letter: 'v', right: 'events:read' },
        {
          key: 'artifacts',
          label: nav.artifacts,
          href: '/artifacts',
          icon: Paperclip,
          letter: 'f',
          right: 'artifacts:read',
        },
      ],
    },
    {
      heading: nav.groups.admin,
      destinations: [
        {
          key: 'people',
          label: nav.people,
          href: '/people',
          icon: Users,
          letter: 'u',
          right: 'identities:read',
        },
        {
          key: 'workers',
          label: nav.workers,
          href: '/workers',
          icon: Server,
          letter: 'k',
          right: 'workers:read',
        },
        {
          key: 'audit',
          label: nav.audit,
          href: '/audit',
          icon: ScrollText,
          letter: 'l',
          right: 'audit_log:read',
        },
        {
          key: 'tenants',
          label: nav.tenants,
          href: '/tenants',
          icon: Building2,
          letter: 'n',
          right: 'installation',
        },
        {
          key: 'settings',
          label: nav.settings,
          href: '/settings',
          icon: Settings,
          letter: 'o',
          right: 'installation',
        },
      ],
    },
  ];

/** Whether a page lies at or below a destination. */
export function isAt(path: string, href: string): boolean {
  return href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`);
}
