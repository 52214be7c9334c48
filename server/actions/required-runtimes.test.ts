import { describe, expect, test } from 'vitest';
import { RequiredRuntimes, lackingFor, toDemand } from './required-runtimes';

const worker = { native: 'built in', shell: '5.2.15(1)-release', python: '3.11.2', nodejs: '24.12.0' };
const lacking = (runtime: string, required: Record<string, string>) =>
  lackingFor(toDemand(runtime, RequiredRuntimes.parse(required)), worker);

describe('what a worker must have', () => {
  test('without requirements the runtime alone decides', () => {
    expect(toDemand('python', {})).toBe('python');
    expect(lacking('python', {})).toEqual([]);
    expect(lacking('container', {})).toEqual(['container']);
  });

  test('every range must fit, in the words of either world', () => {
    expect(lacking('shell', { nodejs: '>=20', python: '>=3.9,<4' })).toEqual([]);
    expect(lacking('shell', { 'core.node': '^24' })).toEqual([]);
    expect(lacking('shell', { python: '==3.11.2', shell: '*' })).toEqual([]);
    expect(lacking('shell', { nodejs: '>=99', python: '<3.9' })).toEqual(['nodejs >=99', 'python <3.9']);
  });

  test('any version of what is there fits, and nothing that is not there', () => {
    expect(lacking('native', { native: '*' })).toEqual([]);
    expect(lacking('native', { native: '>=1' })).toEqual(['native >=1']);
    expect(lacking('python', { ruby: '*' })).toEqual(['ruby']);
  });

  test('the same requirements make the same demand in any order', () => {
    const [one, other] = [
      { nodejs: '>=20', python: '*' },
      { python: '*', nodejs: '>=20' },
    ];
    expect(toDemand('shell', one)).toBe(toDemand('shell', other));
  });

  test('what is no range, no name, or too much is refused', () => {
    expect(RequiredRuntimes.safeParse({ python: 'newest please' }).error?.issues[0]?.message).toContain(
      'version range',
    );
    expect(RequiredRuntimes.safeParse({ 'a b': '*' }).success).toBe(false);
    expect(
      RequiredRuntimes.safeParse(Object.fromEntries([...'abcdefghijk'].map((name) => [name, '*']))).success,
    ).toBe(false);
  });
});
