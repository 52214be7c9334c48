import { describe, expect, it } from 'vitest';
import { tasksInYaml } from './tasks-in-yaml';

describe('the lines of tasks in a YAML text', () => {
  it('are found in a list', () => {
    const text =
      'version: 1\ntasks:\n  # the first\n  - name: a\n    action: x.y\n\n  # the second\n  - name: b\n';
    expect(tasksInYaml(text)).toEqual([
      { name: 'a', from: 4, to: 5 },
      { name: 'b', from: 8, to: 8 },
    ]);
  });

  it('are found in a map, and on one line', () => {
    expect(tasksInYaml('tasks:\n  a:\n    action: x.y\n  b: { action: x.y }\n')).toEqual([
      { name: 'a', from: 2, to: 3 },
      { name: 'b', from: 4, to: 4 },
    ]);
  });

  it.each(['', 'a: [', 'words', 'tasks: 3', 'tasks: [1, null, {}]'])('are none in %j', (text) => {
    expect(tasksInYaml(text)).toEqual([]);
  });
});
