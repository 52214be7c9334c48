import { describe, expect, it } from 'vitest';
import { addTask, connect, removeTasks, renameTask, setVars, updateTask } from './edit';
import { reviseYaml } from './revise-yaml';
import type { Definition } from './schema';
import { parseYaml } from './yaml';

const text = `# Deploys the app.
output_map: { done: "{{ task.build.result }}" } # what callers see
tasks:
  # First of all
  - action: ci.build # our builder
    name: build
    input:
      ref: main # the branch
      deep: { a: 1 }
    on-success: deploy
  - name: deploy
    action: ops.deploy
    timeout: 10m # long enough
`;

function revise(change: (definition: Definition) => Definition): string {
  const { definition } = parseYaml(text);
  if (!definition) throw new Error('not read');
  const changed = change(definition);
  const revised = reviseYaml(text, changed);
  expect(parseYaml(revised)).toMatchObject({ definition: changed, problems: [] });
  return revised;
}

describe('a text that is edited on the canvas', () => {
  it('is the very same when nothing changed', () => {
    expect(revise((definition) => structuredClone(definition))).toBe(text);
  });

  it('keeps comments, order and spelling of all that did not change', () => {
    const revised = revise((definition) =>
      updateTask(definition, 'build', { input: { ref: 'next', deep: { a: 1 } }, timeout: 5 }),
    );
    expect(revised).toBe(
      text.replace('main', 'next').replace('on-success: deploy', 'on-success: deploy\n    timeout: 5'),
    );
  });

  it('writes transitions out once they change, and keeps the comments around', () => {
    const revised = revise((definition) =>
      connect(addTask(definition, { name: 'tell', action: 'x.y', next: [] }), 'build', 'tell', 'failure'),
    );
    for (const comment of [
      '# Deploys the app.',
      '# First of all',
      '# our builder',
      '# the branch',
      '# long enough',
    ])
      expect(revised).toContain(comment);
    expect(revised).not.toContain('on-success');
  });

  it('follows a rename, a removal, a new key', () => {
    const renamed = revise((definition) => renameTask(definition, 'build', 'make'));
    expect(renamed).toContain('# our builder\n    name: make');
    expect(renamed).toContain('{{ task.make.result }}');
    expect(revise((definition) => removeTasks(definition, ['deploy']))).not.toContain('long enough');
    expect(revise((definition) => setVars(definition, { x: 1 }))).toContain('vars:');
  });

  it('is printed anew where the text cannot be followed', () => {
    const { definition } = parseYaml(text);
    if (!definition) throw new Error('not read');
    for (const other of ['tasks: [', '- a list', 'tasks: { a: { action: x.y } }', ''])
      expect(parseYaml(reviseYaml(other, definition)).definition).toEqual(definition);
  });
});
