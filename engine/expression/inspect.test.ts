import { describe, expect, it } from 'vitest';
import { parseTemplate } from './expression';

const paths = (source: string, isBare = false): string[] =>
  parseTemplate(source, isBare).references.map(({ root, path }) => [root, ...path].join('.'));

describe('what a template reads', () => {
  it('is named with the static part of its path', () => {
    expect(paths('{{ task.build.result.x }}')).toEqual(['task.build.result.x']);
    expect(paths("{{ task['build'].result[0].y }}")).toEqual(['task.build.result.0.y']);
    expect(paths('{{ task[parameters.name].result }}')).toEqual(['task', 'parameters.name']);
    expect(paths('{{ (parameters.a|upper).b ~ c }}')).toEqual(['parameters.a', 'c']);
  });

  it('has a place', () =>
    expect(parseTemplate('a\n {{ x + yy.z }}').references).toEqual([
      { root: 'x', path: [], line: 2, column: 5 },
      { root: 'yy', path: ['z'], line: 2, column: 9 },
    ]));

  it('leaves out names that it sets itself, where they hold', () => {
    expect(paths('{% for a, b in xs if a %}{{ a.x }}{{ loop.index }}{{ c }}{% endfor %}{{ a }}')).toEqual([
      'xs',
      'c',
      'a',
    ]);
    expect(paths('{% set v = w %}{{ v }}{% with z = v %}{{ z }}{% endwith %}{{ z }}')).toEqual(['w', 'z']);
  });

  it('is found in every corner', () =>
    expect(
      paths(
        '{{ [a, {b: c}] }}{{ d[e:f:g] }}{{ h(i, k=j) }}{{ l|default(m) }}{{ n is divisibleby o }}{{ -p }}{{ q < r < s }}' +
          '{{ t if u else v }}{{ w.x(y) }}{% if z %}{% elif aa %}{% else %}{{ bb }}{% endif %}{% set cc %}{{ dd }}{% endset %}',
      ).sort(),
    ).toEqual('a b c d e f g i j l m n o p q r s t u v w y z aa bb dd'.split(' ').sort()));

  it('names functions and filters', () => {
    const { calls, filters } = parseTemplate('{{ succeeded() and result().x|upper|d(now()) and range(3) }}');
    expect(calls).toEqual(['succeeded', 'result', 'now']);
    expect(filters).toEqual(['upper', 'd']);
  });
});

describe('problems of a template', () => {
  it('are listed, never thrown', () => {
    for (const source of [
      '{{',
      '{{ 1 + }}',
      '{% zzz %}',
      '{% if a %}',
      '{{ a|zzz }}',
      '{{ a is zzz }}',
      '{{ "',
      '{#',
      '{{ ] }}',
      `{{ ${'('.repeat(999)} }}`,
    ])
      expect(parseTemplate(source).problems.length, source).toBe(1);
    expect(parseTemplate('a + ', true).problems[0]).toMatchObject({ code: 'syntax', line: 1, column: 5 });
  });

  it('point at the filter and say what was meant', () =>
    expect(parseTemplate('{{ a|uper }}').problems).toEqual([
      {
        code: 'unknown_filter',
        message: 'There is no filter uper.',
        line: 1,
        column: 6,
        hint: 'Did you mean upper?',
      },
    ]));

  it('are none for plain text and good templates', () => {
    for (const source of ['', 'plain', '{{ a }}', '{% for x in y %}{{ x }}{% endfor %}'])
      expect(parseTemplate(source).problems).toEqual([]);
  });
});
