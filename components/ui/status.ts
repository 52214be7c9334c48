import {
  Ban,
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleX,
  Clock,
  Hourglass,
  ListOrdered,
  LoaderCircle,
  OctagonX,
  TimerOff,
  Unplug,
  type LucideIcon,
} from 'lucide-react';
import { strings } from '@/components/strings';

/** The families of states that share a colour. */
export const statusFamilies = [
  'queued', 'running', 'waiting', 'paused', 'completed', 'failed', 'timeout', 'cancelled', 'abandoned',
] as const; // prettier-ignore
export type StatusFamily = (typeof statusFamilies)[number];

const states: Readonly<Record<string, { family: StatusFamily; icon: LucideIcon }>> = {
  requested: { family: 'queued', icon: CircleDashed },
  delayed: { family: 'queued', icon: Clock },
  queued: { family: 'queued', icon: ListOrdered },
  scheduled: { family: 'queued', icon: CircleDashed },
  running: { family: 'running', icon: LoaderCircle },
  waiting: { family: 'waiting', icon: Hourglass },
  paused: { family: 'paused', icon: CirclePause },
  canceling: { family: 'cancelled', icon: OctagonX },
  completed: { family: 'completed', icon: CircleCheck },
  failed: { family: 'failed', icon: CircleX },
  timeout: { family: 'timeout', icon: TimerOff },
  cancelled: { family: 'cancelled', icon: Ban },
  abandoned: { family: 'abandoned', icon: Unplug },
};

export function toStatusFamily(state: string): StatusFamily {
  return states[state]?.family ?? 'queued';
}

export function statusIcon(state: string): LucideIcon {
  return states[state]?.icon ?? CircleDashed;
}

/** The word for a state; one that the catalogue does not know is shown as it is. */
export function toStatusLabel(state: string): string {
  return (strings.status as Readonly<Record<string, string>>)[state] ?? state;
}

/** Text, ground and edge of each family, whole so that Tailwind finds them. */
export const statusClasses: Readonly<Record<StatusFamily, { text: string; soft: string; solid: string }>> = {
  queued: { text: 'text-status-queued', soft: 'bg-status-queued-soft', solid: 'bg-status-queued' },
  running: { text: 'text-status-running', soft: 'bg-status-running-soft', solid: 'bg-status-running' },
  waiting: { text: 'text-status-waiting', soft: 'bg-status-waiting-soft', solid: 'bg-status-waiting' },
  paused: { text: 'text-status-paused', soft: 'bg-status-paused-soft', solid: 'bg-status-paused' },
  completed: {
    text: 'text-status-completed',
    soft: 'bg-status-completed-soft',
    solid: 'bg-status-completed',
  },
  failed: { text: 'text-status-failed', soft: 'bg-status-failed-soft', solid: 'bg-status-failed' },
  timeout: { text: 'text-status-timeout', soft: 'bg-status-timeout-soft', solid: 'bg-status-timeout' },
  cancelled: {
    text: 'text-status-cancelled',
    soft: 'bg-status-cancelled-soft',
    solid: 'bg-status-cancelled',
  },
  abandoned: {
    text: 'text-status-abandoned',
    soft: 'bg-status-abandoned-soft',
    solid: 'bg-status-abandoned',
  },
};
