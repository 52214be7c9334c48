import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Json } from '@/engine/expression/expression';
import { readMasterKeys } from './master-keys';
import { keyIdOf, SealBroken, Sealing } from './seal';

const newKey = () => randomBytes(32).toString('base64');
const withKeys = (current: string, ...older: string[]) =>
  new Sealing(readMasterKeys({ ATTUNE_MASTER_KEY: current, ATTUNE_MASTER_KEY_PREVIOUS: older.join(',') }));

const oldKey = newKey();
const sealing = withKeys(oldKey);

describe('a sealed value', () => {
  it.each<Json>([
    's3cret',
    '',
    null,
    42.5,
    false,
    [1, ['ü']],
    { __proto__x: { a: 'b' } },
    'x'.repeat(100_000),
  ])('opens to what it was: %j', (value) => {
    const sealed = sealing.seal(7, 'key:1', value);
    expect(sealing.open(7, 'key:1', sealed)).toEqual({ value, keyId: keyIdOf(sealed), isCurrent: true });
  });

  it('shows nothing of its value, and is never the same twice', () => {
    const one = sealing.seal(7, 'key:1', 'the same words');
    const two = sealing.seal(7, 'key:1', 'the same words');
    expect(one.equals(two)).toBe(false);
    expect(one.includes('same')).toBe(false);
    expect(one).toHaveLength(1 + 8 + 12 + JSON.stringify('the same words').length + 16);
  });

  it('opens for no other tenant, and at no other place', () => {
    const sealed = sealing.seal(7, 'key:1', 'x');
    for (const [tenant, context] of [
      [8, 'key:1'],
      [0, 'key:1'],
      [7, 'key:11'],
      [7, 'key:'],
      [7, ''],
    ] as const) {
      expect(() => sealing.open(tenant, context, sealed)).toThrow(SealBroken);
    }
  });

  it('is refused when any single byte of it was changed', () => {
    const sealed = sealing.seal(7, 'key:1', 'some secret');
    for (const place of sealed.keys()) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(place) ^ 1, place);
      expect(() => sealing.open(7, 'key:1', changed), `byte ${place}`).toThrow(SealBroken);
    }
  });

  it('is refused when it was cut, lengthened, or mixed from two', () => {
    const one = sealing.seal(7, 'key:1', 'aaaa');
    const two = sealing.seal(7, 'key:1', 'bbbb');
    for (let length = 0; length < one.length; length += 1) {
      expect(() => sealing.open(7, 'key:1', one.subarray(0, length)), `${length} bytes`).toThrow(SealBroken);
    }
    expect(() => sealing.open(7, 'key:1', Buffer.concat([one, Buffer.of(0)]))).toThrow(SealBroken);
    const mixed = Buffer.concat([one.subarray(0, 21), two.subarray(21)]);
    expect(() => sealing.open(7, 'key:1', mixed)).toThrow(SealBroken);
  });

  it('stays openable after a rotation, while new ones are sealed with the new key', () => {
    const before = sealing.seal(7, 'key:1', 'x');
    const rotated = withKeys(newKey(), oldKey);
    expect(rotated.open(7, 'key:1', before)).toEqual({
      value: 'x',
      keyId: keyIdOf(before),
      isCurrent: false,
    });
    const after = rotated.seal(7, 'key:1', 'x');
    expect(rotated.open(7, 'key:1', after).isCurrent).toBe(true);
    expect(keyIdOf(after)).not.toBe(keyIdOf(before));
    expect(() => sealing.open(7, 'key:1', after)).toThrow(/sealed with the master key [0-9a-f]{16}/);
  });

  it('is not confused with bytes that nobody sealed', () => {
    expect(() => keyIdOf(Buffer.alloc(0))).toThrow(SealBroken);
    expect(() => sealing.open(7, 'key:1', randomBytes(200))).toThrow(SealBroken);
  });
});
