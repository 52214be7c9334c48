import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ShortcutRegistry, toStep } from './shortcut-registry';

const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

function press(
  registry: ShortcutRegistry,
  key: string,
  more: Partial<typeof none> & { timeStamp?: number } = {},
): boolean {
  let prevented = false;
  registry.handle({
    ...none,
    key,
    timeStamp: 0,
    target: null,
    defaultPrevented: false,
    isComposing: false,
    repeat: false,
    preventDefault: () => (prevented = true),
    ...more,
  } as unknown as KeyboardEvent);
  return prevented;
}

describe('toStep', () => {
  it('writes a pressed key as shortcuts are written', () => {
    expect(toStep({ ...none, key: 'k', ctrlKey: true })).toBe('mod+k');
    expect(toStep({ ...none, key: 'k', metaKey: true })).toBe('mod+k');
    expect(toStep({ ...none, key: '?', shiftKey: true })).toBe('?');
    expect(toStep({ ...none, key: 'Z', ctrlKey: true, shiftKey: true })).toBe('mod+shift+z');
    expect(toStep({ ...none, key: 'ArrowUp', altKey: true })).toBe('alt+up');
  });
});

describe('ShortcutRegistry', () => {
  beforeEach(() => {
    vi.stubGlobal('document', { querySelector: () => null });
    vi.stubGlobal('HTMLElement', class {});
  });
  afterEach(() => vi.unstubAllGlobals());

  it('runs a sequence typed in time, and forgets one that was left', () => {
    const registry = new ShortcutRegistry();
    const run = vi.fn();
    registry.set('page', [{ keys: 'g h', label: 'Home', run }]);
    press(registry, 'g', { timeStamp: 100 });
    expect(press(registry, 'h', { timeStamp: 400 })).toBe(true);
    expect(run).toHaveBeenCalledTimes(1);
    press(registry, 'g', { timeStamp: 1000 });
    expect(press(registry, 'h', { timeStamp: 9000 })).toBe(false);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('lets what was bound last win, and the earlier one back when it goes', () => {
    const registry = new ShortcutRegistry();
    const [outer, inner] = [vi.fn(), vi.fn()];
    registry.set('outer', [{ keys: 'j', label: 'Outer', run: outer }]);
    registry.set('inner', [{ keys: 'j', label: 'Inner', run: inner }]);
    press(registry, 'j');
    registry.remove('inner');
    press(registry, 'j');
    expect([outer.mock.calls.length, inner.mock.calls.length]).toEqual([1, 1]);
  });

  it('leaves keys alone that nobody bound, or whose shortcut is off', () => {
    const registry = new ShortcutRegistry();
    registry.set('page', [{ keys: 'x', label: 'Off', run: () => undefined, enabled: false }]);
    expect(press(registry, 'x')).toBe(false);
    expect(press(registry, 'y')).toBe(false);
  });
});
