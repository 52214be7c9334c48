import { describe, expect, it } from 'vitest';
import type { JsonSchema } from '@/engine/json-schema';
import { SealBroken } from '../sealing/seal';
import { hideParameters, openParameters, secretsForRerun } from './secret-parameters';

const mask = '********';
const deploy = { tenantId: 7, actionRef: 'ops.deploy' };
const schema: JsonSchema = {
  type: 'object',
  properties: {
    host: { type: 'string' },
    token: { type: 'string', secret: true },
    pin: { type: 'integer', secret: true },
    keys: { type: 'array', items: { type: 'string', secret: true } },
  },
};
const given = { host: 'web1', token: 't0k-value', pin: 4711, keys: ['first', 'second'] };
const stored = () => hideParameters(deploy, schema, given);

describe('secret parameters of an execution', () => {
  it('lie masked and sealed, and open again for the same action', () => {
    const { parameters, sealed, problem } = stored();
    expect(parameters).toEqual({ host: 'web1', token: mask, pin: mask, keys: [mask, mask] });
    expect(problem).toBeNull();
    expect(sealed?.includes('t0k')).toBe(false);
    expect(openParameters({ ...deploy, parameters, sealed })).toEqual({
      parameters: given,
      secretNames: ['token', 'pin', 'keys'],
      secretTexts: ['t0k-value', '4711', 'first', 'second'],
    });
  });

  it('are not sealed where there is nothing to hide', () => {
    const { parameters, sealed } = hideParameters(deploy, schema, { host: 'web1', token: null });
    expect({ parameters, sealed }).toEqual({ parameters: { host: 'web1', token: null }, sealed: null });
    expect(openParameters({ ...deploy, parameters, sealed })).toEqual({
      parameters: { host: 'web1', token: null },
      secretNames: [],
      secretTexts: [],
    });
  });

  it('open for no other tenant and no other action', () => {
    const { parameters, sealed } = stored();
    expect(() => openParameters({ ...deploy, tenantId: 8, parameters, sealed })).toThrow(SealBroken);
    expect(() => openParameters({ ...deploy, actionRef: 'ops.print', parameters, sealed })).toThrow(
      SealBroken,
    );
  });

  it('cannot be opened when the sealed copy was changed, cut or emptied', () => {
    const { parameters, sealed } = stored();
    const changed = Buffer.from(sealed ?? []);
    changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
    for (const broken of [changed, changed.subarray(0, 40), Buffer.alloc(0), Buffer.alloc(9)]) {
      expect(() => openParameters({ ...deploy, parameters, sealed: broken })).toThrow(SealBroken);
    }
  });

  it('Rule 10: stay secret in a child whose own schema marks nothing, where the engine says what they went into', () => {
    const child = { tenantId: 7, actionRef: 'ops.print' };
    const input = { text: 'Bearer t0k-value', to: 'web1' };
    const { parameters, sealed } = hideParameters(child, { type: 'object', properties: {} }, input, {
      redacted: { text: mask, to: 'web1' },
    });
    expect(parameters).toEqual({ text: mask, to: 'web1' });
    expect(openParameters({ ...child, parameters, sealed })).toEqual({
      parameters: input,
      secretNames: ['text'],
      secretTexts: ['Bearer t0k-value'],
    });
  });

  it('bring along the secrets that went into them, for the redaction of what is taken out of them again', () => {
    const child = { tenantId: 7, actionRef: 'ops.print' };
    const long = 'x'.repeat(2_000);
    const redacted = { text: mask, to: 'web1' };
    const textsFor = (text: string) => {
      const input = { text, to: 'web1' };
      const stored = hideParameters(child, {}, input, { redacted, origins: ['t0k-value', long] });
      expect(stored.secretTexts).toEqual(openParameters({ ...child, ...stored }).secretTexts);
      return openParameters({ ...child, ...stored }).secretTexts;
    };
    expect(textsFor('Bearer t0k-value')).toEqual(['Bearer t0k-value', 't0k-value']);
    expect(textsFor('dDBrLXZhbHVl')).toEqual(['dDBrLXZhbHVl', 't0k-value']);
    expect(textsFor(`<${long}>`)).toEqual([`<${long}>`, 't0k-value', long]);
    const plain = hideParameters(
      child,
      {},
      { to: 'web1' },
      { redacted: { to: 'web1' }, origins: ['t0k-value'] },
    );
    expect(plain.sealed).toBeNull();
  });
});

describe('a rerun', () => {
  it('takes the secrets over without opening them', () => {
    const source = stored();
    const again = hideParameters(deploy, schema, source.parameters, { from: source });
    expect(again.sealed).toEqual(source.sealed);
    expect(openParameters({ ...deploy, ...again }).parameters).toEqual(given);
    expect(again.isKept('token')).toBe(true);
    expect(again.isKept('keys.1')).toBe(true);
    expect(again.isKept('host')).toBe(false);
  });

  it('with edited parameters keeps what is masked still, and takes what is new', () => {
    const source = stored();
    const edited = { ...source.parameters, host: 'web2', pin: 1234 };
    const again = hideParameters(deploy, schema, edited, { from: source });
    expect(again.parameters).toEqual({ host: 'web2', token: mask, pin: mask, keys: [mask, mask] });
    expect(openParameters({ ...deploy, ...again }).parameters).toEqual({ ...given, host: 'web2', pin: 1234 });
    expect(again.isKept('pin')).toBe(false);

    const third = hideParameters(deploy, schema, { ...again.parameters, token: 'newer' }, { from: again });
    expect(openParameters({ ...deploy, ...third }).parameters).toEqual({
      ...given,
      host: 'web2',
      pin: 1234,
      token: 'newer',
    });
  });

  it('forgets a secret that was taken out', () => {
    const source = stored();
    const { token: _, ...rest } = source.parameters;
    const again = hideParameters(deploy, schema, rest, { from: source });
    expect(openParameters({ ...deploy, ...again })).toMatchObject({
      parameters: { host: 'web1', pin: 4711, keys: ['first', 'second'] },
      secretNames: ['pin', 'keys'],
    });
  });

  it('refuses a mask that stood for something else, or for nothing', () => {
    const source = stored();
    const moved = { ...source.parameters, keys: [mask] };
    expect(hideParameters(deploy, schema, moved, { from: source }).problem).toBe(
      'keys.0 is only the mask of a secret; give the secret itself.',
    );
    const elsewhere = { ...source.parameters, host: mask };
    expect(hideParameters(deploy, schema, elsewhere, { from: source }).problem).toMatch(
      /^host is only the mask/,
    );
    expect(hideParameters(deploy, schema, { token: mask }).problem).toMatch(/^token is only the mask/);
    expect(hideParameters(deploy, schema, { host: mask, token: 'x' }).problem).toBeNull();
  });

  it('with edited parameters keeps the secrets only for who gave them', () => {
    const source = { ...stored(), requestedBy: 3, parentId: null };
    const same = source.parameters;
    const edited = { ...same, host: 'evil' };
    const asked = (old: Parameters<typeof secretsForRerun>[0], by: number, parameters: JsonSchema) =>
      hideParameters(deploy, schema, parameters, { from: secretsForRerun(old, { by, parameters }) }).problem;
    expect(asked(source, 3, edited)).toBeNull();
    expect(asked(source, 4, same)).toBeNull();
    expect(asked(source, 4, edited)).toBe('token is only the mask of a secret; give the secret itself.');
    expect(asked({ ...source, parentId: 9 }, 3, edited)).toMatch(/only the mask/);
    expect(asked(source, 4, { ...edited, token: 'own', pin: 1, keys: ['own'] })).toBeNull();
  });

  it('is refused after very many edits, instead of growing without end', () => {
    let row = stored();
    for (let edit = 0; edit < 19; edit += 1) {
      row = hideParameters(deploy, schema, { ...row.parameters, pin: edit }, { from: row });
      expect(row.problem).toBeNull();
    }
    expect(openParameters({ ...deploy, ...row }).parameters).toEqual({ ...given, pin: 18 });
    expect(hideParameters(deploy, schema, { ...row.parameters, pin: 19 }, { from: row }).problem).toMatch(
      /anew/,
    );
    const anew = hideParameters(deploy, schema, given, { from: row });
    expect(anew.problem).toBeNull();
  });
});
