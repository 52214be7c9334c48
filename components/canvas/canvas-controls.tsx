'use client';

import { Panel, useReactFlow } from '@xyflow/react';
import { Ellipsis, Maximize, Minus, Plus, WandSparkles, type LucideIcon } from 'lucide-react';
import type { MouseEvent } from 'react';
import { canvas as strings } from '../strings/canvas';
import type { Point } from './geometry';

/** Zoom, fit and tidy, for those who would rather press than know the key. */
export function CanvasControls({
  tidy,
  onMenu,
}: {
  tidy: (() => void) | null;
  onMenu: ((screen: Point) => void) | null;
}) {
  const flow = useReactFlow();
  return (
    <Panel position="bottom-left" className="canvas-controls" role="toolbar" aria-label={strings.controls}>
      <Control
        label={strings.zoomIn}
        keys="+"
        icon={Plus}
        onPress={() => void flow.zoomIn({ duration: 120 })}
      />
      <Control
        label={strings.zoomOut}
        keys="−"
        icon={Minus}
        onPress={() => void flow.zoomOut({ duration: 120 })}
      />
      <Control
        label={strings.fit}
        keys="1"
        icon={Maximize}
        onPress={() => void flow.fitView({ padding: 0.16, maxZoom: 1, duration: 160 })}
      />
      {tidy ? <Control label={strings.tidy} keys={null} icon={WandSparkles} onPress={tidy} /> : null}
      {onMenu ? (
        <Control
          label={strings.menu}
          keys={null}
          icon={Ellipsis}
          onPress={(event) => {
            const { left, top } = event.currentTarget.getBoundingClientRect();
            onMenu({ x: left, y: top });
          }}
        />
      ) : null}
    </Panel>
  );
}

function Control({
  label,
  keys,
  icon: Icon,
  onPress,
}: {
  label: string;
  keys: string | null;
  icon: LucideIcon;
  onPress: (event: MouseEvent<HTMLElement>) => void;
}) {
  return (
    <button type="button" aria-label={label} title={keys ? `${label} (${keys})` : label} onClick={onPress}>
      <Icon size={16} aria-hidden="true" />
    </button>
  );
}
