import { describe, expect, it } from 'vitest';
import { toValues } from './values';

const schema = {
  message: { type: 'string' },
  count: { type: 'integer' },
  tags: { type: 'array' },
  any: {},
  maybe: { type: ['string', 'null'] },
};
const none = () => Promise.reject(new Error('no file was asked for'));

describe('the words of a command line', () => {
  it.each([
    ['message=5', { message: '5' }],
    ['message=', { message: '' }],
    ['message=a=b', { message: 'a=b' }],
    ['count=5', { count: 5 }],
    ['tags=["a"]', { tags: ['a'] }],
    ['any=true', { any: 'true' }],
    ['maybe=null', { maybe: 'null' }],
    ['unknown=5', { unknown: '5' }],
    ['unknown:=5', { unknown: 5 }],
    ['message:="x"', { message: 'x' }],
    ['__proto__:=1', JSON.parse('{"__proto__": 1}') as object],
  ])('%s', async (word, expected) => {
    const values = await toValues([word], schema, none);
    expect(Object.entries(values)).toEqual(Object.entries(expected));
  });

  it('reads a file’s text for name=@file', async () => {
    expect(
      await toValues(['message=@a.txt', 'count:=@b'], schema, (path) =>
        Promise.resolve(path === 'b' ? '7' : `of ${path}`),
      ),
    ).toEqual({
      message: 'of a.txt',
      count: 7,
    });
  });

  it.each([
    ['message', 'no parameter'],
    ['=5', 'no parameter'],
    ['count=five', 'is no JSON'],
    ['x:={', 'is no JSON'],
  ])('refuses %s, and says why', async (word, said) => {
    await expect(toValues([word], schema, none)).rejects.toThrow(said);
  });

  it('refuses a name that is given twice', async () => {
    await expect(toValues(['a=1', 'a=2'], schema, none)).rejects.toThrow('given twice');
  });
});
