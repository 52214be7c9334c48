import { readSource, type Laid, type RuntimeName, type Source } from '../runners/runner';

const codeNames: Record<RuntimeName, string> = {
  shell: 'sensor.sh',
  python: 'sensor.py',
  nodejs: 'sensor.js',
};

/** How to start a sensor: always its script as it is, since nothing else is called. */
export async function toSensorInvocation(
  runtime: RuntimeName,
  source: Source,
  modulesFolder: string,
): Promise<{ options: string[]; lay: (runFolder: string) => Laid }> {
  const text = source.kind === 'code' ? await readSource(source) : null;
  return {
    options: toOptions(runtime, modulesFolder),
    lay: (runFolder) => {
      if (source.kind === 'file') return { args: [source.path], files: [] };
      const name = codeNames[runtime];
      const files = [{ name, content: (text ?? '').replaceAll('\r\n', '\n') }];
      // Without a "type" Node looks at the syntax; without this file it would find some package.json above.
      if (runtime === 'nodejs') files.push({ name: 'package.json', content: '{}\n' });
      return { args: [`${runFolder}/${name}`], files };
    },
  };
}

function toOptions(runtime: RuntimeName, modulesFolder: string): string[] {
  switch (runtime) {
    case 'shell':
      return [];
    case 'python':
      // Unbuffered, so that a line is read when it is printed; no bytecode left beside the pack's files.
      return ['-u', '-B', '-X', 'utf8'];
    case 'nodejs':
      return [
        '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON',
        '--require',
        `${modulesFolder}/attune-hook.cjs`,
      ];
  }
}
