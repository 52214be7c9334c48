import * as monaco from 'monaco-editor/editor';
import 'monaco-editor/features/register.all';
import 'monaco-editor/languages/definitions/javascript/register';
import 'monaco-editor/languages/definitions/python/register';
import 'monaco-editor/languages/definitions/shell/register';
import 'monaco-editor/languages/definitions/yaml/register';
import 'monaco-editor/languages/features/json/register';
import { registerJinja } from './jinja';
import { followTheme } from './theme';

// Everything comes from our own build: without this monaco would look for its workers elsewhere.
self.MonacoEnvironment = {
  getWorker(_id, label) {
    return label === 'json'
      ? new Worker(new URL('monaco-editor/language/json/json.worker.js', import.meta.url), { type: 'module' })
      : new Worker(new URL('monaco-editor/editor/editor.worker.js', import.meta.url), { type: 'module' });
  },
};

registerJinja(monaco);
followTheme(monaco);

export { monaco };
export type Monaco = typeof monaco;
