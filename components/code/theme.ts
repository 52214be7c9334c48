import type { editor } from 'monaco-editor/editor';

interface ThemeHost {
  editor: {
    defineTheme(name: string, theme: editor.IStandaloneThemeData): void;
    setTheme(name: string): void;
  };
}

/** Monaco wants `#rrggbb`, our tokens may be any CSS colour: a pixel of a canvas says what the browser makes of it. */
function toHex(token: string, fallback: string): string {
  const value = getComputedStyle(document.documentElement).getPropertyValue(token).trim();
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  if (!value || !context) return fallback;
  context.fillStyle = fallback;
  context.fillStyle = value;
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

function isDark(): boolean {
  return getComputedStyle(document.documentElement).colorScheme.startsWith('dark');
}

function apply(monaco: ThemeHost): void {
  const dark = isDark();
  const background = toHex('--color-surface', dark ? '#15181d' : '#ffffff');
  const foreground = toHex('--color-text', dark ? '#e6e8eb' : '#1a1d21');
  const muted = toHex('--color-text-2', dark ? '#9aa3ad' : '#5b6470');
  monaco.editor.defineTheme('attune', {
    base: dark ? 'vs-dark' : 'vs',
    inherit: true,
    rules: [
      { token: 'delimiter.jinja', foreground: dark ? 'c4a7ff' : '6d3fc4', fontStyle: 'bold' },
      { token: 'name.jinja', foreground: dark ? '8ecbff' : '0b5cad' },
      { token: 'filter.jinja', foreground: dark ? '7fe0c3' : '0a6b52' },
      { token: 'function.jinja', foreground: dark ? 'f2c17d' : '8a4b00' },
      { token: 'keyword.jinja', foreground: dark ? 'f59ac0' : 'a3195b' },
      { token: 'string.jinja', foreground: dark ? 'b9e28c' : '3d6b00' },
      { token: 'number.jinja', foreground: dark ? 'ffb38a' : '9a3b00' },
      { token: 'comment', foreground: muted.slice(1) },
      // Where monaco's own colours have less contrast than 4.5 to 1 with our surfaces.
      { token: 'attribute.name', foreground: dark ? '8ecbff' : 'a3195b' },
      { token: 'number', foreground: dark ? 'ffb38a' : '0a6b52' },
      { token: 'annotation', foreground: muted.slice(1) },
      { token: 'type', foreground: dark ? '8ecbff' : '0b5cad' },
      { token: 'string', foreground: dark ? 'b9e28c' : '3d6b00' },
      { token: 'operator.sql', foreground: muted.slice(1) },
    ],
    colors: {
      'editor.background': background,
      'editor.foreground': foreground,
      'editorLineNumber.foreground': muted,
      'editorLineNumber.dimmedForeground': muted,
      'editorGutter.background': background,
      'editor.lineHighlightBackground': background,
      'editorWidget.background': background,
      'editorSuggestWidget.background': background,
      'editor.placeholder.foreground': toHex('--color-text-3', dark ? '#9aa3ad' : '#5b6470'),
      // Light enough for the text that stands on them.
      'diffEditor.insertedLineBackground': dark ? '#00c85314' : '#00800010',
      'diffEditor.insertedTextBackground': dark ? '#00c8531c' : '#00800018',
      'diffEditor.removedLineBackground': dark ? '#ff525214' : '#c0000010',
      'diffEditor.removedTextBackground': dark ? '#ff52521c' : '#c0000018',
      'diffEditorGutter.insertedLineBackground': dark ? '#00c85314' : '#00800010',
      'diffEditorGutter.removedLineBackground': dark ? '#ff525214' : '#c0000010',
      focusBorder: '#00000000',
    },
  });
  monaco.editor.setTheme('attune');
}

/** Keeps monaco's one theme in step with the page's, also when the person changes it. */
export function followTheme(monaco: ThemeHost): void {
  apply(monaco);
  const again = () => apply(monaco);
  new MutationObserver(again).observe(document.documentElement, {
    attributes: true,
    attributeFilter: ['class', 'data-theme', 'style'],
  });
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again);
}
