import { expect, it } from 'vitest';
import { executionStates, isEnded, legalTransitions, toWireStatus } from './status';

it('every state has its row in the table, and nothing leaves an end', () => {
  expect(Object.keys(legalTransitions).sort()).toEqual([...executionStates].sort());
  const ends = ['completed', 'failed', 'timeout', 'cancelled', 'abandoned'] as const;
  expect(executionStates.filter((state) => isEnded(state))).toEqual([...ends]);
  expect(isEnded('nonsense')).toBe(false);
});

it('every state can be reached from requested, and every end from it', () => {
  const reached = new Set(['requested']);
  for (const state of reached) for (const next of legalTransitions[state as 'requested']) reached.add(next);
  expect([...reached].sort()).toEqual([...executionStates].sort());
});

it('the wire shows the coarser status', () => {
  expect(executionStates.map((state) => toWireStatus(state))).toEqual([
    'requested',
    'requested',
    'requested',
    'scheduled',
    'running',
    'running',
    'running',
    'canceling',
    'completed',
    'failed',
    'failed',
    'cancelled',
    'abandoned',
  ]);
  expect(toWireStatus('timeout', { isInquiry: true })).toBe('timeout');
});
