import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const [lightCss = '', darkCss = ''] = css.split("[data-theme='dark'] {");

type Theme = ReadonlyMap<string, string>;

function toDeclarations(source: string): [string, string][] {
  return [...source.matchAll(/^\s+(--[\w-]+):\s*([^;]+);/gm)].map(([, name = '', value = '']) => [
    name,
    value,
  ]);
}
const light: Theme = new Map(toDeclarations(lightCss));
const dark: Theme = new Map([...light, ...toDeclarations(darkCss)]);

function resolve(theme: Theme, name: string): string {
  const value = theme.get(name);
  if (value === undefined) throw new Error(`tokens.css has no ${name}`);
  const alias = /^var\((--[\w-]+)\)$/.exec(value)?.[1];
  return alias ? resolve(theme, alias) : value;
}

/** Linear sRGB of an `oklch(l c h)`, after Björn Ottosson; out-of-gamut parts are cut as browsers may. */
function toLinearRgb(colour: string): [number, number, number] {
  const [, l = 0, c = 0, h = 0] = (/^oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)$/.exec(colour) ?? []).map(Number);
  const a = c * Math.cos((h * Math.PI) / 180);
  const b = c * Math.sin((h * Math.PI) / 180);
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const middle = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const cut = (part: number) => Math.min(1, Math.max(0, part));
  return [
    cut(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
    cut(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
    cut(-0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short),
  ];
}

function luminance(colour: string): number {
  const [red, green, blue] = toLinearRgb(colour);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(theme: Theme, one: string, other: string): number {
  const [a, b] = [luminance(resolve(theme, one)), luminance(resolve(theme, other))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

const families = [
  'queued', 'running', 'waiting', 'paused', 'completed', 'failed', 'timeout', 'cancelled', 'abandoned',
]; // prettier-ignore
const surfaces = ['ground', 'surface', 'surface-2', 'overlay', 'surface-code'];
const kinds = ['success', 'failure', 'always', 'timeout', 'custom', 'blue', 'teal', 'accent'];

const textPairs: [string, string][] = [
  ...['text', 'text-2', 'text-3'].flatMap((text) =>
    [...surfaces, 'surface-3', 'accent-soft'].map((surface): [string, string] => [text, surface]),
  ),
  ...surfaces.map((surface): [string, string] => ['accent', surface]),
  ['accent', 'accent-soft'],
  ['on-accent', 'accent'],
  ['on-accent', 'accent-hover'],
  ['on-danger', 'danger'],
  ['on-danger', 'danger-hover'],
  ...families.flatMap((family) =>
    [...surfaces, `status-${family}-soft`, 'accent-soft'].map((surface): [string, string] => [
      `status-${family}`,
      surface,
    ]),
  ),
  ...families.map((family): [string, string] => ['text', `status-${family}-soft`]),
  ...families.map((family): [string, string] => ['text-2', `status-${family}-soft`]),
].map(([one, other]) => [`--color-${one}`, `--color-${other}`]);

const partPairs: [string, string][] = [
  ...[...surfaces, 'surface-3'].flatMap((surface): [string, string][] => [
    ['--color-border-strong', `--color-${surface}`],
    ['--color-focus', `--color-${surface}`],
  ]),
  ...kinds.flatMap((kind): [string, string][] => [
    [`--canvas-${kind}`, '--canvas-ground'],
    [`--canvas-${kind}`, '--canvas-card'],
  ]),
];

/** The pairs below the wanted contrast, each with the one it has. */
function tooFaint(theme: Theme, pairs: readonly [string, string][], wanted: number): string[] {
  return pairs
    .map(([one, other]) => ({ one, other, ratio: contrast(theme, one, other) }))
    .filter(({ ratio }) => ratio < wanted)
    .map(({ one, other, ratio }) => `${one} on ${other}: ${ratio.toFixed(2)}`);
}

describe.each([
  ['light', light],
  ['dark', dark],
])('the %s theme', (_name, theme) => {
  it('lets every text be read on every surface it stands on (4.5:1)', () => {
    expect(tooFaint(theme, textPairs, 4.5)).toEqual([]);
  });
  it('lets every control, focus ring and transition be seen (3:1)', () => {
    expect(tooFaint(theme, partPairs, 3)).toEqual([]);
  });
});
