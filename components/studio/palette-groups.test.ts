import { expect, test } from 'vitest';
import type { CatalogEntry } from '../canvas/view';
import { controlSteps } from './control-steps';
import { groupActions, requiredNames } from './palette-groups';

const action = (ref: string, label: string): CatalogEntry => ({
  ref,
  packRef: ref.split('.')[0] ?? '',
  label,
  description: '',
  runtime: 'native',
  paramSchema: { type: 'object', required: ['b'], properties: { a: {}, b: {} } },
  outSchema: null,
});
const actions = [
  action('core.ask', 'Ask a person'),
  action('core.echo', 'Echo'),
  action('ops.deploy', 'Deploy'),
  action('ops.check', 'Check'),
];
const titles = { recent: 'Recent', control: 'Control' };

test('recent first, then control, then pack by pack, each by label', () => {
  const groups = groupActions(actions, { search: '', recent: ['ops.deploy', 'gone.away'], titles });
  expect(groups.map(({ title, entries }) => [title, entries.map(({ ref }) => ref)])).toEqual([
    ['Recent', ['ops.deploy']],
    ['Control', ['core.ask']],
    ['core', ['core.echo']],
    ['ops', ['ops.check', 'ops.deploy']],
  ]);
});

test('control offers an approval, a sub-workflow, a wait and a condition, in this order', () => {
  const all = [...controlSteps, action('core.sleep', 'Wait'), ...actions];
  const control = groupActions(all, { search: '', recent: [], titles }).find(({ key }) => key === 'control');
  expect(control?.entries.map(({ label }) => label)).toEqual([
    ...['Ask a person', 'Sub-workflow', 'Wait', 'Condition'],
  ]);
});

test('a search finds by all of its words and shows nothing twice', () => {
  const groups = groupActions(actions, { search: 'ops dep', recent: ['ops.deploy'], titles });
  expect(groups.flatMap(({ entries }) => entries.map(({ ref }) => ref))).toEqual(['ops.deploy']);
});

test('the names that an action cannot do without', () => {
  expect(requiredNames(action('a.b', 'B'))).toEqual(['b']);
});
