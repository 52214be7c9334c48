import { describe, expect, it } from 'vitest';
import { updateTask } from '@/engine/definition/edit';
import type { Draft } from './autosave';
import { fromStoredText, fromYaml, isBroken, toStoredText, toYaml } from './draft-yaml';

const draft: Draft = {
  definition: {
    tasks: [
      { name: 'a', action: 'x.y', next: [{ do: ['b'] }] },
      { name: 'b', action: 'x.y', next: [] },
    ],
  },
  positions: { a: { x: 0, y: 0 }, b: { x: 36, y: 204 } },
};
const written =
  '# why\ntasks:\n  - name: a\n    action: x.y # fast\n    next: [{ do: [b] }]\n  - { name: b, action: x.y }\n';

describe('the YAML of a draft', () => {
  it('keeps comments when the canvas changes something else', () => {
    const typed = fromYaml(draft, written);
    expect(typed.definition).toBe(draft.definition);
    expect(toYaml(typed)).toBe(written);
    const changed = { ...typed, definition: updateTask(typed.definition, 'b', { timeout: 5 }) };
    expect(toYaml(changed)).toContain('action: x.y # fast');
    expect(toYaml(changed)).toContain('timeout: 5');
  });

  it('draws anew only the tasks that a text changed, and lets a renamed one stay in its place', () => {
    const typed = fromYaml(draft, written.replace('name: b', 'name: c').replace('do: [b]', 'do: [c]'));
    expect(typed.positions['c']).toEqual({ x: 36, y: 204 });
    const other = fromYaml(draft, written.replace('action: x.y }', 'action: z.z }'));
    expect(other.definition.tasks[0]).toBe(draft.definition.tasks[0]);
    expect(other.definition.tasks[1]?.action).toBe('z.z');
  });

  it('keeps the last good graph while the text is broken, and the comments for when it is not', () => {
    const good = fromYaml(draft, written);
    const broken = fromYaml(fromYaml(good, `${written}  - [`), `${written}  - [x`);
    expect(broken.definition).toBe(draft.definition);
    expect([isBroken(good), isBroken(broken)]).toEqual([false, true]);
    expect(toYaml(broken)).toContain('- [x');
    const edited = { ...broken, definition: updateTask(broken.definition, 'b', { delay: 1 }) };
    expect(isBroken(edited)).toBe(false);
    expect(toYaml(edited)).toContain('# why');
    expect(isBroken(fromYaml(broken, written))).toBe(false);
  });

  it('is stored only where printing would not give it, and follows changes made elsewhere', () => {
    expect(toStoredText(draft)).toBeNull();
    expect(toStoredText(fromYaml(fromYaml(draft, written), toYaml(draft)))).toBeNull();
    const stored = toStoredText(fromYaml(draft, written));
    expect(stored).toBe(written);
    const later = updateTask(draft.definition, 'b', { timeout: 9 });
    const loaded = { definition: later, positions: {}, yaml: fromStoredText(later, stored) };
    expect(toYaml(loaded)).toContain('# why');
    expect(toYaml(loaded)).toContain('timeout: 9');
    expect(isBroken({ ...draft, yaml: fromStoredText(draft.definition, 'a: [') })).toBe(true);
  });
});
