import type * as MonacoApi from 'monaco-editor/editor';
import type { editor, IRange, languages, Position } from 'monaco-editor/editor';
import { complete, explain, openCall, pathAt, type Offer } from './complete';
import { previewOf, toLine } from './preview';
import type { ExpressionScope } from './scope';

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

interface Offered {
  scope: ExpressionScope;
  bare: boolean;
}
const offered = new WeakMap<editor.ITextModel, () => Offered>();
const nothing: Offered = { scope: { names: [] }, bare: false };

/** Tells the completion which names a field's expressions may use; asked anew each time. */
export function offerScope(model: editor.ITextModel, offer: () => Offered): void {
  offered.set(model, offer);
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
    provideCompletionItems: (model, position) => {
      const { scope, bare } = offered.get(model)?.() ?? nothing;
      const { offers, replaces } = complete(model.getValueInRange(before(position)), scope, bare);
      const range = {
        startLineNumber: position.lineNumber,
        endLineNumber: position.lineNumber,
        startColumn: position.column - replaces,
        endColumn: position.column,
      };
      return {
        suggestions: offers.map((offer, index) => ({
          label: { label: offer.name, description: offer.detail },
          kind: kindOf(monaco, offer.kind),
          documentation: offer.help,
          insertText: offer.name,
          sortText: String(index).padStart(4, '0'),
          range,
        })),
      };
    },
  });
  monaco.languages.registerSignatureHelpProvider('jinja', {
    signatureHelpTriggerCharacters: ['(', ','],
    provideSignatureHelp: (model, position) => {
      const call = openCall(
        model.getValueInRange(before(position)),
        (offered.get(model)?.() ?? nothing).bare,
      );
      if (!call) return null;
      const signatures = [{ label: call.signature, documentation: call.help, parameters: [] }];
      return { value: { signatures, activeSignature: 0, activeParameter: 0 }, dispose: () => {} };
    },
  });
  monaco.languages.registerHoverProvider('jinja', {
    provideHover: (model, position) => {
      const line = model.getLineContent(position.lineNumber);
      const at = pathAt(line, position.column);
      if (!at) return null;
      const { scope } = offered.get(model)?.() ?? nothing;
      const word = model.getWordAtPosition(position)?.word ?? at.path;
      const found = explain(word, line.slice(0, at.from - 1), at.path, scope);
      if (!found) return null;
      const preview = previewOf(at.path, true, scope.data);
      const value = preview.kind === 'value' ? toLine(preview.value) : null;
      return {
        range: new monaco.Range(position.lineNumber, at.from, position.lineNumber, at.to),
        contents: [
          { value: `**${found.title}**\n\n${found.help}` },
          ...(value === null ? [] : [{ value: `\`\`\`\n${value.replaceAll('`', 'ˋ')}\n\`\`\`` }]),
        ],
      };
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

function kindOf(monaco: typeof MonacoApi, kind: Offer['kind']): languages.CompletionItemKind {
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
    case 'filter':
      return kinds.Method;
    case 'test':
      return kinds.Operator;
  }
}
