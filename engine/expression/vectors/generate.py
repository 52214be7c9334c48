"""Writes cases.jsonl: expressions and templates with the answers of Python's own Jinja2.

    python3 -m venv /tmp/jinja && /tmp/jinja/bin/pip install jinja2==3.1.6
    /tmp/jinja/bin/python engine/expression/vectors/generate.py

Jinja2 runs as our evaluator is meant to: sandboxed and immutable, an undefined name can be chained and reads as
None, a trailing newline stays. A case is dropped when Python's answer has no JSON form (a generator's address, a set).
"""

import json
import math
import os
import sys
import types

from jinja2 import ChainableUndefined, meta
from jinja2.runtime import Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

environment = ImmutableSandboxedEnvironment(undefined=ChainableUndefined, keep_trailing_newline=True)

CONTEXT = {
    'n': 7, 'zero': 0, 'neg': -3, 'f': 2.5, 'nf': -0.75, 'big': 9007199254740991, 'yes': True, 'no': False, 'nothing': None,
    's': 'hello world', 'empty': '', 'up': 'SHOUT', 'padded': '  pad me  ', 'digits': '42', 'uni': 'Grüße, 世界 😀',
    'html': '<b class="x">Tom & \'Jerry\'</b>', 'lines': 'one\ntwo\n\nthree', 'csv': 'a,b,,c', 'quote': 'it\'s "so"',
    'long': 'The quick brown fox jumps over the lazy dog and keeps on running through the forest.',
    'xs': [3, 1, 2], 'none_list': [], 'words': ['pear', 'Apple', 'fig', 'apple'], 'mixed': [1, 'a', None, True, 2.5, [1], {'k': 'v'}],
    'bools': [True, False, True], 'dup': [1, 2, 1, 3, 2], 'floats': [1.5, 0.25, -2.75], 'nested': [[1, 2], [3], []], 'pairs': [['a', 1], ['b', 2]],
    'd': {'a': 1, 'b': 'two', 'c': [1, 2], 'd': {'e': {'f': 'deep'}}}, 'none_dict': {}, 'clash': {'items': 'mine', 'keys': 5, 'get': 'got'},
    'users': [
        {'name': 'Ann', 'age': 31, 'team': 'ops', 'admin': True, 'address': {'city': 'Bern'}},
        {'name': 'bob', 'age': 25, 'team': 'dev', 'admin': False, 'address': {'city': 'Oslo'}},
        {'name': 'Cid', 'age': 42, 'team': 'ops', 'admin': False, 'address': {'city': 'Aachen'}},
        {'name': 'dee', 'age': 25, 'team': 'qa', 'admin': True, 'address': {'city': 'bonn'}},
    ],
    'task': {'build': {'result': {'ok': True, 'code': 0, 'image': 'app:1.2', 'regions': ['eu', 'us']}, 'status': 'completed'}},
    'parameters': {'app': 'shop', 'replicas': 3, 'tags': {'env': 'prod', 'tier': 'web'}, 'dry-run': False, '0': 'zero'},
}

expressions: list[str] = []
templates: list[str] = []


def add(*sources: str) -> None:
    expressions.extend(sources)


def write(*sources: str) -> None:
    templates.extend(sources)


# --- literals -------------------------------------------------------------------------------------------------------
add(*"""1|0|-1|+1|1_000|0x1F|0b101|0o17|1.5|.5|1.|1e3|1.5e-3|2E2|1_0.5|true|True|false|False|none|None|null|''|""|'a'|"a"|[]|{}|()|[1]|[1,]|[1, 2, 3]
(1,)|(1, 2)|1, 2|{'a': 1}|{'a': 1,}|{'a': {'b': [1, {'c': none}]}}|{1: 'a'}|{'a': 1, 'a': 2}|[[], {}, '']|'a' 'b'|"it's"|'say "x"'""".replace('\n', '|').split('|'))
add(r"'a\nb'", r"'\t'", r"'\\'", r"'\''", r'"\""', r"'\x41'", r"'\u00e9'", r"'\U0001F600'", r"'\q'", "'é'", "'😀'", "'{{'", "'}}'", "'%}'", "'#}'", r"'a\
b'", '9007199254740991', '-9007199254740991', '"\\r\\n"', "'\\0'")

# --- operators over a spread of operands ----------------------------------------------------------------------------
numbers = ['7', '-7', '2', '0', '2.5', '-0.5', 'true', 'n', 'f']
for operator in ['+', '-', '*', '/', '//', '%']:
    for left in numbers:
        for right in ['3', '-3', '2.0', '0.1', 'n']:
            add(f'{left} {operator} {right}')
for left, right in [('2', '10'), ('2', '-1'), ('-2', '2'), ('(-2)', '3'), ('2.5', '2'), ('0', '0'), ('9', '0.5'), ('2', '0'), ('n', '2'), ('10', '15'), ('2', '52')]:
    add(f'{left} ** {right}')
add('2 ** 3 ** 2', '-2 ** 2', '2 * 3 ** 2', '-n ** 2', '1 + 2 * 3', '(1 + 2) * 3', '10 - 4 - 3', '100 / 10 / 2', '7 // 2 * 2 + 7 % 2', '1 - -1', '- - 1', '-(-n)', '+n', '1 ~ 2', '1 ~ 2 + 3',
    "'a' ~ 1 ~ none ~ true ~ 1.0", "s ~ '!'", "'a' + 'b'", "'ab' * 3", "3 * 'ab'", "'ab' * 0", "'ab' * -1", '[1] + [2]', '[1, 2] * 2', '[0] * 3', 'xs + xs', "'a' ~ [1, 'b']", "'' ~ d", "missing ~ 'x'",
    '7 % -3', '-7 % 3', '-7 // 2', '7 // -2', '7.5 // 2', '-7.5 % 2', '5 % 2.5', '0.1 + 0.2', '1 / 3', '2 / 1', '10 / 4', '1e308 * 10', 'true + true', 'true * 3', '1.0 * 2', '6 / 3', '1e16', '1e15 + 0.5', '123456789.123456789', '1e-5', '0.0001', '-0.0',
    "'%s-%s' % ('a', 1)", "'%05.1f|%d|%x' % (2.55, 42, 255)", "'%s' % 'a'", "'%d%%' % 5", "'%(a)s' % {'a': 1}", "'%-5s|%5s' % ('a', 'b')", "'%r' % 'a'", "'%e' % 12345.678", "'%+d' % 3")
add("1 + 'a'", "'a' + 1", "[1] + 'a'", 'none + 1', '1 + none', '1 / 0', '1 // 0', '1 % 0', '1.0 / 0', 'd + d', "'a' - 'b'", "'a' * 'b'", "'a' * 1.5", '[1] * [2]', '-s', '+none', '-xs', 'missing + 1', '1 + missing', '-missing', 'missing * 2', "'a' / 2", 'd * 2', '0 ** -1')

# --- comparison, membership, logic ----------------------------------------------------------------------------------
operands = ['1', '2', '1.0', 'true', "'a'", "'b'", '[1]', 'none', 'missing', 'd']
for operator in ['==', '!=', '<', '<=', '>', '>=']:
    for left in operands:
        for right in ['1', "'a'", '[1, 2]', 'none']:
            add(f'{left} {operator} {right}')
add('1 < 2 < 3', '1 < 3 < 2', '3 > 2 > 1', '1 == 1 == 1', '1 < 2 == true', '1 < n < 10', '0 <= zero < n', "'a' < 'b' < 'c'", "'a' < 'B'", "'Z' < 'a'", "'é' > 'z'", "'10' < '9'", "'😀' > '\\uffff'", '[1, 2] < [1, 3]', '[1] < [1, 0]', '[] < [1]', "[1, 'a'] < [1, 'b']", "[1, 'a'] < [2, 1]",
    'd == d', "{'a': 1} == {'a': 1.0}", "{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", '[1, [2]] == [1, [2]]', '[1] == [true]', "'1' == 1", 'true == 1', 'false == 0', "'' == false", 'none == none', 'none == false', 'xs == [3, 1, 2]', 'xs != [1]', "1 in xs", '9 in xs', '9 not in xs', '1 not in xs', "'ell' in s", "'' in s", "'z' not in s",
    "'a' in d", "'z' in d", "1 in d", "'a' in none_list", '1 in [1.0]', 'true in [1]', '[1] in [[1]]', 'none in [none]', "'a' in 'abc' in ['abc']", '1 in 5', "1 in 'abc'", "'a' in none", "'a' in missing", '1 in missing', "not 'a' in d", "'x' in ['x'] and 'y' not in ['x']", '2 in (1, 2)', "'b' in {'b': 1}",
    'true and false', 'true or false', 'not true', 'not not 1', '1 and 2', '0 and 2', '1 or 2', '0 or 2', "'' or 'x'", "none or 'x'", '[] or {}', "missing or 'x'", 'missing and 1', 'not missing', 'not none', 'not []', "not ''", 'not {}', 'not 0', 'not 0.0', 'true or missing.x.y', 'false and 1 / 0', 'true or 1 / 0', '1 and 2 or 3', '0 and 2 or 3', 'not 1 == 2', 'not (1 == 2)', 'true and not false', '1 == 1 and 2 == 2', 'yes and not no', 'yes or no and no', 'n > 5 and f < 3', 'zero or empty or none_list or d.a')
add("'a' if true else 'b'", "'a' if false else 'b'", "'a' if false", "'a' if true", "1 if n > 5 else 2 if n > 3 else 3", "1 if zero else 2 if yes else 3", "(1 if yes else 2) + 1", "1 + 2 if yes else 3", "'x' if missing else 'y'", "'x' if missing is defined else 'y'", '[1 if yes else 2, 3]', "{'a': 1 if no else 2}", '(1, 2) if yes else 3', "'a' if 'b' in d and d.b == 'two' else 'c'", "1 if 1 if 0 else 1 else 2")

# --- access, subscripts, slices -------------------------------------------------------------------------------------
add('d.a', "d['a']", 'd.d.e.f', "d['d']['e']['f']", "d.d['e'].f", 'd.zzz', 'd.zzz.yyy', "d['zzz']", "d.zzz['yyy'].xxx", 'missing', 'missing.a.b', "missing['a'][0]", 'nothing.a', 'nothing.a.b', 'xs[0]', 'xs[-1]', 'xs[9]', 'xs[-9]', 'xs[9].a', 'xs.0', 'xs.1', 'xs.zzz', 's[0]', 's[-1]', 's[99]', 'uni[-1]', 'uni[7]', 'n.a', 'n[0]', 'd[0]', "xs['a']", 's.zzz', 'yes.x',
    'd.c[0]', 'd.c[-1]', 'd.c[1] + 1', "d['c'][0]", 'users[0].name', 'users[-1].address.city', "users[1]['address']['city']", 'users[9].name', 'task.build.result.ok', 'task.build.result.regions[1]', 'task.deploy.result', 'task.deploy.result.x.y', "parameters['dry-run']", 'parameters.tags.env', "parameters['0']", 'parameters.tags[parameters.app]', "parameters['ta' ~ 'gs'].env", 'd[d.b]', '[1, 2, 3][1]', '(1, 2)[0]', "{'a': 5}['a']", "{'a': 5}.a", "'abc'[1]", "{1: 'a'}[1]", 'clash.items', 'clash.keys', "clash['get']", 'd.items', 'nested[0][1]', 'nested[2][0]', 'xs[n - 7]', 'xs[true]', 'xs[1.0]', 'xs[none]', 'd[none]', 'd[xs]', 's[none]', 'd.true', 'd.a.b.c')
for start in ['', '1', '-2', '0', '9']:
    for stop in ['', '2', '-1', '0', '99']:
        add(f'xs[{start}:{stop}]')
        add(f's[{start}:{stop}]')
for step in ['2', '-1', '-2', '1', '99', '-99']:
    add(f's[::{step}]', f's[1::{step}]', f's[:5:{step}]', f's[8:2:{step}]', f's[-3:-9:{step}]', f'xs[::{step}]', f'xs[2:0:{step}]')
add('xs[::0]', 'xs[1:2].zzz', 'uni[7:9]', 'uni[::-1]', 'xs[n:]', 'xs[:zero]', 'xs[:n // 3]', 'd[1:2]', 'n[1:2]', 'missing[1:2]', 'none[1:2]', 'xs[none:none]', "xs['a':]", 'xs[1.5:]', 'xs[:][0]', 'users[1:3][0].name')
add('d.__class__', "d['__class__']", 's.__class__.__mro__', "''.__class__", '[].__class__.__base__', '{}.__proto__', "d['__proto__']", 'd.constructor', "s['constructor']", 'xs.length', 's.length', 'xs.constructor', 'd.toString', 'd.hasOwnProperty', 'xs.push', 's.charAt', "''.constructor.constructor", 'xs.map', 'xs.filter', 'n.toFixed', 'yes.valueOf', "missing.__proto__.x", "d.prototype", 'cycler', 'self', 'loop', 'undefined', 'this', 'globalThis', 'process', 'window', 'constructor', '__proto__', 'hasOwnProperty', 'toString')

# --- methods --------------------------------------------------------------------------------------------------------
for value in ['s', 'up', 'padded', 'uni', 'empty', "'ß'", "'ǆ x'", "'they\\'re bill\\'s'", "'a1b c3'"]:
    for method in ['upper', 'lower', 'title', 'capitalize', 'swapcase', 'strip', 'casefold', 'isupper', 'islower', 'istitle', 'isalpha', 'isalnum', 'isdigit', 'isspace', 'split', 'splitlines']:
        add(f'{value}.{method}()')
add("padded.lstrip()", "padded.rstrip()", "'xxaxx'.strip('x')", "'xyaxy'.lstrip('yx')", "'axy'.rstrip('yx')", "csv.split(',')", "csv.split(',', 1)", "csv.split(',', maxsplit=2)", "csv.rsplit(',', 1)", "'a  b c'.split()", "'a  b c'.split(' ')", "'a b  c'.split(None, 1)", "' a b c '.split(None, 1)", "' a b c '.rsplit(None, 1)", "'a b'.split('')", "''.split()", "''.split(',')", "lines.splitlines()", "'a\\n'.splitlines()", "'a\\r\\nb\\rc'.splitlines()", "'a\\nb'.splitlines(true)",
    "s.replace('o', '0')", "s.replace('o', '0', 1)", "s.replace('', '-')", "s.replace('zz', 'y')", "'aaa'.replace('a', 'b', 2)", "'ab'.replace('', '-', 2)", "s.startswith('he')", "s.startswith('x')", "s.startswith(('x', 'he'))", "s.endswith('ld')", "s.endswith(('a', 'd'))", "s.startswith('l', 2)", "s.startswith('l', 2, 3)", "s.startswith('')", "s.count('l')", "s.count('ll')", "'aaaa'.count('aa')", "'abc'.count('')", "s.count('o', 5)", "s.find('o')", "s.find('o', 5)", "s.find('zz')", "s.rfind('o')", "s.rfind('zz')", "s.index('o')", "s.index('zz')", "uni.find('世')", "uni.find('😀')", "s.rindex('l')",
    "','.join(['a', 'b'])", "''.join([])", "'-'.join('abc')", "','.join([1, 2])", "','.join(d)", "', '.join(words)", "'7'.zfill(3)", "'-7'.zfill(4)", "'abc'.zfill(2)", "'a'.ljust(3)", "'a'.rjust(3, '.')", "'a'.center(4)", "'a'.center(5, '*')", "'ab'.center(5, '*')", "'abc'.center(2)", "'ab'.center(5)", "'abc'.center(6)", "'abc'.removeprefix('a')", "'abc'.removeprefix('x')", "'abc'.removesuffix('c')", "'abc'.removesuffix('')", "'a=b=c'.partition('=')", "'a=b=c'.rpartition('=')", "'abc'.partition('=')", "'abc'.rpartition('=')", "'42'.isdigit()", "'4.2'.isdigit()", "'-4'.isdigit()", "'42'.isnumeric()", "'42'.isdecimal()", "'½'.isnumeric()", "'½'.isdigit()", "'²'.isdigit()", "'a b'.isidentifier()", "'ab'.isidentifier()", "'a\\tb'.expandtabs()", "'a\\tb'.expandtabs(4)", "'abc'.isascii()", "'é'.isascii()", "'Hello World'.istitle()", "'\\n'.isprintable()", "'ab'.isprintable()", "'abc'.encode()", "'abc'.translate({})")
add("'{} {}'.format('a', 1)", "'{0} {1} {0}'.format('a', 'b')", "'{x}'.format(x=1)", "'{:>5}|{:<5}|{:^5}'.format('a', 'b', 'c')", "'{:05d}'.format(42)", "'{:.2f}'.format(3.14159)", "'{:,}'.format(1234567)", "'{:x} {:o} {:b} {:X}'.format(255, 8, 5, 255)", "'{{}}'.format()", "'{:e}'.format(12345.678)", "'{:%}'.format(0.25)", "'{:+}'.format(5)", "'{!r}'.format('a')", "'{!s:>4}'.format(1)", "'{a[b]}'.format(a={'b': 1})", "'{a.b}'.format(a={'b': 1})", "'{[0]}'.format([5])", "'{}'.format(none)", "'{}'.format(true)", "'{}'.format(1.0)", "'{} {}'.format('a')", "'{x}'.format()", "'{:*^9}'.format('mid')", "'{:>8.3f}|'.format(2.5)", "'{:<4}|'.format(7)", "'{:#x}'.format(255)", "'{:s}'.format('a')", "'{:d}'.format(true)", "'{:.3}'.format('abcdef')", "'{:g}'.format(0.0001)", "'{:g}'.format(1e20)", "'{:10}|'.format(3)", "'{:,.2f}'.format(1234.5)", "'{:_}'.format(1234567)", "'{'.format()", "'}'.format()", "'{0.__class__}'.format('a')")
add('d.items()', 'd.keys()', 'd.values()', "d.get('a')", "d.get('z')", "d.get('z', 5)", "d.get('z', none)", "d['get']('a')", 'd.items()|list', 'd.keys()|list', 'd.values()|list|length', 'none_dict.items()|list', 'd.copy()', "d.get('d').get('e').f", 'd.get()', "d.pop('a')", 'd.clear()', "d.update({'z': 1})", "d.setdefault('q', 1)", 'xs.count(1)', 'xs.index(1)', 'xs.index(9)', 'xs.copy()', 'xs.append(1)', 'xs.sort()', 'xs.pop()', 'xs.reverse()', 'xs.insert(0, 1)', 'dup.count(2)', 'dup.index(3)', "dup.index(1, 1)", 'xs.upper()', 's.append(1)', 'd.zzz()', 'missing()', 'missing.x()', 'n()', 's()', 'd()', "'a'()", 'clash.items()', 'words.index("fig")', "'a'.upper().lower()", "'a,b'.split(',')[1].upper()", "(s ~ '!').upper()", "(n).bit_length()", "(f).is_integer()", "(2.0).is_integer()", "'abc'.upper", "s.upper()[0:2]", "d.items()|first|last")

# --- globals --------------------------------------------------------------------------------------------------------
add('range(3)', 'range(3)|list', 'range(1, 4)|list', 'range(0, 10, 3)|list', 'range(5, 0, -2)|list', 'range(0)|list', 'range(3, 1)|list', 'range(-2, 2)|list', 'range(1, 2, 0)', "range('a')", 'range(1.5)', 'range()', 'range(1, 2, 3, 4)', 'range(5)|sum', 'range(3)[1]', '2 in range(3)', 'range(3)|length', 'dict(a=1, b=2)', "dict({'a': 1}, b=2)", 'dict()', "dict([('a', 1), ('b', 2)])", 'dict(d, a=9)', 'range(4)|map("string")|join', 'range(10)[2:4]|list', 'lipsum|string|length > 0 and false')

# --- tests ----------------------------------------------------------------------------------------------------------
values = ['1', '0', '-2', '2.5', '2.0', "'a'", "'A'", "''", "'1'", '[]', '[1]', '{}', "{'a': 1}", 'none', 'true', 'false', 'missing', 'd.zzz', 'd.a', 'range']
for test in ['defined', 'undefined', 'none', 'boolean', 'true', 'false', 'number', 'integer', 'float', 'string', 'mapping', 'sequence', 'iterable', 'callable', 'odd', 'even', 'lower', 'upper']:
    for value in values:
        add(f'{value} is {test}')
add('1 is not odd', '2 is not odd', 'missing is not defined', 'd.a is not none', 'not 1 is odd', 'n is divisibleby 7', 'n is divisibleby(2)', '6 is divisibleby 3 and 6 is divisibleby 2', '6 is divisibleby 0', "'a' is divisibleby 2", '2.0 is divisibleby 2', "1 is in [1, 2]", "'a' is in 'abc'", "3 is not in [1, 2]", "'a' is in d", '1 is eq 1', '1 is equalto(1)', '1 is == 1', '1 is ne 2', '1 is lt 2', '1 is lessthan 2', '1 is le 1', '2 is gt 1', '2 is greaterthan 1', '2 is ge 2', "1 is lt 'a'", "'a' is eq 'a'", '1 is sameas 1', 'true is sameas true', '1 is sameas true', 'none is sameas none', '1 is sameas 2', "'upper' is filter", "'zzz' is filter", "'odd' is test", "'zzz' is test", 'upper is filter', '1 is zzz', "s is escaped", 'x.y.z is defined', 'd.d.e is defined', 'd.d.q is defined', 'd.d.q.r is undefined', 'users[0].name is defined', 'users[9] is defined', 'xs[0] is defined', '(missing or none) is none', 'none is defined', 'missing is none', "'' is defined", '1 is string or 1 is number', '1 is string and true', 'not missing is defined', 'missing is defined and missing > 1', 'n is defined and n > 1', '(1 if no) is defined', "xs|length is odd", 'xs|first is eq 3', "1 is eq 1 is eq true", "'a' 'b' is eq 'ab'", 'n is eq n + 0', '-1 is number', '2 ** 2 is even', 'missing.a is sameas missing', 'd is mapping and d.c is sequence', "n is number if yes else 'x'", '[x for x in xs]', 'xs is iterable', 'true is number', 'true is integer', '1.0 is integer')

# --- filters: every one, with and without arguments, over fitting and unfitting inputs ---------------------------------
def spread(filters: list[str], inputs: list[str]) -> None:
    for name in filters:
        for value in inputs:
            add(f'{value}|{name}')


spread(['abs', 'int', 'float', 'round', 'string', 'round(1)', "round(0, 'floor')", "round(0, 'ceil')", 'int(9)', 'float(1.5)', 'round(-1)', 'tojson', 'filesizeformat', "default('x')", 'default(1, true)', 'd(2)'],
       ['7', '-3', '2.5', '-0.75', '3.5', '0', 'true', "'42'", "'4.7'", "'abc'", "''", 'none', 'missing', '[1]', '1234567'])
spread(['upper', 'lower', 'title', 'capitalize', 'trim', 'length', 'wordcount', 'reverse', 'first', 'last', 'list', 'escape', 'e', 'striptags', 'urlencode', 'string', 'count', 'tojson', 'center(15)', 'indent', 'indent(2, true)', 'indent(first=true, blank=true)', 'unique|list', 'sort', 'max', 'min', 'join("-")', 'forceescape', 'safe', 'wordwrap(5)', 'truncate(5)'],
       ['s', 'padded', 'empty', 'html', 'lines', 'uni', 'n', 'nothing', 'missing', 'yes', "'it\\'s a dog\\'s-life (now) {x} [y] <z>'"])
spread(['length', 'first', 'last', 'list', 'sort', 'reverse|list', 'unique|list', 'sum', 'max', 'min', 'join', "join(', ')", 'tojson', 'string', 'batch(2)|list', 'slice(2)|list', 'items|list', 'dictsort', 'count', "map('string')|list", 'select|list', 'reject|list', 'sort(reverse=true)', 'map("upper")|list', 'upper', 'trim'],
       ['xs', 'words', 'none_list', 'bools', 'dup', 'floats', 'mixed', 'd', 'none_dict', 'nested', 'pairs', 'missing', 'nothing'])
add("d|attr('a')", "users|map(attribute='name')|list", "users|map(attribute='address.city')|list", "users|map(attribute='zzz')|list", "users|map(attribute='zzz', default='q')|list", "users|map(attribute='address')|map(attribute='city')|join(',')", "pairs|map(attribute=0)|list", "pairs|map(attribute='1')|list", "pairs|map('first')|list", "pairs|map('join', '-')|list", "words|map('upper')|join(' ')", "words|map('replace', 'p', 'q')|list", "words|map('zzz')|list", "words|map('truncate', 3, true, '')|list", "xs|map('abs')|sum", 'words|map|list', "words|map('default', 'x')|list",
    "users|selectattr('admin')|map(attribute='name')|list", "users|rejectattr('admin')|map(attribute='name')|list", "users|selectattr('age', 'gt', 30)|map(attribute='name')|list", "users|selectattr('team', 'equalto', 'ops')|list|length", "users|selectattr('team', '==', 'ops')|map(attribute='age')|sum", "users|selectattr('team', 'in', ['ops', 'qa'])|map(attribute='name')|list", "users|rejectattr('age', 'ge', 31)|map(attribute='name')|join", "users|selectattr('zzz')|list", "users|selectattr('zzz', 'defined')|list", "users|selectattr('address.city', 'eq', 'Oslo')|first", "users|selectattr('address.city', 'eq', 'Rome')|first", "users|selectattr('age', 'zzz')|list", 'users|selectattr|list', "xs|select('odd')|list", "xs|select('gt', 1)|list", "xs|reject('odd')|list", "xs|select('divisibleby', 3)|list", "mixed|select('string')|list", "mixed|reject('none')|list", "mixed|select('number')|list", "mixed|select|list", "words|select('in', ['fig'])|list", "words|select('zzz')|list",
    "users|groupby('team')", "users|groupby('team')|map('first')|list", "users|groupby('age')|map('last')|map('length')|list", "users|groupby('address.city')|map('first')|list", "users|groupby('zzz', default='none')|length", "users|groupby('team')|map(attribute='grouper')|list", "users|groupby('team')|map(attribute='list')|map('length')|list", "users|groupby('name')|map('first')|list", "users|groupby('name', case_sensitive=true)|map('first')|list", "users|sort(attribute='age')|map(attribute='name')|list", "users|sort(attribute='name')|map(attribute='name')|list", "users|sort(attribute='name', case_sensitive=true)|map(attribute='name')|list", "users|sort(attribute='age,name')|map(attribute='name')|list", "users|sort(attribute='age', reverse=true)|map(attribute='name')|list", "users|sort(true, attribute='age')|map(attribute='name')|list", "users|sort(attribute='address.city')|map(attribute='address.city')|list", "users|sort", "users|sum(attribute='age')", "users|sum('age')", "users|sum(attribute='age', start=100)", "xs|sum(start=10)", "floats|sum", "words|sum", "nested|sum(start=[])", "users|max(attribute='age')", "users|min(attribute='age')", "users|max(attribute='name')", "users|unique(attribute='team')|map(attribute='name')|list", "users|join(', ', attribute='name')", "users|join('/', 'team')", "words|unique|list", "words|unique(true)|list", "words|sort", "words|sort(case_sensitive=true)", "words|sort(true)", "words|max", "words|min", "words|max(case_sensitive=true)", "words|min(true)", "[3, 'a']|sort", "[none, 1]|sort", "[none, 1]|max", "['b', 'A']|sort|first", "[[2, 1], [1, 2]]|sort", "[true, false]|sort", "[1.5, 1]|sort", "xs|sort|reverse|list", "xs|sort|first", "['a10', 'a9']|sort")
add("d|dictsort", "d|dictsort(by='value')", "{'b': 1, 'A': 2}|dictsort", "{'b': 1, 'A': 2}|dictsort(true)", "{'b': 1, 'A': 2}|dictsort(by='value')", "{'b': 1, 'A': 2}|dictsort(reverse=true)", "{'b': 1, 'A': 2}|dictsort(false, 'zzz')", "d|items|list|length", "none_dict|items|list", "missing|items|list", "xs|items|list", "{'a': 1}|items|first", "xs|batch(2)|list", "xs|batch(2, 0)|list", "xs|batch(5, 'x')|list", "xs|batch(0)|list", "range(7)|slice(3)|list", "range(7)|slice(3, 'x')|list", "range(9)|slice(3, 'x')|list", "xs|slice(0)|list", "s|batch(4)|list", "'a'|center(5)", "'ab'|center(5)", "'abc'|center(2)", "''|center(3)", "s|center", "s|center(15)|length", "lines|indent", "lines|indent(2)", "lines|indent(2, true)", "lines|indent(2, first=true)", "lines|indent(2, blank=true)", "lines|indent('> ')", "lines|indent('> ', true, true)", "lines|indent(width=1)", "'a\\n'|indent", "''|indent(2, true)", "'a\\n\\n'|indent(1)",
    "s|replace('o', '0')", "s|replace('o', '0', 1)", "s|replace('', '-')", "s|replace('zz', 'y')", "n|replace(7, 8)", "s|replace('l', 1)", "s|replace('l')", "s|replace(old='l', new='L')", "long|truncate", "long|truncate(20)", "long|truncate(20, true)", "long|truncate(20, true, '…')", "long|truncate(20, false, '..', 0)", "long|truncate(20, leeway=0)", "long|truncate(80)", "long|truncate(79)", "long|truncate(83)", "long|truncate(2)", "'foo bar baz qux'|truncate(9)", "'foo bar baz qux'|truncate(9, True)", "'foo bar baz qux'|truncate(11)", "'foo bar baz qux'|truncate(11, False, '...', 0)", "long|wordwrap(20)", "long|wordwrap(10)", "'abcdefghijkl'|wordwrap(5)", "'abcdefghijkl'|wordwrap(5, false)", "'abc defghijkl'|wordwrap(5, false)", "long|wordwrap(20, true, '|')", "long|wordwrap(20, wrapstring='//')", "lines|wordwrap(5)", "'hello-world foo-bar'|wordwrap(8)", "'hello-world foo-bar'|wordwrap(8, break_on_hyphens=false)", "'aa bb  cc   dd'|wordwrap(5)", "''|wordwrap", "s|wordcount", "'a-b c_d e.f'|wordcount", "''|wordcount", "'één twee'|wordcount")
add("padded|trim", "'xxaxx'|trim('x')", "'xyaxy'|trim('yx')", "html|escape", "html|e|e", "html|safe", "html|striptags", "'a <b>c</b>  d'|striptags", "'<!-- x -->y &amp; z'|striptags", "'a < b > c'|striptags", "html|forceescape", "'&'|escape", "'<'|e ~ '<'", "s|urlencode", "'a b/c?d=e&f'|urlencode", "uni|urlencode", "{'a': 1, 'b': 'x y'}|urlencode", "[['a', 1], ['b', 'ü']]|urlencode", "'~_.-'|urlencode", "'a+b'|urlencode", "d|urlencode", "1|urlencode", "'hello world-foo bar'|title", "'HELLO'|title", "'it\\'s'|title", "'a.b'|title", "'hello (world) [x] {y} <z>'|title", "'élan vital'|title", "'ÉCLAIR'|capitalize", "'123abc'|title", "'%s, %s'|format('a', 'b')", "'%s-%d'|format(1, 2)", "'%(x)s'|format(x=1)", "'%.2f'|format(2.345)", "'%s'|format", "'%d'|format('a')", "'%5.1f|%-6s|%03d'|format(1.25, 'ab', 7)", "'%x %X %o'|format(255, 255, 8)", "'%s %s'|format('a')", "'%s'|format('a', 'b')", "'%%'|format", "'%c'|format('a')", "'%i'|format(3.9)", "'%g'|format(0.5)", "'%5s'|format(none)", "'%r'|format('a')", "'%s'|format([1, 'a'])", "'%s'|format(1.0)")
add("0|filesizeformat", "1|filesizeformat", "999|filesizeformat", "1000|filesizeformat", "1024|filesizeformat(true)", "1000|filesizeformat(true)", "1500000|filesizeformat", "1500000|filesizeformat(true)", "1e9|filesizeformat", "1e12|filesizeformat(binary=true)", "'1000'|filesizeformat", "1e24|filesizeformat", "42.55|round(1)", "42.55|round(1, 'floor')", "42.55|round(1, 'ceil')", "2.5|round", "3.5|round", "-2.5|round", "0.5|round", "1.5|round", "42|round", "42|round(2)", "1.005|round(2)", "2.675|round(2)", "1234|round(-2)", "1250|round(-2)", "1.1|round(1, 'zzz')", "42.7|round|int", "'3'|round", "42.55|round(precision=1, method='ceil')", "1e20|round", "0.1|round(20)", "'0x1F'|int(0, 16)", "'1F'|int(base=16)", "'101'|int(0, 2)", "'0b11'|int(0, 2)", "'zz'|int(5)", "'zz'|int(default=5)", "'-12'|int", "' 12 '|int", "'1_000'|int", "'1e3'|int", "'12.9'|int", "-2.9|int", "2.9|int", "'inf'|int", "'nan'|int(3)", "'1e400'|int(4)", "none|int", "none|int('x')", "[]|int(7)", "'0o17'|int(0, 8)", "'12abc'|int", "'٣'|int", "'1.5'|float", "'1e3'|float", "' 1.5 '|float", "'abc'|float", "'abc'|float(1.0)", "none|float", "'.5'|float", "'1_0.5'|float", "3|float", "true|float", "1|string", "1.0|string", "none|string", "true|string", "[1, 'a', none, true, 1.5]|string", "{'a': [1, {'b': 'c'}]}|string", "'a'|string", "missing|string", "'it\\'s'|list|string", "['it\\'s']|string", "['say \"x\"']|string", "['\\'\"']|string", "['a\\nb\\tc\\\\d']|string", "['é😀']|string", "['\\x00\\x7f\\xa0\\u200b']|string", "[1e20, 1e-7, 123456789012345680.0, 0.1]|string", "[]|string", "{}|string", "[[]]|string", "100000000000000000000.0|string", "1e16|string", "1e15|string", "-0.0|string", "1.0e-4|string", "(2 ** 53)|string", "2 ** 64 ~ ''", "(10 ** 30) ~ ''", "(2 ** 64 // 2 ** 60)", "(2 ** 64) % 1000", "2 ** 64 > 2 ** 63", "(2 ** 100) // (2 ** 98) * 1.5", "9007199254740993 ~ ''", "9007199254740993 - 9007199254740992", "-(2 ** 70) ~ ''", "(2 ** 70)|abs|string", "'123456789012345678901234567890'|int|string", "'9007199254740993'|int % 10", "2 ** 63 == 2 ** 63", "2 ** 62 + 1 == 2 ** 62")
add("d|tojson", "mixed|tojson", "html|tojson", "uni|tojson", "s|tojson", "none|tojson", "1.0|tojson", "d|tojson(2)", "xs|tojson(indent=2)", "{}|tojson", "[]|tojson", "[]|tojson(2)", "{'b': 1, 'a': 2}|tojson", "'a\\nb'|tojson", "missing|tojson", "[1.5, 1e20, 1e-7]|tojson", "d|pprint", "'a'|pprint", "1|pprint", "none|pprint", "xs|pprint", "[1, 'a', none]|pprint", "xs|first", "none_list|first", "none_list|last", "none_list|first|default('x')", "''|first", "s|first", "s|last", "d|first", "d|last", "n|first", "xs|length", "d|length", "s|length", "uni|length", "n|length", "none|length", "missing|length", "xs|list", "s|list", "d|list", "n|list", "none|list", "xs|reverse|list", "s|reverse", "n|reverse", "d|reverse|list", "none_list|max", "none_list|min", "none_list|sum", "missing|sum", "none_list|join", "xs|join", "xs|join(', ')", "mixed|join('|')", "'abc'|join('-')", "d|join(',')", "missing|join(',')", "n|join", "[none, missing]|join(',')", "xs|random in xs", "missing|default", "missing|default('x')", "none|default('x')", "none|default('x', true)", "''|default('x')", "''|default('x', true)", "0|default('x', boolean=true)", "missing.a.b|default('x')", "d.zzz|default({})", "d.zzz|default(d.a)", "(1 if no)|default('x')", "missing|default(default_value='q')", "missing|d(1) + 1", "missing|upper", "missing|lower|default('x')", "missing|trim", "missing|first", "missing|list", "missing|int", "missing|float", "missing|replace('a', 'b')", "missing|map('upper')|list", "missing|select|list", "missing|sort", "missing|unique|list", "missing|reverse|list", "missing|title", "missing|wordcount", "missing|abs", "missing|round", "missing|groupby('a')", "missing|batch(2)|list", "missing|dictsort", "missing|tojson|upper", "missing|escape", "missing|urlencode", "missing|indent", "missing|center(3)", "missing|truncate", "missing|string|length", "missing|max", "missing|length == 0")
add('s|zzz', 's|upperr', 's|upper(1)', 's|length(2)', "s|replace", "s|default(1, 2, 3)", "s|round", "xs|upper", "xs|batch", "xs|map('abs', 1)|list", "s|join(1)", "xs|join(1)", "s|trim(1)", "d|sum", "xs|sum('a')", "s|sum", "xs|attr('a')", "xs|xmlattr", "s|upper|lower|title|length", "(s|upper)[0]", "s|upper ~ '!'", "'a' ~ 'b'|upper", "1 + 2|string|int", "-1|abs", "(-1)|abs", "2 ** 3|string|length", "not s|length", "s|length > 3", "s|length + 1", "xs|sum / xs|length", "xs|length is odd", "s|upper if yes else s|lower", "s|default(missing)|upper", "[s|upper, s|title]", "{'a': s|upper}", "xs|first|string ~ 'x'", "s|split(' ')", "xs | first", "xs|first()", "s|upper()", "s|replace('o','0')|replace('0','1')|upper", "s.upper()|lower", "(xs|sort)[0]", "(users|first).name", "(users|selectattr('admin')|list)[1].name", "(d|items|list)[0][0]", "d.items()|map('first')|list", "d.items()|selectattr(0, 'eq', 'a')|list|length", "d.items()|sort|length", "users|map(attribute='name')|map('lower')|sort|join(',')", "users|map(attribute='age')|max", "users|map(attribute='age')|select('gt', 26)|sum", "users|map(attribute='team')|unique|sort|list", "users|map('length')|list", "users|map(attribute='name')|select('eq', 'bob')|list|length == 1")

# --- syntax errors --------------------------------------------------------------------------------------------------
add('', '1 +', '+', '* 1', '(1', '1)', '[1', '1]', '{1', "{'a'}", "{'a': }", '1 2', "'a", '"a', 'a.', 'a.[0]', 'a..b', 'a|', '|a', 'a|1', 'a is', 'a is 1', 'a if', 'if a', 'a if b else', 'a b', 'a,,b', '(,)', '[,]', 'a[', 'a[]', 'a[1:2:3:4]', 'a(b=)', 'a(=1)', 'a(b=1, 2)', 'a(1 2)', 'not', 'and', 'a and', 'a or or b', 'a not b', 'a = 1', 'a == ', 'a === b', 'a && b', 'a || b', '!a', 'a ? b : c', 'a; b', 'a @ b', 'a $ b', 'lambda: 1', 'a.1.b.', '1.2.3', '1a', '0x', '1__0', '01', '00', '\\', '`a`', 'a -> b', '[x for x in xs]', '{**d}', 'f(*xs)', '%', '{', '}', 'a.b(', 'x is not', 'a in', 'in a', 'a not in', 'is defined', 'a is defined is', '@', '"a" "b', "f'a'", 'a: b', '*xs', 'a <> b', 'a.for', 'a.if', 'd.in', 'd.not', 'd.is', 'd.a.and', 'not a is b', 'none.x', 'true.x', 'if', 'for', 'else', 'not_a', 'is_a', 'None', 'inn', 'order', 'android', 'a.b.c.d.e.f.g', '((((1))))', '[[[[1]]]]', '- -1', 'a if b if c', '1if 1else 2', '1 if(1)else(2)', '1or 2', '1and 2', "'a'in'abc'", 'not(1)', 'not[1]', '1<2', '1<2and 2<3', 'n//2', 'n**2', 'n%2', 'xs[0]', 'xs [0]', 'd . a', 'd\n.a', '1\n+\n2', '\t1\t', ' 1 ', 's|\nupper', "s | upper | lower", "'a'~'b'", '1~2', 'n is   odd', 'n\tis\nodd', '3.real', 'd.a|string.upper', "s|replace('o', '0',)", '{1, 2}', '(1)', '((1, 2))', '(1, 2,)', "dict(a=1,)", 'n.', 'd["a"', "d['a'", 'xs[1', 'xs[1:', 'xs[:', '#', '{# a #}', '1 # c', '{{ 1 }}')

# --- templates ------------------------------------------------------------------------------------------------------
write('', ' ', 'plain', 'plain\n', '{', '}', '{}', '}}', '%}', '#}', '{ {', 'a {b} c', '$a {', 'a { % b', 'Hello {{ s }}!', '{{ s }}{{ n }}', '{{ n }} ', ' {{ n }}', '{{ n }}{{ n }}', 'a{{ missing }}b', 'a{{ none }}b', 'a{{ true }}b', 'a{{ 1.0 }}b', 'a{{ xs }}b', 'a{{ d }}b', 'a{{ [] }}b', "a{{ '' }}b", 'a{{ 6 / 2 }}b', 'a{{ 7 // 2 }}b', 'a{{ 1e100 }}b', 'a{{ 0.1 + 0.2 }}b', "a{{ {'a': none} }}b", 'a{{ 2 ** 100 }}b', "a{{ 'x' if no }}b", 'a{{ missing.b.c }}b', 'a{{ mixed }}b', 'a{{ users[0] }}b', "a{{ quote }}b", 'a{{ [quote] }}b', 'a{{ uni }}b', 'a{{ [uni] }}b', 'a{{ html }}b', 'a{{ html|e }}b', "a{{ '<' }}b", 'x{{ "{{ n }}" }}y', "x{{ '{% if %}' }}y", '{{ "a" }} {{ \'b\' }}', 'a {{ n }} b {{ f }} c', '{{ d.a }}-{{ d.b }}-{{ d.c }}', '{{s}}{{n}}', 'a{{-s}}b', 'a {{- s -}} b', 'a\n  {{- s }}', '{{ s -}}\n  b', 'a {{+ n }} b', 'a {{ n +}} b', 'a {# c #} b', 'a {#- c -#} b', '{# {{ n }} #}x', '{# a\nb #}', 'a{##}b', '{#', '{# a', 'a #} b', '{{ n', '{{ n }', '{{', '{{ }}', '{{}}', '{% ', '{% %}', '{% zzz %}', '{% if %}', '{{ {} }}x', "{{ {'a': {'b': 1}} }}x", "{{ {'a': {'b': 1}}.a.b }}x", '{{ "}}" }}x', "{{ '%}' }}x", '{{{n}}}', '{{ {n: 1} }}x', 'a\\{{ n }}', 'a\r\nb{{ n }}\r\n', 'a\n{{ n }}\n', '\n{{ n }}', '{{ n }}\n\n', 'ünï {{ uni }} ✓', '😀{{ n }}😀', "{{ 'a\nb' }}x", '{{ n\n}}x', '{{\nn\n+\n1\n}}x')
write('{% if yes %}a{% endif %}', '{% if no %}a{% endif %}', '{% if no %}a{% else %}b{% endif %}', '{% if no %}a{% elif yes %}b{% else %}c{% endif %}', '{% if no %}a{% elif no %}b{% elif zero %}c{% else %}d{% endif %}', '{% if n > 5 and s %}x{{ n }}{% endif %}y', '{% if missing %}a{% else %}b{% endif %}', '{% if missing.x.y %}a{% else %}b{% endif %}', '{% if none_list %}a{% endif %}', '{% if xs %}{% if d %}both{% endif %}{% endif %}', '{% if yes %}{% else %}{% endif %}', 'a {% if yes %} b {% endif %} c', 'a {%- if yes -%} b {%- endif -%} c', 'a\n{% if yes %}\nb\n{% endif %}\nc', 'a\n{%- if yes %}\nb\n{%- endif %}\nc', '{% if yes -%}\n  b\n{%- endif %}', '{%if yes%}a{%endif%}', '{%- if yes -%} a {%- endif -%}', '{% if yes %}a', '{% if yes %}a{% endfor %}', '{% endif %}', '{% else %}', '{% elif yes %}', '{% if yes %}a{% else %}b{% else %}c{% endif %}', '{% if yes %}a{% else %}b{% elif no %}c{% endif %}', '{% if yes no %}a{% endif %}', '{% if yes %}a{% endif x %}', '{% if (yes) %}a{% endif %}', '{% if not no %}a{% endif %}', '{% if 1 / 0 %}a{% endif %}', '{% if no and 1 / 0 %}a{% else %}b{% endif %}', '{% if "a" in d %}has{% endif %}', '{% if n is odd %}odd{% endif %}', '{% if yes, no %}a{% endif %}', '{% if yes %}{{ n }}{% endif %}', '{% if yes %}1{% endif %}')
write('{% for x in xs %}{{ x }}{% endfor %}', '{% for x in xs %}{{ x }},{% endfor %}', '{% for x in none_list %}a{% else %}none{% endfor %}', '{% for x in xs %}a{% else %}none{% endfor %}', '{% for x in missing %}a{% else %}none{% endfor %}', '{% for x in none %}a{% endfor %}', '{% for x in n %}a{% endfor %}', '{% for x in s %}{{ x }}.{% endfor %}', '{% for k in d %}{{ k }} {% endfor %}', '{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}', '{% for k, v in d|items %}{{ k }}={{ v }};{% endfor %}', '{% for k, v in d|dictsort %}{{ k }}{% endfor %}', '{% for a, b in pairs %}{{ a }}{{ b }} {% endfor %}', '{% for (a, b) in pairs %}{{ a }}{{ b }} {% endfor %}', '{% for a, b in xs %}{{ a }}{% endfor %}', '{% for a, b, c in pairs %}{{ a }}{% endfor %}', '{% for a, in nested[1:2] %}{{ a }}{% endfor %}', '{% for a, (b, c) in [[1, [2, 3]]] %}{{ a }}{{ b }}{{ c }}{% endfor %}', '{% for x in xs if x > 1 %}{{ x }}{% endfor %}', '{% for x in xs if x > 9 %}{{ x }}{% else %}none{% endfor %}', '{% for x in xs if x > 1 %}{{ loop.index }}/{{ loop.length }} {% endfor %}', '{% for u in users if u.admin %}{{ u.name }} {% endfor %}', '{% for u in users if u.age > 26 and u.team == "ops" %}{{ u.name }}{% if not loop.last %}, {% endif %}{% endfor %}', '{% for x in xs|sort %}{{ x }}{% endfor %}', '{% for x in xs|sort(reverse=true) %}{{ x }}{% endfor %}', '{% for x in range(3) %}{{ x }}{% endfor %}', '{% for x in 1, 2, 3 %}{{ x }}{% endfor %}', '{% for x in [1, 2] + [3] %}{{ x }}{% endfor %}', '{% for x in (xs if yes else []) %}{{ x }}{% endfor %}', '{% for x in xs[1:] %}{{ x }}{% endfor %}', '{% for x in xs|reverse %}{{ x }}{% endfor %}', "{% for x in xs|map('string') %}{{ x ~ '!' }}{% endfor %}", '{% for g in users|groupby("team") %}{{ g.grouper }}:{{ g.list|length }} {% endfor %}', '{% for team, members in users|groupby("team") %}{{ team }}={{ members|map(attribute="name")|join(",") }};{% endfor %}', '{% for row in xs|batch(2, "-") %}{{ row|join(" ") }}\n{% endfor %}', '{% for col in range(5)|slice(2) %}{{ col|join }}|{% endfor %}')
for attribute in ['index', 'index0', 'revindex', 'revindex0', 'first', 'last', 'length', 'depth', 'depth0', 'previtem', 'nextitem', 'zzz', "cycle('a', 'b')", 'previtem is defined', 'nextitem|default("end")', "changed(x)", "changed(x > 1)"]:
    write('{% for x in xs %}{{ loop.' + attribute + ' }} {% endfor %}')
write('{% for x in xs %}{% for y in xs %}{{ x * y }} {% endfor %}|{% endfor %}', '{% for x in xs %}{% for y in xs %}{{ loop.index }}{{ loop.depth }}{% endfor %}{{ loop.index }} {% endfor %}', '{% for x in xs %}{% set outer = loop %}{% for y in xs %}{{ outer.index }}{{ loop.index }} {% endfor %}{% endfor %}', '{% for x in xs %}{{ x }}{% endfor %}{{ x }}', '{% for x in xs %}{% if x == 1 %}{% continue %}{% endif %}{% endfor %}', '{% for x in xs %}{% if loop.first %}[{% endif %}{{ x }}{% if loop.last %}]{% endif %}{% endfor %}', '{% for x in xs -%} {{ x }} {%- endfor %}', '{% for x in xs %}\n- {{ x }}\n{% endfor %}', '{% for x in xs %}\n- {{ x }}\n{%- endfor %}', '{%- for x in xs %}\n- {{ x }}\n{%- endfor -%}', '{% for n in xs %}{{ n }}{% endfor %}{{ n }}', '{% for x in xs %}{{ x }}', '{% for x xs %}{% endfor %}', '{% for in xs %}{% endfor %}', '{% for x in %}{% endfor %}', '{% for 1 in xs %}{% endfor %}', '{% for x.y in xs %}{% endfor %}', '{% endfor %}', '{% for x in xs %}{% endif %}', '{% for x in xs %}{% else %}{% else %}{% endfor %}', '{% for x in xs recursive %}{{ x }}{% endfor %}', '{% for loop in xs %}{% endfor %}', '{% for x in nested recursive %}{% if x is sequence %}[{{ loop(x) }}]{% else %}{{ x }}{% endif %}{% endfor %}', '{% for x in xs if missing %}a{% else %}b{% endfor %}', '{% for u in users %}{{ loop.index }}. {{ u.name|title }} ({{ u.age }}){{ "," if not loop.last }}{% endfor %}', '{% for x in d.values() %}{{ x }};{% endfor %}', '{% for x in d.c %}{{ x }}{% endfor %}', '{% for x in [[1, 2], [3, 4]] %}{{ x[0] }}{% endfor %}', '{% for a, b in {"x": 1}.items() %}{{ a }}{{ b }}{% endfor %}', '{% for x in xs %}{{ loop }}{% endfor %}'.replace('{{ loop }}', '{{ loop is defined }}'), '{% for x in "a,b".split(",") %}<{{ x }}>{% endfor %}', '{% for x in uni %}{{ loop.index }}{% endfor %}')
write('{% set x = 1 %}{{ x }}', '{% set x = n + 1 %}{{ x }} {{ x * 2 }}', '{% set x, y = 1, 2 %}{{ x }}{{ y }}', '{% set (x, y) = [1, 2] %}{{ x }}{{ y }}', '{% set x, y = xs %}{{ x }}', '{% set x = 1 %}{% set x = x + 1 %}{{ x }}', '{% set x = 1 %}{% if yes %}{% set x = 2 %}{% endif %}{{ x }}', '{% set x = 1 %}{% if no %}{% set x = 2 %}{% endif %}{{ x }}', '{% set x = 1 %}{% for y in xs %}{% set x = y %}{% endfor %}{{ x }}', '{% for y in xs %}{% set z = y * 2 %}{{ z }}{% endfor %}{{ z }}', '{% set n = 1 %}{{ n }}', '{% if yes %}{% set q = 5 %}{% endif %}{{ q }}', '{% set x %}hello {{ n }}{% endset %}{{ x }}', '{% set x %}{% for i in xs %}{{ i }}{% endfor %}{% endset %}[{{ x }}]', '{% set x | upper %}hello{% endset %}{{ x }}', '{% set x | upper | replace("L", "1") %}hello{% endset %}{{ x }}', '{% set x %}{% endset %}[{{ x }}]', '{% set x = [] %}{{ x }}', '{% set x = {"a": 1} %}{{ x.a }}', '{% set x.y = 1 %}', '{% set ns = namespace(a=1) %}{{ ns.a }}', '{% set ns = namespace(t=0) %}{% for x in xs %}{% set ns.t = ns.t + x %}{% endfor %}{{ ns.t }}', '{% set ns = namespace() %}{% set ns.x = 3 %}{{ ns.x }}', '{% set d.a = 1 %}', '{% set x = 1, 2 %}{{ x|length }}', '{% set x = 1 if yes else 2 %}{{ x }}', '{% set %}', '{% set x %}', '{% set x = %}', '{% set 1 = x %}', '{% set x = 1 y %}', '{% set x %}a{% endfor %}', '{% endset %}', ' {%- set x = 1 -%} {{ x }}', '{% set x = missing %}{{ x is defined }}', '{% set x = missing.a %}[{{ x }}]', '{% set true = 1 %}', '{% set x = loop %}a', '{% set a = 1 %}{% set b = a + 1 %}{% set c = b + 1 %}{{ a }}{{ b }}{{ c }}', '{% set x, y %}a{% endset %}', '{% set loop = 1 %}{{ loop }}', '{% if yes %}{% for i in [1] %}{% set k = i %}{% endfor %}{{ k }}{% endif %}x')
write('{% raw %}{{ n }}{% endraw %}', '{% raw %}{% if %}{% endraw %}x', 'a {% raw -%} {{ n }} {%- endraw %} b', 'a {%- raw %} b {% endraw -%} c', '{% raw %}{# c #}{% endraw %}', '{% raw %}', '{% raw %}{{ n }}', '{%raw%}x{%endraw%}', '{% endraw %}', '{% raw %}a{% endraw %}{% raw %}b{% endraw %}', '{% raw x %}a{% endraw %}', '{{ "{% raw %}" }}x', '{% with x = 1 %}{{ x }}{% endwith %}', '{% with %}{% set x = 1 %}{{ x }}{% endwith %}{{ x }}', '{% with x = 1, y = 2 %}{{ x + y }}{% endwith %}', '{% filter upper %}a{{ s }}{% endfilter %}', '{% filter replace("a", "b")|upper %}banana{% endfilter %}', '{% macro f(x) %}{{ x }}{% endmacro %}', '{% do xs %}', '{% include "x" %}', '{% import "x" as y %}', '{% extends "x" %}', '{% block x %}a{% endblock %}'.replace('block x', 'zzz x').replace('endblock', 'endzzz'), '{% autoescape true %}{% endautoescape %}'.replace('autoescape', 'qqq'), '{% break %}', '{% print n %}', '{% call f() %}{% endcall %}'.replace('call', 'kall'))
write('a{{ (1, 2) }}b', 'a{{ d.items()|first }}b', 'a{{ pairs|map("first")|list }}b', "a{{ 'k=v'.partition('=') }}b")
write('Deploy **{{ parameters.app }}** to {{ task.build.result.regions|join(", ") }}{% if parameters["dry-run"] %} (dry run){% endif %}.', '{{ parameters.app }}-{{ parameters.tags.env }}:{{ task.build.result.image.split(":")[1] }}', '{{ users|selectattr("admin")|map(attribute="name")|join(" and ") }} can approve {{ parameters.app|upper }}', 'Run {{ "ok" if task.build.result.code == 0 else "failed" }} with code {{ task.build.result.code }}', '{% for r in task.build.result.regions %}--region={{ r }} {% endfor %}', '{% for k, v in parameters.tags.items() %}{{ k }}: {{ v }}\n{% endfor %}', '{% set total = users|sum(attribute="age") %}avg {{ (total / users|length)|round(1) }}', '{{ (xs|sum / xs|length)|round(2) }} avg', '{{ "%.2f"|format(f) }} EUR', '{{ "%03d" % n }}', '{{ s|title }}, {{ n + 1 }} items ({{ (n / 2)|int }} pairs)', 'curl -d \'{{ {"app": parameters.app, "n": parameters.replicas}|tojson }}\'', '{{ lines|indent(4) }}\n', 'key:\n  {{ lines|indent(2) }}', '{{ missing|default("n/a") }}/{{ none|default("n/a", true) }}', '{{ task.test.result.out|default("no output") }}!', '{% if task.build.status == "completed" and task.build.result.ok %}ship{% else %}hold{% endif %}', "{{ d.items()|map('join', '=')|join('&')|length }}x", '{{ 10 / 4 }}|{{ 10 // 4 }}|{{ 10 % 4 }}|{{ 10 ** 4 }}|{{ 10 / 5 }}', '{{ 1.0 }} {{ 1.50 }} {{ 100.0 }} {{ 1e3 }} {{ 1e22 }} {{ 123456789012.5 }}', '{{ true }} {{ none }} {{ [true, none] }}', '{{ 3 > 2 }}-{{ not 1 }}-{{ 1 and 0 }}', '{{ xs|max }}:{{ xs|min }}:{{ xs|sum }}:{{ xs|length }}', '{{ floats|sum }}x', '{{ floats|sort }}x', '{{ 5.0 // 2 }}x{{ 5 // 2.0 }}', '{{ 2 ** -1 }}x', '{{ 4 ** 0.5 }}x', '{{ 7.0|int }}x{{ 7|float }}', '{{ 3.7|round }}x{{ 3|round }}', '{{ "5"|float }}x{{ "5"|int }}', '{{ 5 * 1.0 }}x', '{{ 1 == 1.0 }}x', '{{ -0.0 }}x', '{{ 0.1 * 3 }}x', '{{ 1 / 3 }}x', '{{ 2 / 3 }}x{{ 22 / 7 }}', '{{ [1.0, 2] }}x', '{{ {"a": 1.0} }}x', '{{ 1.0|string }}x', '{{ 1.0 ~ "" }}x', '{{ f * 2 }}x', '{{ f - 0.5 }}x', '{{ (f + 0.5)|string|length }}x', '{{ 3.0 is integer }}x{{ 3.0 is float }}', '{{ 3.0|tojson }}x', '{{ (6 / 2)|tojson }}x', '{{ [6 / 2]|join }}x', '{{ 1e400 }}x', '{{ -1e400 }}x', '{{ range(3)|list }}x', '{{ xs|sort|list }}x', '{{ "a"|list }}x', '{{ d|list }}x', '{{ d|length }}x', '{{ uni|length }}x', '{{ uni[::-1] }}x', '{{ uni|upper }}x')

# --- pairs of filters, for the ways they meet ---------------------------------------------------------------------------
firsts = ["words|map('lower')", "words|sort", "words|select('string')", 'dup|unique', "users|map(attribute='age')", "range(6)", "csv.split(',')", 'd.keys()', 's|list', "users|map(attribute='name')", "'3 1 2'.split()", 'floats|map("abs")']
seconds = ['list', 'join("+")', 'first', 'last|string', 'length', 'list|sort', 'list|reverse|list', 'list|max', 'list|min', "map('string')|list", "map('string')|map('upper')|join", 'list|batch(2)|list', 'list|slice(2)|list', "select|list", 'list|tojson', 'list|string', 'list|first|string|center(7)', 'list|unique|list|length']
for left in firsts:
    for right in seconds:
        add(f'{left}|{right}')


class NoJson(Exception):
    pass


def to_json(value, depth=0):
    """The JSON form of a Python answer; what is lazy is gone through, tuples are lists."""
    if depth > 20:
        raise NoJson
    if isinstance(value, Undefined) or value is None:
        return None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value) > 2**53 - 1:
            raise NoJson
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise NoJson
        return value
    if isinstance(value, dict):
        return {(key if isinstance(key, str) else str(to_key(key))): to_json(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, range, types.GeneratorType, type({}.keys()), type({}.values()), type({}.items()), map, type(reversed([])), type(reversed('')))):
        return [to_json(item, depth + 1) for item in value]
    raise NoJson


def to_key(key):
    return json.dumps(key)


def has_address(text: str) -> bool:
    return any(sign in text for sign in (' object at 0x', '<generator', '<built-in', '<function', '<bound method', '<class', 'dict_items(', 'dict_keys(', 'dict_values(', 'Undefined', "Markup('", 'reversed('))


def reads(source: str) -> set[str]:
    try:
        return meta.find_undeclared_variables(environment.parse(source))
    except Exception:
        return set()


def case(kind: str, source: str):
    template = '{{ ' + source + ' }}' if kind == 'expression' else source
    names = reads(template)
    context = {name: CONTEXT[name] for name in sorted(names) if name in CONTEXT}
    row = {'kind': kind, 'source': source, 'context': context}
    try:
        if kind == 'expression':
            result = environment.compile_expression(source, undefined_to_none=False)(**context)
            answer = to_json(result)
            if has_address(json.dumps(answer)):
                return None
            row['expected'] = answer
        else:
            answer = environment.from_string(source).render(**context)
            if has_address(answer):
                return None
            row['expected'] = answer
    except NoJson:
        return None
    except RecursionError:
        return None
    except Exception as error:
        row['error'] = type(error).__name__
    return row


def main() -> None:
    seen = set()
    rows = []
    for kind, sources in (('expression', expressions), ('template', templates)):
        for source in sources:
            if (kind, source) in seen:
                continue
            seen.add((kind, source))
            row = case(kind, source)
            if row:
                rows.append(row)
    folder = os.path.dirname(os.path.abspath(__file__))
    counts = {}
    with open(os.path.join(folder, 'cases.jsonl'), 'w', encoding='utf-8') as out:
        for row in rows:
            prefix = row['kind'][0]
            counts[prefix] = counts.get(prefix, 0) + 1
            out.write(json.dumps({'id': f'{prefix}{counts[prefix]:04d}', **row}, ensure_ascii=False) + '\n')
    print(f'{len(rows)} cases, {sum("error" in row for row in rows)} of them errors', file=sys.stderr)


main()
