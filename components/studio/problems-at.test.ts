import { expect, test } from 'vitest';
import type { Problem } from '@/engine/definition/problem';
import { countByTask, problemsAt } from './problems-at';

const problem = (part: Partial<Problem>): Problem => ({
  severity: 'error',
  code: 'x',
  message: 'wrong',
  repair: '',
  ...part,
});

test('a field shows the gravest of its problems, by the path below its part', () => {
  const problems = [
    problem({ task: 'a', field: 'input.region', severity: 'warning', message: 'odd' }),
    problem({ task: 'a', field: 'input.region', message: 'missing' }),
    problem({ task: 'a', field: 'input', message: 'whole' }),
    problem({ task: 'a', field: 'inputs.x', message: 'elsewhere' }),
    problem({ task: 'b', field: 'input.region', message: 'not ours' }),
  ];
  expect(problemsAt(problems, 'a', 'input')).toEqual({ region: 'missing', '': 'whole' });
});

test('the workflow’s own problems have no task', () => {
  expect(problemsAt([problem({ field: 'output_map.total' }), problem({ task: 'a' })], null, '')).toEqual({
    'output_map.total': 'wrong',
  });
});

test('cards count errors and warnings apart', () => {
  const counts = countByTask([
    problem({ task: 'a' }),
    problem({ task: 'a', severity: 'warning' }),
    problem({}),
  ]);
  expect([...counts]).toEqual([['a', { errors: 1, warnings: 1 }]]);
});
