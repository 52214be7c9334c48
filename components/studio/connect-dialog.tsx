'use client';

import { Flag, OctagonX } from 'lucide-react';
import { useState } from 'react';
import { Dialog } from '@/components/ui/dialog';
import { RadioGroup } from '@/components/ui/radio-group';
import type { Definition } from '@/engine/definition/schema';
import { ActionIcon } from '../canvas/action-icon';
import { exits, type Exit } from '../canvas/geometry';
import type { Catalog } from '../canvas/view';
import { canvas } from '../strings/canvas';
import { studio } from '../strings/studio';
import { PickList } from '@/components/ui/pick-list';

const strings = studio.connect;

/** Connecting by keyboard: when, and to what. */
export function ConnectDialog({
  from,
  definition,
  catalog,
  onConnect,
  onClose,
}: {
  from: string;
  definition: Definition;
  catalog: Catalog;
  onConnect: (exit: Exit, to: string) => void;
  onClose: () => void;
}) {
  const [exit, setExit] = useState<Exit>('success');
  const tasks = definition.tasks.filter(({ name }) => name !== from);
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={strings.title(from)}
      size="sm"
    >
      <div className="space-y-4">
        <RadioGroup
          label={strings.when}
          orientation="horizontal"
          value={exit}
          onValueChange={(value) => setExit(value as Exit)}
          options={exits.map((value) => ({ value, label: canvas.exits[value] }))}
        />
        <div className="rounded-lg border border-border">
          <PickList
            label={strings.to}
            placeholder={strings.search}
            empty={strings.nothing}
            groups={[
              {
                heading: strings.to,
                options: [
                  ...tasks.map((task) => ({
                    value: task.name,
                    label: task.name,
                    detail: task.action ?? '',
                    icon: (
                      <ActionIcon
                        actionRef={task.action ?? ''}
                        runtime={catalog.get(task.action ?? '')?.runtime ?? null}
                        size={16}
                      />
                    ),
                  })),
                  { value: '$end', label: strings.end, icon: <Flag size={16} aria-hidden="true" /> },
                  { value: '$fail', label: strings.fail, icon: <OctagonX size={16} aria-hidden="true" /> },
                ],
              },
            ]}
            onPick={(to) => onConnect(exit, to)}
          />
        </div>
      </div>
    </Dialog>
  );
}
