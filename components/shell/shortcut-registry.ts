export interface Shortcut {
  /** `j`, `g h`, `mod+s`, `shift+enter`, `?`. `mod` is Ctrl, on a Mac ⌘. */
  keys: string;
  label: string;
  /** What it does; `browser` when the page learns of it by an event of its own, and the sheet only shows it. */
  run: (() => void) | 'browser';
  /** Its heading in the sheet. (Default: this page) */
  group?: string;
  /** Also while the person types in a field. (Default: only keys with `mod`) */
  whileTyping?: boolean;
  enabled?: boolean;
}

const sequenceMs = 1200;
const openOverlays = ['dialog', 'alertdialog', 'menu', 'listbox']
  .map((role) => `[role="${role}"][data-state="open"]`)
  .join();

/** What is bound at the moment, and how far into a sequence the person is. What came last wins. */
export class ShortcutRegistry {
  private readonly sets = new Map<string, readonly Shortcut[]>();
  private typed = '';
  private typedAt = 0;

  set(id: string, shortcuts: readonly Shortcut[]): void {
    this.sets.set(id, shortcuts);
  }

  remove(id: string): void {
    this.sets.delete(id);
  }

  list(): Shortcut[] {
    return [...this.sets.values()].flat().filter(({ enabled = true }) => enabled);
  }

  handle(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing || event.repeat) return;
    if (['Control', 'Shift', 'Alt', 'Meta'].includes(event.key)) return;
    const step = toStep(event);
    const before = event.timeStamp - this.typedAt < sequenceMs ? this.typed : '';
    const isTyping = takesText(event.target);
    const usable = this.list()
      .toReversed()
      .filter(
        ({ keys, run, whileTyping = keys.startsWith('mod+') }) =>
          run !== 'browser' && (!isTyping || whileTyping),
      );
    const sequence = before ? `${before} ${step}` : step;
    const found = usable.find(({ keys }) => keys === sequence) ?? usable.find(({ keys }) => keys === step);
    const goesOn = !found && usable.some(({ keys }) => keys.startsWith(`${step} `));
    this.typed = goesOn ? step : '';
    this.typedAt = event.timeStamp;
    if (!found) return;
    // What lies over the page keeps its keys, but for those that also work there.
    if (document.querySelector(openOverlays) && !step.startsWith('mod+')) return;
    event.preventDefault();
    if (found.run !== 'browser') found.run();
  }
}

const names: Record<string, string> = {
  ' ': 'space',
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};

/** The pressed keys as `keys` writes them. A sign that itself needs Shift (`?`) is written without it. */
export function toStep(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>,
): string {
  const key = names[event.key] ?? event.key.toLowerCase();
  const isSign = key.length === 1 && key === event.key.toUpperCase();
  const parts = [
    event.ctrlKey || event.metaKey ? 'mod' : '',
    event.altKey ? 'alt' : '',
    event.shiftKey && !isSign ? 'shift' : '',
    key,
  ];
  return parts.filter(Boolean).join('+');
}

function takesText(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches('input:not([type="checkbox"], [type="radio"], [type="button"]), textarea, select'))
  );
}
