'use client';

import { createContext, useContext, useEffect, useId, useState, type ReactNode } from 'react';
import { ShortcutRegistry, type Shortcut } from './shortcut-registry';

const ShortcutContext = createContext<ShortcutRegistry | null>(null);

/** Listens to the keys of the page and hands them to whoever has registered them. */
export function ShortcutsProvider({ children }: { children: ReactNode }) {
  const [registry] = useState(() => new ShortcutRegistry());
  useEffect(() => {
    const listen = (event: KeyboardEvent) => registry.handle(event);
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [registry]);
  return <ShortcutContext value={registry}>{children}</ShortcutContext>;
}

/** The registry of this page; null outside the frame. */
export function useShortcutRegistry(): ShortcutRegistry | null {
  return useContext(ShortcutContext);
}

/** Binds keys while the component stands: `j`, `g h` one after the other, `mod+s`, `?`. They show in the sheet of `?`. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const registry = useShortcutRegistry();
  const id = useId();
  // Every drawing brings new functions; keeping the newest is cheaper than asking the caller to memoize.
  useEffect(() => registry?.set(id, shortcuts));
  useEffect(() => () => registry?.remove(id), [registry, id]);
}
