import type * as MonacoApi from 'monaco-editor/editor';
import type { editor, IRange, languages, Position } from 'monaco-editor/editor';
import { filterSignatures } from '@/engine/expression/expression';
import type { ExpressionScope, ScopeName } from './scope';

const keywords = [
  'if',
  'elif',
  'else',
  'endif',
  'for',
  'in',
  'endfor',
  'set',
  'is',
  'not',
  'and',
  'or',
  'true',
  'false',
  'none',
  'null',
  'defined',
];

const grammar: languages.IMonarchLanguage = {
  tokenPostfix: '.jinja',
  keywords,
  tokenizer: {
    root: [
      [/\{\{-?/, { token: 'delimiter', next: '@inside' }],
      [/\{%-?/, { token: 'delimiter', next: '@inside' }],
      [/\{#/, { token: 'comment', next: '@comment' }],
      [/[^{]+/, ''],
      [/\{/, ''],
    ],
    comment: [
      [/#\}/, { token: 'comment', next: '@pop' }],
      [/[^#]+|#/, 'comment'],
    ],
    inside: [
      [/-?\}\}/, { token: 'delimiter', next: '@pop' }],
      [/-?%\}/, { token: 'delimiter', next: '@pop' }],
      [/\|(\s*)([a-z_]\w*)/i, 'filter'],
      [/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/, 'string'],
      [/\d+(?:\.\d+)?/, 'number'],
      [/[a-z_]\w*(?=\s*\()/i, { cases: { '@keywords': 'keyword', '@default': 'function' } }],
      [/[a-z_]\w*/i, { cases: { '@keywords': 'keyword', '@default': 'name' } }],
      [/[^\s\w'"|}%-]+|\s+|./, ''],
    ],
  },
};

const scopes = new WeakMap<editor.ITextModel, () => ExpressionScope>();

/** Tells the completion which names a field's expressions may use; asked anew each time. */
export function offerScope(model: editor.ITextModel, scope: () => ExpressionScope): void {
  scopes.set(model, scope);
}

export function registerJinja(monaco: typeof MonacoApi): void {
  monaco.languages.register({ id: 'jinja' });
  monaco.languages.setMonarchTokensProvider('jinja', grammar);
  monaco.languages.setLanguageConfiguration('jinja', {
    wordPattern: /[A-Za-z_]\w*/,
    brackets: [
      ['{{', '}}'],
      ['(', ')'],
      ['[', ']'],
    ],
    autoClosingPairs: [
      { open: '{{', close: ' }}' },
      { open: '(', close: ')' },
      { open: '[', close: ']' },
      { open: "'", close: "'" },
      { open: '"', close: '"' },
    ],
  });
  monaco.languages.registerCompletionItemProvider('jinja', {
    triggerCharacters: ['.', '|', '{', ' '],
    provideCompletionItems: (model, position) => ({
      suggestions: suggest(
        monaco,
        scopes.get(model)?.() ?? { names: [] },
        model.getValueInRange(before(position)),
        position,
      ),
    }),
  });
  monaco.languages.registerHoverProvider('jinja', {
    provideHover: (model, position) => {
      const word = model.getWordAtPosition(position)?.word;
      const filter = word === undefined ? undefined : filterSignatures[word];
      return filter ? { contents: [{ value: `**${filter.signature}**\n\n${filter.help}` }] } : null;
    },
  });
}

function before(position: Position): IRange {
  return {
    startLineNumber: 1,
    startColumn: 1,
    endLineNumber: position.lineNumber,
    endColumn: position.column,
  };
}

function suggest(
  monaco: typeof MonacoApi,
  scope: ExpressionScope,
  text: string,
  position: Position,
): languages.CompletionItem[] {
  const open = Math.max(text.lastIndexOf('{{'), text.lastIndexOf('{%'));
  if (open < 0 || Math.max(text.lastIndexOf('}}'), text.lastIndexOf('%}')) > open) return [];
  const inside = text.slice(open + 2);
  const filter = /\|\s*(\w*)$/.exec(inside);
  const word = filter?.[1] ?? /[A-Za-z_][\w.]*$/.exec(inside)?.[0] ?? '';
  const range = {
    startLineNumber: position.lineNumber,
    endLineNumber: position.lineNumber,
    startColumn: position.column - word.length,
    endColumn: position.column,
  };
  if (filter) {
    return Object.entries(filterSignatures).map(([name, { signature, help }]) => ({
      label: { label: name, description: signature },
      kind: monaco.languages.CompletionItemKind.Method,
      documentation: help,
      insertText: name,
      range,
    }));
  }
  return scope.names.map((name, index) => ({
    label: { label: name.path, description: name.detail },
    kind: kindOf(monaco, name.kind),
    insertText: name.path,
    sortText: String(index).padStart(4, '0'),
    range,
  }));
}

function kindOf(monaco: typeof MonacoApi, kind: ScopeName['kind']): languages.CompletionItemKind {
  const kinds = monaco.languages.CompletionItemKind;
  switch (kind) {
    case 'parameter':
      return kinds.Property;
    case 'variable':
      return kinds.Variable;
    case 'task':
      return kinds.Module;
    case 'item':
      return kinds.Value;
    case 'function':
      return kinds.Function;
    case 'name':
      return kinds.Constant;
  }
}
