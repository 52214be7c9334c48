import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const code = ['app', 'components', 'engine', 'server', 'worker', 'client', 'cli', 'e2e'].map(
  (place) => `${place}/**/*.{ts,tsx}`,
);
const tests = ['**/*.test.{ts,tsx}', 'e2e/**/*.ts'];

export default defineConfig(
  globalIgnores([
    '.next/',
    '.attune/',
    'dist/',
    'server/generated/',
    'client/generated/',
    'e2e/.artifacts/',
    'packs/',
    'next-env.d.ts',
  ]),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: code,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'max-lines': ['error', { max: 400 }],
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      // A number in a message is no mistake.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // `() => void save()` and `onClick={() => close()}` say what they mean.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Handlers of React and of event emitters may be async; what they do with errors is their own business.
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { attributes: false, arguments: false } },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // An async function may only fulfil an interface; a string is spread to walk over its code points.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
      // The expression engine turns unknown values into text by rules of its own.
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      // Runs without end over a type that contains itself, as JSON's does (typescript-eslint 8.73).
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-non-null-assertion': 'error',
    },
  },
  {
    files: ['engine/**/*.ts'],
    ignores: tests,
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time comes in from outside.' },
        { object: 'Math', property: 'random', message: 'Chance comes in from outside.' },
      ],
      'no-restricted-globals': ['error', 'process', 'fetch', 'setTimeout', 'setInterval', 'crypto'],
    },
  },
  {
    files: ['components/**/*.{ts,tsx}', 'app/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat['recommended-latest']],
    rules: {
      // Speaks to those who compile with React Compiler; TanStack Virtual is right without it.
      'react-hooks/incompatible-library': 'off',
    },
  },
  {
    files: tests,
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  {
    files: ['scripts/**/*.mjs', '*.{js,cjs,mjs}'],
    rules: { 'max-lines': ['error', { max: 400 }], 'no-unused-vars': 'error', eqeqeq: ['error', 'always'] },
  },
);
