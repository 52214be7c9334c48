import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { readMasterKeys } from './master-keys';

const folder = mkdtempSync(join(tmpdir(), 'attune-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bytes = randomBytes(32);
const idOf = (ATTUNE_MASTER_KEY: string) => readMasterKeys({ ATTUNE_MASTER_KEY }).current.id;

function keyFile(content: string, mode = 0o600): string {
  const path = join(folder, randomBytes(4).toString('hex'));
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

describe('the master key', () => {
  it('is the same key in every spelling', () => {
    const spellings = [
      bytes.toString('base64'),
      bytes.toString('base64').replace('=', ''),
      bytes.toString('base64url'),
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      ` ${bytes.toString('hex')}\n`,
    ];
    expect(new Set(spellings.map(idOf)).size).toBe(1);
  });

  it.each([
    ['31 bytes', randomBytes(31).toString('base64')],
    ['33 bytes', randomBytes(33).toString('base64')],
    ['31 bytes of hex', randomBytes(31).toString('hex')],
    ['a password of 32 characters', 'correct horse battery staple 123'],
    [
      'a character that base64 does not have',
      `${bytes.toString('base64').slice(0, 20)}!${bytes.toString('base64').slice(21)}`,
    ],
    ['left-over bits in its last character', `${'A'.repeat(42)}B=`],
  ])('is refused when it is %s, without being repeated', (_, given) => {
    expect(() => idOf(given)).toThrow(/ATTUNE_MASTER_KEY is not 32 bytes/);
    expect(() => idOf(given)).not.toThrow(given);
  });

  it('must be given, and once', () => {
    expect(() => readMasterKeys({})).toThrow(/There is no master key.*openssl rand -base64 32/);
    expect(() => readMasterKeys({ ATTUNE_MASTER_KEY: '', ATTUNE_MASTER_KEY_FILE: '' })).toThrow(
      /no master key/,
    );
    expect(() =>
      readMasterKeys({
        ATTUNE_MASTER_KEY: bytes.toString('hex'),
        ATTUNE_MASTER_KEY_FILE: keyFile(bytes.toString('hex')),
      }),
    ).toThrow(/Keep one of them/);
  });

  it('is not printed with the object that holds it', () => {
    const keys = readMasterKeys({ ATTUNE_MASTER_KEY: bytes.toString('hex') });
    const printed = `${inspect(keys, { depth: 9, showHidden: true })} ${JSON.stringify([...keys.byId])}`;
    expect(printed).not.toContain(bytes.toString('hex').slice(0, 12));
    expect(printed).not.toContain(bytes.toString('base64').slice(0, 12));
  });
});

describe('a file with the master key', () => {
  it('holds the newest on its first line, and older ones below', () => {
    const old = randomBytes(32);
    const older = randomBytes(32);
    const keys = readMasterKeys({
      ATTUNE_MASTER_KEY_FILE: keyFile(`${bytes.toString('base64')}\n${old.toString('hex')}\n`),
      ATTUNE_MASTER_KEY_PREVIOUS: older.toString('base64'),
    });
    expect(keys.current.id).toBe(idOf(bytes.toString('hex')));
    expect([...keys.byId.keys()].sort()).toEqual(
      [bytes, old, older].map((each) => idOf(each.toString('hex'))).sort(),
    );
  });

  it.each([0o640, 0o604, 0o660, 0o644, 0o620])('is refused when its mode is %o', (mode) => {
    const path = keyFile(bytes.toString('base64'), mode);
    expect(() => readMasterKeys({ ATTUNE_MASTER_KEY_FILE: path })).toThrow(`chmod 600 ${path}`);
  });

  it('is refused when it is missing, empty, a folder, or holds something else', () => {
    const read = (path: string) => () => readMasterKeys({ ATTUNE_MASTER_KEY_FILE: path });
    expect(read(join(folder, 'nowhere'))).toThrow(/can't be read.*ATTUNE_MASTER_KEY_FILE/);
    expect(read(keyFile('\n'))).toThrow(/is empty/);
    mkdirSync(join(folder, 'sub'), { mode: 0o700 });
    expect(read(join(folder, 'sub'))).toThrow(/is no file/);
    const wrong = keyFile('hunter2');
    expect(read(wrong)).toThrow(`line 1 of ${wrong} is not 32 bytes`);
    expect(read(keyFile('x'.repeat(20_000)))).toThrow(/too large/);
  });
});
