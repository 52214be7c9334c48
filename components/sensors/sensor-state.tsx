import { strings } from '@/components/strings';
import type { RouterOutputs } from '@/components/trpc';
import { Badge, type Tone } from '@/components/ui/badge';

type State = RouterOutputs['sensors']['list'][number]['state'];

const tones: Record<State, Tone> = {
  built_in: 'neutral',
  disabled: 'neutral',
  waiting: 'neutral',
  pending: 'info',
  starting: 'info',
  running: 'success',
  backing_off: 'warning',
  failing: 'danger',
};

/** A sensor's state in a word. */
export function SensorState({ state }: { state: State }) {
  return <Badge tone={tones[state]}>{strings.sensors.states[state]}</Badge>;
}
