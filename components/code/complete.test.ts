import { describe, expect, test } from 'vitest';
import { filterSignatures, testSignatures } from '@/engine/expression/expression';
import { complete, explain, openCall, pathAt } from './complete';
import type { ExpressionScope } from './scope';

const scope: ExpressionScope = {
  names: [
    { path: 'parameters.region', detail: 'string', kind: 'parameter' },
    { path: 'task.build.result.data.image', detail: 'string', kind: 'task' },
    { path: 'result()', detail: 'what this task gave back', kind: 'function' },
    { path: 'result().exit_code', detail: 'number', kind: 'function' },
  ],
};
const names = (text: string, isBare = false) => complete(text, scope, isBare).offers.map(({ name }) => name);

describe('the completion of an expression', () => {
  test('offers the names in scope inside of braces, and nothing outside of them', () => {
    expect(names('{{ ')).toContain('parameters.region');
    expect(names('plain text ')).toEqual([]);
    expect(names('{{ parameters.region }} and ')).toEqual([]);
  });

  test('offers names in a field that is an expression as a whole, without braces', () => {
    expect(names('parameters.', true)).toContain('parameters.region');
  });

  test('replaces the whole path that has been written, also behind a call', () => {
    expect(complete('{{ task.build.re', scope).replaces).toBe('task.build.re'.length);
    expect(complete('{{ not result().ex', scope).replaces).toBe('result().ex'.length);
  });

  test('offers every filter of the engine with its signature after a bar', () => {
    const { offers, replaces } = complete('{{ x | def', scope);
    expect(replaces).toBe(3);
    expect(offers.map(({ name }) => name)).toEqual(Object.keys(filterSignatures));
    expect(offers.find(({ name }) => name === 'default')?.detail).toMatch(/^default\(/);
  });

  test('offers every test of the engine after is and is not', () => {
    expect(names('{{ x is ')).toEqual(Object.keys(testSignatures));
    expect(names('{% if x is not de')).toContain('defined');
  });

  test('offers functions of the engine beside the names, but not as members', () => {
    expect(names('{{ ra')).toContain('range');
    expect(names('{{ task.ra')).not.toContain('range');
  });
});

describe('the help of an expression', () => {
  test('says the signature of the filter whose arguments are being written', () => {
    expect(openCall("{{ name | replace('a', ")?.signature).toMatch(/^replace\(/);
    expect(openCall('{{ x is divisibleby(')?.signature).toBe('is divisibleby(other)');
    expect(openCall('{{ range(1')?.signature).toMatch(/^range\(/);
  });

  test('says nothing where no call is open', () => {
    expect(openCall("{{ name | replace('a', 'b') }}")).toBeNull();
    expect(openCall('{{ (1 + 2')).toBeNull();
  });

  test('finds the path under the pointer up to the part that is pointed at', () => {
    expect(pathAt('{{ task.build.result }}', 6)).toEqual({ path: 'task', from: 4, to: 8 });
    expect(pathAt('{{ task.build.result }}', 10)).toMatchObject({ path: 'task.build' });
    expect(pathAt('{{ result().exit_code }}', 14)).toMatchObject({ path: 'result().exit_code' });
    expect(pathAt('{{   }}', 4)).toBeNull();
  });

  test('explains names of the scope, filters and tests by where they stand', () => {
    expect(explain('region', '{{ parameters.', 'parameters.region', scope)).toEqual({
      title: 'parameters.region',
      help: 'string',
    });
    expect(explain('lower', '{{ x | ', 'lower', scope)?.help).toBe(filterSignatures['lower']?.help);
    expect(explain('lower', '{{ x is ', 'lower', scope)?.help).toBe(testSignatures['lower']?.help);
    expect(explain('nothing', '{{ ', 'nothing', scope)).toBeNull();
  });
});
