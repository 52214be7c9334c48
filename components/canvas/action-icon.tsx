import {
  Box,
  Braces,
  CircleDashed,
  CircleHelp,
  Globe,
  Hexagon,
  MessageSquareText,
  OctagonX,
  Split,
  SquareTerminal,
  Timer,
  UserRoundCheck,
  Workflow,
  type LucideIcon,
} from 'lucide-react';
import { conditionStep } from './view';

const byRef: Record<string, LucideIcon> = {
  'core.ask': UserRoundCheck,
  'core.sleep': Timer,
  'core.fail': OctagonX,
  'core.echo': MessageSquareText,
  'core.noop': CircleDashed,
  'core.http_request': Globe,
  'core.webhook': Globe,
  [conditionStep]: Split,
};
const byRuntime: Record<string, LucideIcon> = {
  shell: SquareTerminal,
  python: Braces,
  nodejs: Hexagon,
  native: Box,
  workflow: Workflow,
};
const tints: Record<string, string> = {
  shell: 'slate',
  python: 'blue',
  nodejs: 'green',
  native: 'violet',
  workflow: 'teal',
};

/** The sign of an action by what runs it; the core pack's own have signs of their own. Says nothing to a reader. */
export function ActionIcon({
  actionRef,
  runtime,
  size = 18,
}: {
  actionRef: string;
  runtime: string | null;
  size?: number;
}) {
  const Icon = byRef[actionRef] ?? (runtime ? byRuntime[runtime] : undefined) ?? CircleHelp;
  const tint = actionRef === 'core.ask' ? 'amber' : (tints[runtime ?? ''] ?? 'slate');
  return (
    <span className="action-icon" data-tint={tint} aria-hidden="true">
      <Icon size={size} strokeWidth={1.8} />
    </span>
  );
}
