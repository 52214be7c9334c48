import { expect, test } from 'vitest';
import { withoutChanged } from './without-changed';

const before = { name: '', label: '', parameters: '{', auth: { user: '', token: '' }, to: [{ name: '' }] };
const errors = {
  ref: 'required',
  label: 'required',
  'paramSchema.host': 'unknown',
  'auth.user': 'required',
  'auth.token': 'required',
  'to.0.name': 'required',
  elsewhere: 'taken',
};
const partOf = { ref: 'name', paramSchema: 'parameters' };
const left = (after: object) => Object.keys(withoutChanged(errors, before, after, partOf));

test('what is wrong with a field is over once it is another one; the rest stays', () => {
  expect(left({ ...before, label: 'Disk' })).toEqual(Object.keys(errors).filter((path) => path !== 'label'));
  expect(left({ ...before, auth: { user: 'ada', token: '' } })).not.toContain('auth.user');
  expect(left({ ...before, auth: { user: 'ada', token: '' } })).toContain('auth.token');
  expect(left({ ...before, to: [{ name: 'x' }] })).not.toContain('to.0.name');
  expect(left({ ...before, to: [] })).not.toContain('to.0.name');
});

test('a field that the form calls otherwise follows its part', () => {
  expect(left({ ...before, name: 'disk' })).not.toContain('ref');
  expect(left({ ...before, parameters: '{}' })).not.toContain('paramSchema.host');
  expect(left({ ...before, name: 'disk' })).toContain('elsewhere');
  const guards = { 'guards.rate.count': 'required' };
  const [bare, rated] = [{ guards: { rateCount: '' } }, { guards: { rateCount: '5' } }];
  expect(withoutChanged(guards, bare, rated, { 'guards.rate.count': 'guards' })).toEqual({});
});

test('what is wrong with the whole is over with any edit, and nothing changes without one', () => {
  expect(withoutChanged({ '': 'too few' }, { a: 1 }, { a: 2 })).toEqual({});
  expect(withoutChanged(errors, before, { ...before }, partOf)).toBe(errors);
});
