import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { studioUrl } from './connection';
import { forget, keep, readKept } from './credentials';

let folder: string;
let env: NodeJS.ProcessEnv;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'attune-cli-test-'));
  env = { NODE_ENV: 'test', ATTUNE_CONFIG_DIR: path.join(folder, 'config') };
});
afterEach(() => rmSync(folder, { recursive: true }));

const ada = { login: 'ada', accessToken: 'a', accessEndsAt: 1, refreshToken: 'r' };

describe('what signing in leaves', () => {
  it('is readable by its owner alone', () => {
    keep('https://one.example', ada, true, env);
    expect(statSync(path.join(folder, 'config/credentials.json')).mode & 0o777).toBe(0o600);
    expect(statSync(path.join(folder, 'config')).mode & 0o777).toBe(0o700);
  });

  it('is kept for each studio, and the last one is the one that commands go to', () => {
    keep('https://one.example', ada, true, env);
    keep('https://two.example', { ...ada, login: 'bob' }, true, env);
    expect(studioUrl({}, env)).toBe('https://two.example');
    // A renewed token changes nothing of that.
    keep('https://one.example', { ...ada, accessToken: 'b' }, false, env);
    expect(studioUrl({}, env)).toBe('https://two.example');
    expect(forget('https://two.example', env)).toBe(true);
    expect(studioUrl({}, env)).toBe('https://one.example');
    expect(forget('https://one.example', env)).toBe(true);
    expect(forget('https://one.example', env)).toBe(false);
    expect(readKept(env)).toEqual({ current: null, studios: {} });
  });

  it('is told to be broken, not overwritten', () => {
    keep('https://one.example', ada, true, env);
    const file = path.join(folder, 'config/credentials.json');
    writeFileSync(file, '{');
    expect(() => keep('https://two.example', ada, true, env)).toThrow(/cannot be read/);
    expect(readFileSync(file, 'utf8')).toBe('{');
  });
});

describe('the studio’s address', () => {
  it('is what was asked for, before the environment, before the last one', () => {
    keep('https://kept.example', ada, true, env);
    const withUrl = { ...env, ATTUNE_URL: 'http://env.example:8080/' };
    expect(studioUrl({ url: 'https://asked.example/some/page' }, withUrl)).toBe('https://asked.example');
    expect(studioUrl({}, withUrl)).toBe('http://env.example:8080');
    expect(() => studioUrl({ url: 'asked.example' }, env)).toThrow('no address of a studio');
    expect(() => studioUrl({ url: 'file:///etc/passwd' }, env)).toThrow('no address of a studio');
  });
});
