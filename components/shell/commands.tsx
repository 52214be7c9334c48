'use client';

import {
  createContext,
  useContext,
  useEffect,
  useId,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react';

export const commandGroups = ['page', 'approve', 'run', 'create', 'go', 'studio'] as const;
export type CommandGroup = (typeof commandGroups)[number];

export interface Command {
  id: string;
  group: CommandGroup;
  label: string;
  description?: string | undefined;
  icon?: ReactNode;
  keywords?: readonly string[];
  /** Shown beside it; binding the keys is `useShortcuts`' work. */
  shortcut?: string;
  run: () => void;
}

/** What the palette offers at the moment. */
class CommandRegistry {
  private readonly sets = new Map<string, readonly Command[]>();
  private readonly listeners = new Set<() => void>();
  private all: readonly Command[] = [];

  set(id: string, commands: readonly Command[]): void {
    this.sets.set(id, commands);
    this.changed();
  }

  remove(id: string): void {
    this.sets.delete(id);
    this.changed();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  list = (): readonly Command[] => this.all;

  private changed(): void {
    // A page that offers a command under the same id takes its place.
    this.all = [...new Map([...this.sets.values()].flat().map((command) => [command.id, command])).values()];
    this.listeners.forEach((call) => call());
  }
}

const CommandContext = createContext<CommandRegistry | null>(null);

export function CommandsProvider({ children }: { children: ReactNode }) {
  const [registry] = useState(() => new CommandRegistry());
  return <CommandContext value={registry}>{children}</CommandContext>;
}

/** Offers commands in the palette while the component stands. */
export function useCommands(commands: readonly Command[]): void {
  const registry = useContext(CommandContext);
  const id = useId();
  useEffect(() => registry?.set(id, commands));
  useEffect(() => () => registry?.remove(id), [registry, id]);
}

const nothing: readonly Command[] = [];
const never = () => () => undefined;

/** All commands of the moment; only the open palette follows them. */
export function useOfferedCommands(): readonly Command[] {
  const registry = useContext(CommandContext);
  return useSyncExternalStore(registry?.subscribe ?? never, registry?.list ?? (() => nothing), () => nothing);
}
