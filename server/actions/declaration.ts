import { parse as parseYaml, stringify as toYaml } from 'yaml';
import { parseTemplate, type Json } from '@/engine/expression/expression';
import { invalid, type ErrorDetail } from '@/engine/errors';
import { ContainerSpec } from './container-spec';
import { WrittenHttpRequest } from './http-request';
import { isAllowedVariable } from './variables';

/** Runtimes whose actions are declared, in YAML, instead of programmed. */
const declarations = { http: WrittenHttpRequest, container: ContainerSpec } as const;

export function isDeclared(runtime: string): runtime is keyof typeof declarations {
  return Object.hasOwn(declarations, runtime);
}

/** A declaration as it is kept: YAML, as a person would write it. */
export function toDeclaration(value: Json): string {
  return toYaml(value);
}

/** What is wrong with a declaration, by path; empty when nothing is, or when the runtime's code is a program. */
export function checkDeclaration(runtime: string, code: string): ErrorDetail[] {
  if (!isDeclared(runtime)) return [];
  let value: unknown;
  try {
    value = parseYaml(code, { maxAliasCount: 100 });
  } catch (error) {
    return [
      { path: '', message: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) },
    ];
  }
  const read = declarations[runtime].safeParse(value);
  if (!read.success) return read.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  if (runtime === 'http') return checkTemplates(value as Json, '');
  return Object.keys((read.data as ContainerSpec).env)
    .filter((name) => !isAllowedVariable(name))
    .map((name) => ({ path: `env.${name}`, message: 'changes how programs run and cannot be set' }));
}

function checkTemplates(value: Json, path: string): ErrorDetail[] {
  if (typeof value === 'string')
    return parseTemplate(value)
      .problems.slice(0, 1)
      .map(({ message }) => ({ path, message }));
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, member]) =>
    checkTemplates(member, path === '' ? name : `${path}.${name}`),
  );
}

/** @throws DomainError invalid_declaration, with the places under `code` */
export function requireDeclaration(runtime: string, code: string): void {
  const problems = checkDeclaration(runtime, code);
  if (problems.length === 0) return;
  const sentence = ({ path, message }: ErrorDetail) => (path === '' ? message : `${path}: ${message}`);
  throw invalid(
    `The ${runtime === 'http' ? 'request' : 'container'} cannot be used: ${problems.map(sentence).join('; ')}.`,
    [{ path: 'code', message: problems.map(sentence).join('; ') }],
    'invalid_declaration',
  );
}
