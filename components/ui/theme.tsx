'use client';

import { Monitor, Moon, Sun } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { strings } from '@/components/strings';
import { DropdownMenu } from './dropdown-menu';
import { IconButton } from './icon-button';
import { themeKey, themes, type Theme, type ThemePreference } from './theme-script';

const text = strings.shell.theme;
const listeners = new Set<() => void>();
const systemIsDark = () => window.matchMedia('(prefers-color-scheme: dark)');

function isPreference(value: unknown): value is ThemePreference {
  return themes.some((theme) => theme === value);
}

function readPreference(): ThemePreference {
  try {
    const kept = localStorage.getItem(themeKey);
    return isPreference(kept) ? kept : 'system';
  } catch {
    return 'system';
  }
}

function toTheme(preference: ThemePreference): Theme {
  return preference === 'system' ? (systemIsDark().matches ? 'dark' : 'light') : preference;
}

function show(): void {
  document.documentElement.dataset['theme'] = toTheme(readPreference());
  listeners.forEach((call) => call());
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    systemIsDark().addEventListener('change', show);
    window.addEventListener('storage', show);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    systemIsDark().removeEventListener('change', show);
    window.removeEventListener('storage', show);
  };
}

function setPreference(preference: ThemePreference): void {
  try {
    localStorage.setItem(themeKey, preference);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  document.documentElement.dataset['theme'] = toTheme(preference);
  listeners.forEach((call) => call());
}

/** The theme in effect, and what the person asked for; all tabs follow. */
export function useTheme(): {
  preference: ThemePreference;
  theme: Theme;
  setPreference: (preference: ThemePreference) => void;
} {
  const preference = useSyncExternalStore(subscribe, readPreference, () => 'system' as const);
  const theme = useSyncExternalStore<Theme>(
    subscribe,
    () => (document.documentElement.dataset['theme'] === 'dark' ? 'dark' : 'light'),
    () => 'light',
  );
  return { preference, theme, setPreference };
}

const icons = { light: Sun, dark: Moon, system: Monitor } as const;

/** Light, dark, or as the system has it. */
export function ThemeSwitch() {
  const { preference, theme } = useTheme();
  const Icon = icons[theme];
  return (
    <DropdownMenu
      trigger={<IconButton label={text.use(text[preference])} icon={<Icon />} side="bottom" />}
      items={themes.map((option) => {
        const OptionIcon = icons[option];
        return {
          key: option,
          label: text[option],
          icon: <OptionIcon />,
          checked: option === preference,
          onSelect: () => setPreference(option),
        };
      })}
    />
  );
}
