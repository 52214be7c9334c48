'use client';

import { Trash2 } from 'lucide-react';
import { useState, type ReactNode, type Ref } from 'react';
import { Callout } from '@/components/ui/callout';
import { Combobox } from '@/components/ui/combobox';
import { Field } from '@/components/ui/field';
import { IconButton } from '@/components/ui/icon-button';
import { Input } from '@/components/ui/input';
import { Tabs } from '@/components/ui/tabs';
import { updateTask } from '@/engine/definition/edit';
import type { Task } from '@/engine/definition/schema';
import { ActionIcon } from '../canvas/action-icon';
import { inspection } from '../strings/inspection';
import { studio } from '../strings/studio';
import { DisabledNote } from './disabled-note';
import { renameInDraft } from './draft-edits';
import { InputPart } from './input-part';
import { LastRunPart } from './last-run-part';
import { nameFault } from './names';
import { OutputPart } from './output-part';
import { useRuns } from './run-context';
import { SettingsPart } from './settings-part';
import { useStudio, type InspectorTab } from './studio-context';
import { TaskMenu } from './task-menu';
import { TransitionsPart } from './transitions-part';

const strings = studio.inspector;

/** Everything about one task: its name and action, and in three parts its input, what follows, and how it is run. */
export function TaskInspector({
  task,
  nameRef,
  onRemove,
}: {
  task: Task;
  nameRef?: Ref<HTMLInputElement>;
  onRemove: () => void;
}) {
  const { catalog, actions, workflow, readOnly, editDefinition, tab, setTab } = useStudio();
  const action = catalog.get(task.action ?? '') ?? null;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="space-y-3 border-b border-border p-4">
        <div className="flex items-start gap-2.5">
          <ActionIcon actionRef={task.action ?? ''} runtime={action?.runtime ?? null} />
          <div className="min-w-0 flex-1">
            <TaskName key={task.name} task={task} inputRef={nameRef} />
          </div>
          <TaskMenu task={task} action={action} />
          {readOnly ? null : <IconButton label={strings.remove} icon={<Trash2 />} onClick={onRemove} />}
        </div>
        <Field label={strings.action} {...(action?.description ? { hint: action.description } : {})}>
          <div data-field="action">
            <Combobox
              label={strings.action}
              value={task.action ?? null}
              disabled={readOnly}
              placeholder={strings.chooseAction}
              options={actions
                .filter(({ ref }) => ref !== workflow.ref)
                .map(({ ref, label, packRef }) => ({ value: ref, label, description: ref, group: packRef }))}
              onValueChange={(ref) =>
                editDefinition(studio.steps.edit(task.name), (definition) =>
                  updateTask(definition, task.name, { action: ref ?? '' }),
                )
              }
            />
          </div>
        </Field>
        <DisabledNote task={task.name} />
        {task.action && !action ? <Callout kind="error">{strings.unknownAction(task.action)}</Callout> : null}
      </div>
      <Tabs
        label={strings.tabs}
        wraps
        value={tab}
        onValueChange={(value) => setTab(value as InspectorTab)}
        className="min-h-0 flex-1"
        tabs={[
          {
            value: 'input',
            label: strings.input,
            content: scrolling(<InputPart key={task.name} task={task} action={action} />),
          },
          {
            value: 'transitions',
            label: strings.transitions,
            count: task.next.length,
            content: scrolling(<TransitionsPart key={task.name} task={task} />),
          },
          {
            value: 'settings',
            label: strings.settings,
            content: scrolling(<SettingsPart key={task.name} task={task} />),
          },
          {
            value: 'output',
            label: inspection.output.tab,
            content: scrolling(<OutputPart key={task.name} task={task} action={action} />),
          },
          {
            value: 'last-run',
            label: inspection.lastRun.tab,
            content: scrolling(<LastRunPart key={task.name} task={task} />),
          },
        ]}
      />
    </div>
  );
}

function scrolling(part: ReactNode): ReactNode {
  return <div className="h-full overflow-y-auto">{part}</div>;
}

/** The name changes when the field is left or Enter is pressed: half a name would break every reference on the way. */
function TaskName({ task, inputRef }: { task: Task; inputRef: Ref<HTMLInputElement> | undefined }) {
  const { draft, readOnly, edit, select } = useStudio();
  const { renamed } = useRuns();
  const [text, setText] = useState(task.name);
  const fault = text === task.name ? null : nameFault(text, draft.definition);
  const rename = () => {
    if (text === task.name) return;
    if (fault) return setText(task.name);
    edit(studio.steps.rename(text), (before) => renameInDraft(before, task.name, text));
    renamed?.(task.name, text);
    select({ tasks: [text], transition: null });
  };
  return (
    <Field label={strings.name} labelHidden {...(fault ? { error: strings.names[fault] } : {})}>
      <Input
        ref={inputRef}
        value={text}
        readOnly={readOnly}
        spellCheck={false}
        className="font-semibold"
        title={strings.nameHint}
        onChange={(event) => setText(event.target.value)}
        onBlur={rename}
        onKeyDown={(event) => {
          if (event.key === 'Enter') event.currentTarget.blur();
          if (event.key === 'Escape') setText(task.name);
        }}
      />
    </Field>
  );
}
