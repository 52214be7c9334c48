'use client';

import { strings } from '@/components/strings';
import { Dialog } from '../ui/dialog';
import { Kbd } from '../ui/kbd';
import type { Shortcut } from './shortcut-registry';
import { useShortcutRegistry } from './shortcuts';

const text = strings.shell.shortcuts;

/** What the keys do here: the page's own first. */
export function ShortcutsSheet({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={text.title}
      description={text.description}
      size="lg"
    >
      <Groups />
    </Dialog>
  );
}

function Groups() {
  const groups = new Map<string, Shortcut[]>();
  for (const shortcut of useShortcutRegistry()?.list() ?? []) {
    const name = shortcut.group ?? text.page;
    groups.set(name, [...(groups.get(name) ?? []), shortcut]);
  }
  const last = [text.everywhere, text.navigation] as string[];
  const sorted = [...groups].toSorted(([one], [other]) => last.indexOf(one) - last.indexOf(other));
  return (
    <div className="gap-x-8 sm:columns-2">
      {sorted.map(([group, shortcuts]) => (
        <section key={group} className="mb-5 break-inside-avoid">
          <h3 className="mb-1 text-xs font-medium text-text-3">{group}</h3>
          <dl>
            {shortcuts.map(({ keys, label }) => (
              <div
                key={keys}
                className="flex min-h-8 items-center justify-between gap-3 border-b border-border last:border-b-0"
              >
                <dt className="text-sm">{label}</dt>
                <dd>
                  <Kbd keys={keys} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}
