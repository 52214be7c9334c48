'use client';

import { Command as Cmdk } from 'cmdk';
import { Search } from 'lucide-react';
import { strings } from '@/components/strings';
import { Dialog } from '../ui/dialog';
import { Kbd } from '../ui/kbd';
import { commandGroups, useOfferedCommands, type Command } from './commands';

const text = strings.shell.palette;

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Everything that can be done from here, found by a few letters. */
export function CommandPalette({ open, onOpenChange }: Props) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={text.title}
      titleHidden
      className="overflow-hidden sm:max-w-xl"
    >
      <Palette onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}

function Palette({ onDone }: { onDone: () => void }) {
  const commands = useOfferedCommands();
  const choose = (command: Command) => {
    onDone();
    command.run();
  };
  return (
    <Cmdk label={text.title} loop>
      <div className="flex items-center gap-2.5 border-b border-border px-4">
        <Search aria-hidden className="size-4 shrink-0 text-text-3" />
        <Cmdk.Input
          autoFocus
          placeholder={text.placeholder}
          className="h-12 w-full min-w-0 bg-transparent text-base outline-none"
        />
      </div>
      <Cmdk.List className="max-h-[min(24rem,60vh)] overflow-auto p-1.5">
        <Cmdk.Empty className="px-3 py-8 text-center text-sm text-text-2">{text.empty}</Cmdk.Empty>
        {commandGroups.map((group) => {
          const members = commands.filter((command) => command.group === group);
          return members.length === 0 ? null : (
            <Cmdk.Group
              key={group}
              heading={text.groups[group]}
              className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2.5 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-text-3"
            >
              {members.map((command) => (
                <Item key={command.id} command={command} onChoose={choose} />
              ))}
            </Cmdk.Group>
          );
        })}
      </Cmdk.List>
      <div
        aria-hidden
        className="hidden items-center gap-4 border-t border-border px-4 py-2 text-xs text-text-3 sm:flex"
      >
        <span className="flex items-center gap-1.5">
          <Kbd keys="up" />
          <Kbd keys="down" /> {text.move}
        </span>
        <span className="flex items-center gap-1.5">
          <Kbd keys="enter" /> {text.help}
        </span>
        <span className="flex items-center gap-1.5">
          <Kbd keys="escape" /> {text.leave}
        </span>
      </div>
    </Cmdk>
  );
}

function Item({ command, onChoose }: { command: Command; onChoose: (command: Command) => void }) {
  const { id, group, label, description, icon, keywords = [], shortcut } = command;
  return (
    <Cmdk.Item
      value={id}
      keywords={[label, text.groups[group], ...keywords]}
      onSelect={() => onChoose(command)}
      className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-1 text-sm data-[selected=true]:bg-surface-3"
    >
      <span aria-hidden className="grid size-4 place-items-center text-text-3 [&_svg]:size-4">
        {icon}
      </span>
      <span className="min-w-0 flex-1 truncate">
        {label}
        {description ? <span className="ml-2 text-xs text-text-2">{description}</span> : null}
      </span>
      {shortcut ? <Kbd keys={shortcut} /> : null}
    </Cmdk.Item>
  );
}
