import { parseTemplate, type Json } from '../expression/expression';
import { NotCarried, yaqlToJinja, type Names } from './yaql';

/** Every text of a value with its expressions written our way; what cannot be is left as it is, and told. */
export function convertValue(value: Json, names: Names, lost: (why: string, text: string) => void): Json {
  if (typeof value === 'string') return convertText(value, names, (why) => lost(why, value));
  if (Array.isArray(value)) return value.map((member) => convertValue(member, names, lost));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, convertValue(member, names, lost)]),
  );
}

/** A text with `<% yaql %>` and `{{ jinja }}` of the other system as one of ours. */
export function convertText(text: string, names: Names, lost: (why: string) => void): string {
  if (!/<%|\{[{%]/.test(text)) return text;
  try {
    const converted = text
      .replaceAll(/<%\s*([\s\S]*?)\s*%>/g, (_, inner: string) => `{{ ${yaqlToJinja(inner, names)} }}`)
      .replaceAll(
        /(\{\{|\{%)([\s\S]*?)(\}\}|%\})/g,
        (_, open: string, inner: string, close: string) => `${open}${jinjaNames(inner, names)}${close}`,
      );
    const [problem] = parseTemplate(converted).problems;
    if (!problem) return converted;
    lost(problem.message);
  } catch (error) {
    if (!(error instanceof NotCarried)) throw error;
    lost(`${error.message} has no counterpart here.`);
  }
  return text;
}

/** Jinja that speaks of the other system's context. */
function jinjaNames(inner: string, names: Names): string {
  return inner
    .replaceAll(
      /\bctx\(\s*\)\.st2\.action_execution_id\b|\bctx\(\s*["']?st2["']?\s*\)\.action_execution_id\b/g,
      'execution.id',
    )
    .replaceAll(/\bctx\(\s*\)\.(?!get\b)([A-Za-z_]\w*)/g, (_, name: string) => names.variable(name))
    .replaceAll(/\bctx\(\s*\)\[\s*(["'])(\w+)\1\s*\]/g, (_, _quote, name: string) => names.variable(name))
    .replaceAll(/\bctx\(\s*["']?(\w+)["']?\s*\)/g, (_, name: string) => names.variable(name))
    .replaceAll(/\bitem\(\s*["']?(\w*)["']?\s*\)/g, (_, name: string) => names.item(name || null))
    .replaceAll(/\btask_status\(\s*["']?(\w+)["']?\s*\)/g, 'task.$1.status')
    .replaceAll(/\btask\(\s*["']?(\w+)["']?\s*\)/g, 'task.$1')
    .replaceAll(/\bcompleted\(\s*\)/g, 'true')
    .replaceAll(/\bst2kv\.(?:system|user)\.(\w+)/g, 'keystore.$1')
    .replaceAll(/\bst2kv\(\s*(["'])(?:system|user)\.(\w+)\1[^)]*\)/g, 'keystore.$2')
    .replaceAll(/\bresult\(\)\.result\b/g, 'result().data')
    .replaceAll(/\bresult\(\)\.output\b/g, 'result()')
    .replaceAll(/\bresult\(\)\.return_code\b/g, 'result().exit_code')
    .replaceAll(/\bctx\(\s*\)/g, () => {
      throw new NotCarried('ctx() as a whole');
    });
}
