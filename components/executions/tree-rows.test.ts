import { describe, expect, it } from 'vitest';
import { mayFinish, nextTrouble, toRerunFrom, toRowLabel, toTreeRows, type Execution } from './tree-rows';

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
    rerunOf: null,
    rerunFrom: null,
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

describe('a paused run', () => {
  const tree = [
    execution(1, null, { kind: 'workflow', state: 'paused' }),
    execution(2, 1, { state: 'requested' }),
    execution(3, 1, { state: 'delayed' }),
    execution(4, 1, { state: 'running' }),
    execution(5, 1, { state: 'waiting' }),
    execution(6, 1, { kind: 'workflow', state: 'running' }),
    execution(7, 6, { state: 'requested' }),
    execution(8, 1),
  ];

  it('holds back its own tasks that have not begun, and no others', () => {
    const held = toTreeRows(tree, new Set()).filter(({ isHeld }) => isHeld);
    expect(held.map(({ execution: { id } }) => id)).toEqual([2, 3]);
  });

  it('lets finish what had begun', () => {
    const paused = tree.slice(0, 1);
    expect(tree.filter((each) => mayFinish(each, paused)).map(({ id }) => id)).toEqual([4, 5, 6]);
  });
});

describe('running again from a task', () => {
  it('is offered where the run of the task has ended', () => {
    const ended = execution(1, null, { kind: 'workflow', state: 'failed' });
    const task = execution(2, 1, { taskName: 'deploy', visit: 3, state: 'failed' });
    expect(toRerunFrom(task, [ended, task])).toEqual({ id: 1, task: 'deploy', visit: 3 });
    expect(toRerunFrom(task, [{ ...ended, state: 'running' }, task])).toBeNull();
    expect(toRerunFrom(ended, [ended, task])).toBeNull();
  });
});
