import { describe, expect, it } from 'vitest';
import { nextTrouble, toRowLabel, toTreeRows, type Execution } from './tree-rows';

function execution(id: number, parentId: number | null, more: Partial<Execution> = {}): Execution {
  return {
    id,
    rootId: 1,
    parentId,
    actionRef: 'core.echo',
    kind: 'action',
    state: 'completed',
    stateReason: null,
    error: null,
    taskName: parentId === null ? null : `task_${id}`,
    visit: 1,
    itemIndex: null,
    attempt: 1,
    maxRetries: 0,
    ruleRef: null,
    triggerRef: null,
    eventId: null,
    enforcementId: null,
    requestedBy: null,
    revision: null,
    created: '',
    startedAt: null,
    endedAt: null,
    ...more,
  };
}

describe('the execution tree', () => {
  const tree = [execution(1, null), execution(2, 1), execution(3, 1), execution(4, 2)];

  it('shows children below their parent, with their level and place', () => {
    expect(
      toTreeRows(tree, new Set()).map(({ execution: { id }, level, place, siblings }) => [
        id,
        level,
        place,
        siblings,
      ]),
    ).toEqual([
      [1, 1, 1, 1],
      [2, 2, 1, 2],
      [4, 3, 1, 1],
      [3, 2, 2, 2],
    ]);
  });

  it('hides what lies below a closed row', () => {
    expect(toTreeRows(tree, new Set([2])).map(({ execution: { id } }) => id)).toEqual([1, 2, 3]);
  });

  it('names visits, items and attempts only where they tell rows apart', () => {
    expect(toRowLabel(execution(2, 1))).toBe('task_2');
    expect(toRowLabel(execution(2, 1, { visit: 2, itemIndex: 0, attempt: 2, maxRetries: 3 }))).toBe(
      'task_2 [0] visit 2 attempt 2',
    );
  });

  it('goes from one cause of failure to the next and round, past parents that failed because of them', () => {
    const failed = [
      execution(1, null, { state: 'failed' }),
      execution(2, 1, { state: 'failed' }),
      execution(3, 1, { state: 'timeout' }),
      execution(4, 2, { state: 'failed' }),
    ];
    expect(nextTrouble(failed, null)).toBe(4);
    expect(nextTrouble(failed, 4)).toBe(3);
    expect(nextTrouble(failed, 3)).toBe(4);
    expect(nextTrouble(tree, null)).toBeNull();
  });
});
