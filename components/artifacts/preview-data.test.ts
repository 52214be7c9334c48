import { describe, expect, it } from 'vitest';
import { formatSize } from './format-size';
import { toKind, toRows } from './preview-data';

describe('a preview', () => {
  it('is chosen by what the file is', () => {
    expect(toKind({ type: 'file_image', contentType: 'image/png' })).toBe('image');
    expect(toKind({ type: 'other', contentType: 'image/jpeg' })).toBe('image');
    expect(toKind({ type: 'file_datatable', contentType: 'text/csv' })).toBe('table');
    expect(toKind({ type: 'other', contentType: 'text/csv; charset=utf-8' })).toBe('table');
    expect(toKind({ type: 'file_text', contentType: 'application/octet-stream' })).toBe('text');
    expect(toKind({ type: 'other', contentType: 'application/json' })).toBe('text');
    expect(toKind({ type: 'file_binary', contentType: 'application/zip' })).toBe('none');
    expect(toKind({ type: 'file_image', contentType: 'application/zip' })).toBe('none');
  });

  it('reads tables from CSV, with what quotes hold together', () => {
    expect(toRows('host,note\nweb-1,"slow, ""very"""\n', 'text/csv', 10)).toEqual({
      header: ['host', 'note'],
      rows: [['web-1', 'slow, "very"']],
      isCut: false,
    });
    expect(toRows('a\n1\n2\n3\n', 'text/csv', 2)).toEqual({
      header: ['a'],
      rows: [['1'], ['2']],
      isCut: true,
    });
  });

  it('reads tables from lists of objects and lists of lists', () => {
    expect(toRows('[{"a": 1, "b": {"c": 2}}, {"b": null, "d": "x"}]', 'application/json', 10)).toEqual({
      header: ['a', 'b', 'd'],
      rows: [
        ['1', '{"c":2}', ''],
        ['', '', 'x'],
      ],
      isCut: false,
    });
    expect(toRows('[["a", "b"], [1, 2]]', 'application/json', 10)).toMatchObject({
      ...{ header: ['a', 'b'], rows: [['1', '2']] },
    });
  });

  it('takes what is no table for none', () => {
    expect(toRows('{"a": 1}', 'application/json', 10)).toBeNull();
    expect(toRows('[1, 2', 'application/json', 10)).toBeNull();
    expect(toRows('', 'text/csv', 10)).toBeNull();
  });
});

describe('a size', () => {
  it('is said as people read it', () => {
    expect([0, 1023, 1024, 1536, 10_485_760, 5e12].map(formatSize)).toEqual([
      ...['0 B', '1,023 B', '1 KB', '1.5 KB', '10 MB', '4.5 TB'],
    ]);
  });
});
