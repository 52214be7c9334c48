import { checkDeclaration, isDeclared, toDeclaration } from '../actions/declaration';
import type { Runtime } from '../actions/schema';
import type { JsonObject } from '../fields';
import { toRuntime, type ActionFile } from './component';
import { toProblem, type YamlFile } from './yaml-file';

export type PackAction = ActionFile & { file: YamlFile; runtime: Runtime; code: string | null };

/** A runtime's short name is that of the pack's own, where it brings one. */
export function withOwnRuntime(
  read: ActionFile,
  packRef: string,
  runtimeFiles: readonly YamlFile[],
): ActionFile {
  const { runner_type: name } = read;
  if (name === undefined || name.includes('.')) return read;
  const isOwn = runtimeFiles.some(({ value }) => {
    const { ref, name: short } = (value ?? {}) as JsonObject;
    return [ref, short].some((one) => one === name || one === `${packRef}.${name}`);
  });
  return isOwn ? { ...read, runner_type: `${packRef}.${name}` } : read;
}

/** The source comes along, so that a worker needs no file; what is no file of the pack is an inline script. */
export function withCode(
  read: ActionFile,
  file: YamlFile,
  texts: ReadonlyMap<string, string>,
  problems: string[],
): PackAction | null {
  const runtime = toRuntime(read);
  if (runtime === null && read.runner_type?.includes('.')) {
    // One that a pack brings, this one or another: looked for when it is run.
    const code = texts.get(`actions/${read.entrypoint}`) ?? texts.get(read.entrypoint) ?? null;
    return { ...read, file, runtime: 'unknown', code };
  }
  if (runtime === null) {
    problems.push(
      toProblem(
        file,
        ['runner_type'],
        `runner_type: ${read.runner_type} is unknown. Use shell, python, nodejs, http, container or native`,
      ),
    );
    return null;
  }
  if (runtime === 'native') return { ...read, file, runtime, code: null };
  if (isDeclared(runtime)) return withDeclaration(read, file, runtime, problems);
  const code = texts.get(`actions/${read.entrypoint}`) ?? texts.get(read.entrypoint);
  if (code !== undefined) return { ...read, file, runtime, code };
  if (runtime === 'shell' && !/^[\w./-]+\.[a-z]+$/.test(read.entrypoint)) {
    return { ...read, file, runtime, entrypoint: '', code: read.entrypoint };
  }
  problems.push(
    toProblem(file, ['entry_point'], `entry_point: there is no file actions/${read.entrypoint} in the pack`),
  );
  return null;
}

/** A request or a container: what stands under that key, else the entrypoint is the address or the image. */
function withDeclaration(
  read: ActionFile,
  file: YamlFile,
  runtime: 'http' | 'container',
  problems: string[],
): PackAction | null {
  const key = runtime === 'http' ? 'request' : 'container';
  // An HTTP action that declares no more than its address takes the rest from its parameters.
  if (runtime === 'http' && !read.request && read.entrypoint !== '')
    return { ...read, file, runtime, code: null };
  const written = read[key] ?? { image: read.entrypoint };
  if (!read[key] && read.entrypoint === '') {
    problems.push(
      toProblem(
        file,
        [],
        `${key}: is missing; say there what is to be ${runtime === 'http' ? 'sent' : 'run'}`,
      ),
    );
    return null;
  }
  const code = toDeclaration(written);
  const found = checkDeclaration(runtime, code);
  for (const { path, message } of found) {
    const keys = path === '' ? [key] : [key, ...path.split('.')];
    problems.push(toProblem(file, keys, `${keys.join('.')}: ${message}`));
  }
  return found.length > 0 ? null : { ...read, file, runtime, code };
}
