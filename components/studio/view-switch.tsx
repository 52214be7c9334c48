'use client';

import { FileCode2, ListTree, Network } from 'lucide-react';
import { RadioGroup as Radix } from 'radix-ui';
import { cn } from '@/components/ui/cn';
import { useUrlState } from '@/components/ui/use-url-state';
import { studio } from '../strings/studio';

const strings = studio.views;

/** Which side of the workflow is shown: the canvas or the outline, and YAML beside it. In the address. */
export function useViews() {
  const [view, setView] = useUrlState('view', 'canvas');
  const [yaml, setYaml] = useUrlState('yaml', '');
  return {
    view: view === 'outline' ? ('outline' as const) : ('canvas' as const),
    setView,
    showsYaml: yaml === '1',
    toggleYaml: () => setYaml(yaml === '1' ? '' : '1'),
  };
}

/** Canvas or outline, with or without YAML beside it. */
export function ViewSwitch({ view, setView, showsYaml, toggleYaml }: ReturnType<typeof useViews>) {
  // Radix takes a focus for a choice only while it sees the arrow key held down, which a quick press outruns.
  const choose = (next: typeof view) => (next === view ? undefined : setView(next));
  const part =
    'inline-flex h-7 items-center gap-1.5 rounded-md px-2 text-xs text-text-2 hover:text-text [&_svg]:size-3.5';
  return (
    <div className="flex items-center gap-1">
      <Radix.Root
        aria-label={strings.label}
        orientation="horizontal"
        value={view}
        onValueChange={(next) => setView(next)}
        className="flex rounded-lg border border-border p-0.5"
      >
        <Radix.Item
          value="canvas"
          onFocus={() => choose('canvas')}
          className={cn(part, view === 'canvas' && 'bg-surface-3 font-medium text-text')}
        >
          <Network aria-hidden /> {strings.canvas}
        </Radix.Item>
        <Radix.Item
          value="outline"
          onFocus={() => choose('outline')}
          className={cn(part, view === 'outline' && 'bg-surface-3 font-medium text-text')}
        >
          <ListTree aria-hidden /> {strings.outline}
        </Radix.Item>
      </Radix.Root>
      <button
        type="button"
        aria-pressed={showsYaml}
        onClick={toggleYaml}
        className={cn(part, 'border border-border', showsYaml && 'bg-surface-3 font-medium text-text')}
      >
        <FileCode2 aria-hidden /> {strings.yaml}
      </button>
    </div>
  );
}
