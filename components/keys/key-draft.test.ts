import { describe, expect, it } from 'vitest';
import { emptyDraft, toCreate, toDraft, toExpression, toUpdate, type KeySummary } from './key-draft';

const key: KeySummary = {
  id: 1,
  ref: 'token',
  name: 'Token',
  ownerType: 'pack',
  owner: 'ops',
  encrypted: true,
  expiresAt: null,
  created: '',
  updated: '',
  updatedBy: null,
  mayReveal: true,
  mayUpdate: true,
  mayDelete: true,
};

describe('a key’s draft', () => {
  it('asks for a new key, encrypted and without an end unless one says otherwise', () => {
    expect(toCreate({ ...emptyDraft(), ref: ' token ', value: 'x' })).toEqual({
      input: {
        ref: 'token',
        name: 'token',
        value: 'x',
        ownerType: 'system',
        owner: '',
        encrypted: true,
        ttlSeconds: null,
      },
    });
    const limited = {
      ...emptyDraft(),
      ref: 'a',
      kind: 'json',
      value: '[1]',
      lifetime: 'limited',
      seconds: '60',
    } as const;
    expect(toCreate(limited)).toMatchObject({ input: { value: [1], ttlSeconds: 60 } });
  });

  it('says what is missing or wrong at its field', () => {
    const wrong = toCreate({
      ...emptyDraft(),
      ...{ ownerType: 'pack', kind: 'json', value: '{', lifetime: 'limited', seconds: '1.5' },
    });
    expect('errors' in wrong && Object.keys(wrong.errors).sort()).toEqual([
      'owner',
      'ref',
      'seconds',
      'value',
    ]);
  });

  it('changes only what was changed', () => {
    const draft = toDraft(key);
    const name = { ref: 'token', ownerType: 'pack', owner: 'ops' };
    expect(toUpdate(draft, key)).toEqual({ input: name });
    expect(toUpdate({ ...draft, kind: 'text', value: '' }, key)).toEqual({ input: { ...name, value: '' } });
    expect(toUpdate({ ...draft, encrypted: false, lifetime: 'never', name: 'T' }, key)).toEqual({
      input: { ...name, encrypted: false, ttlSeconds: null, name: 'T' },
    });
  });

  it('is named in an expression as the engine reads it', () => {
    expect(['token', 'db.main', 'db-main', '7up'].map(toExpression)).toEqual([
      'keystore.token',
      'keystore.db.main',
      "keystore['db-main']",
      "keystore['7up']",
    ]);
  });
});
