import { describe, expect, it } from 'vitest';
import { findMatches } from './find-matches';

const definition = {
  tasks: [
    {
      name: 'build',
      action: 'ci.build',
      input: { ref: '{{ parameters.Branch }}', tags: ['branch'] },
      next: [{ when: '{{ result().branch }}', do: ['ship'] }],
    },
    { name: 'ship', next: [] },
  ],
};

describe('finding in a workflow', () => {
  it('looks at names, actions, inputs and expressions, whatever the case', () => {
    expect(findMatches(definition, ' branch')).toEqual([
      { task: 'build', transition: null, field: 'input.ref' },
      { task: 'build', transition: null, field: 'input.tags.0' },
      { task: 'build', transition: 0, field: 'next.0.when' },
    ]);
    expect(findMatches(definition, 'ship').map(({ field }) => field)).toEqual(['next.0.do.0', 'name']);
    expect(findMatches(definition, 'ci.')).toHaveLength(1);
  });

  it('finds nothing for nothing', () => {
    expect(findMatches(definition, '  ')).toEqual([]);
    expect(findMatches(definition, 'nowhere')).toEqual([]);
  });
});
