import { describe, expect, it } from 'vitest';
import { toLocalPath } from './local-path';

describe('where signing in leads to', () => {
  it.each(['/', '/executions/12?tab=log', '/workflows/core.echo#x', '/a/%5Cb'])('keeps %s', (path) => {
    expect(toLocalPath(path)).toBe(path);
  });

  it.each([
    'https://evil.test',
    '//evil.test',
    '/\\evil.test',
    '\\/evil.test',
    'javascript:alert(1)',
    '/\t/evil.test',
    '/a\r\nset-cookie: x',
    '',
    null,
    undefined,
    `/${'a'.repeat(3000)}`,
  ])('stays at home for %j', (path) => {
    expect(toLocalPath(path)).toBe('/');
  });
});
