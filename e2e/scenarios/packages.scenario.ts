import { randomBytes } from 'node:crypto';
import { fromWheels, toArchive, type Wheel } from '../pack-archive';
import type { Studio } from '../studio-api';
import { expect, scenario } from './scenario';

interface Result {
  data: unknown;
  stdout: string;
  stderr: string;
}

/** A pack name that no other run has. */
const newPack = (name: string) => `${name}_${randomBytes(4).toString('hex')}`;

async function install(
  studio: Studio,
  ref: string,
  files: Record<string, string>,
  wheels: readonly Wheel[] = [],
): Promise<void> {
  const archive = toArchive({ 'pack.yaml': `ref: ${ref}\nversion: 1.0.0\n`, ...files }, wheels);
  expect(await studio.installPack(archive)).toEqual([]);
}

function pythonAction(name: string, code: string): Record<string, string> {
  return {
    [`actions/${name}.yaml`]: `name: ${name}\nentry_point: ${name}.py\n`,
    [`actions/${name}.py`]: code,
  };
}

function nodeAction(name: string, code: string, ending = 'mjs'): Record<string, string> {
  return {
    [`actions/${name}.yaml`]: `name: ${name}\nrunner_type: nodejs\nentry_point: ${name}.${ending}\n`,
    [`actions/${name}.${ending}`]: code,
  };
}

const words = (version: string): Wheel => ({
  name: 'scenario_words',
  version,
  code: `VERSION = "${version}"\n`,
});
const numbers: Wheel = { name: 'scenario_numbers', version: '0.1', code: 'ANSWER = 42\n' };

async function runAll(studio: Studio, refs: readonly string[]) {
  const ids = await Promise.all(refs.map((ref) => studio.run(ref)));
  return Promise.all(ids.map((id) => studio.ended<Result>(id)));
}

async function isReached(address: string): Promise<boolean> {
  return fetch(address, { signal: AbortSignal.timeout(5_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}

scenario.describe('Python with packages', () => {
  scenario(
    'T2.12 a pack gets several packages of its own, built once and used again, apart from other packs',
    async ({ studio }) => {
      const [ref, bare] = [newPack('words'), newPack('bare')];
      const code =
        'import scenario_words, scenario_numbers\n\ndef run():\n    return [scenario_words.VERSION, scenario_numbers.ANSWER]\n';
      const requirements = `${fromWheels}scenario_words==1.0\nscenario_numbers\n`;
      await install(studio, ref, { 'requirements.txt': requirements, ...pythonAction('tell', code) }, [
        words('1.0'),
        numbers,
      ]);
      await install(studio, bare, pythonAction('tell', code));

      const first = await studio.ended<Result>(await studio.run(`${ref}.tell`));
      expect(first).toMatchObject({ state: 'completed', result: { data: ['1.0', 42] } });
      expect((await studio.log(first.id)).system).toContain(`Building the Python environment of ${ref}`);
      const second = await studio.ended<Result>(await studio.run(`${ref}.tell`));
      expect(second).toMatchObject({ state: 'completed', result: { data: ['1.0', 42] } });
      expect((await studio.log(second.id)).system).not.toContain('Building');
      expect(await studio.environments(ref)).toMatchObject([{ kind: 'python', state: 'ready' }]);

      const missing = await studio.ended<Result>(await studio.run(`${bare}.tell`));
      expect(missing.state).toBe('failed');
      expect(missing.error).toContain(
        `The module scenario_words is not installed. Add the package that has it to requirements.txt of the pack ${bare}.`,
      );
    },
  );

  scenario(
    'T2.12 an install that fails is a failed execution with the end of its log',
    async ({ studio }) => {
      const ref = newPack('lost');
      await install(studio, ref, {
        'requirements.txt': `${fromWheels}scenario_nobody_has_this==1\n`,
        ...pythonAction('tell', 'print(1)\n'),
      });
      const ended = await studio.ended<Result>(await studio.run(`${ref}.tell`));
      expect(ended.state).toBe('failed');
      expect(ended.error).toContain('scenario_nobody_has_this==1');
      expect(ended.result.stderr).toContain('No matching distribution found');
      const [environment] = await studio.environments(ref);
      expect(environment).toMatchObject({ state: 'failed' });
      expect(environment?.log).toContain('No matching distribution found');
    },
  );

  scenario('T2.12 packages come from PyPI', async ({ studio }) => {
    scenario.skip(!(await isReached('https://pypi.org/simple/humanize/')), 'PyPI is not reached from here');
    const ref = newPack('pypi');
    await install(studio, ref, {
      'requirements.txt': 'humanize==4.9.0\nsix==1.16.0\n',
      ...pythonAction(
        'tell',
        'import humanize, six\n\ndef run():\n    return [humanize.intcomma(1234567), six.__version__]\n',
      ),
    });
    const ended = await studio.ended<Result>(await studio.run(`${ref}.tell`));
    expect(ended).toMatchObject({
      state: 'completed',
      error: null,
      result: { data: ['1,234,567', '1.16.0'] },
    });
  });

  scenario(
    'T3.19 two packs with versions that clash are both right, at the same time',
    async ({ studio }) => {
      const versions = ['1.0', '2.0'];
      const refs = versions.map(() => newPack('clash'));
      for (const [index, version] of versions.entries()) {
        await install(
          studio,
          refs[index] ?? '',
          {
            'requirements.txt': `${fromWheels}scenario_words==${version}\n`,
            ...pythonAction(
              'tell',
              'import time, scenario_words\n\ndef run():\n    time.sleep(0.3)\n    return scenario_words.VERSION\n',
            ),
          },
          [words(version)],
        );
      }
      const actions = [...refs, ...refs, ...refs].map((ref) => `${ref}.tell`);
      const ended = await runAll(studio, actions);
      expect(ended.map(({ state, result }) => [state, result.data])).toEqual(
        [...versions, ...versions, ...versions].map((version) => ['completed', version]),
      );
    },
  );
});

scenario.describe('Node.js with packages', () => {
  const vendored = {
    'vendor/scenario-shout/package.json':
      '{"name": "scenario-shout", "version": "1.0.0", "main": "index.js"}',
    'vendor/scenario-shout/index.js': 'exports.shout = (word) => `${word}!`;\n',
    'vendor/scenario-count/package.json':
      '{"name": "scenario-count", "version": "1.0.0", "exports": "./index.mjs", "type": "module"}',
    'vendor/scenario-count/index.mjs': 'export const count = async (word) => word.length;\n',
  };
  const dependencies = {
    'scenario-shout': 'file:./vendor/scenario-shout',
    'scenario-count': 'file:./vendor/scenario-count',
  };

  scenario(
    'T2.13 an exported run(params), async, and a plain script find several packages, installed once',
    async ({ studio }) => {
      const ref = newPack('node');
      await install(studio, ref, {
        'package.json': JSON.stringify({ name: 'pack', version: '1.0.0', dependencies }),
        ...vendored,
        ...nodeAction(
          'exported',
          "import { shout } from 'scenario-shout';\nimport { count } from 'scenario-count';\nexport async function run() { return [shout('hi'), await count('four')]; }\n",
        ),
        ...nodeAction(
          'script',
          "const { shout } = require('scenario-shout');\nconsole.log(shout('plain'));\n",
          'cjs',
        ),
      });
      const [exported, script] = await runAll(studio, [`${ref}.exported`, `${ref}.script`]);
      expect(exported).toMatchObject({ state: 'completed', error: null, result: { data: ['hi!', 4] } });
      expect(script).toMatchObject({ state: 'completed', error: null, result: { stdout: 'plain!\n' } });
      expect(await studio.environments(ref)).toMatchObject([{ kind: 'nodejs', state: 'ready' }]);
      const again = await studio.ended<Result>(await studio.run(`${ref}.script`));
      expect((await studio.log(again.id)).system).not.toContain('Building');
    },
  );

  scenario('T2.13 axios comes from the npm registry', async ({ studio }) => {
    scenario.skip(
      !(await isReached('https://registry.npmjs.org/axios')),
      'The npm registry is not reached from here',
    );
    const ref = newPack('axios');
    await install(studio, ref, {
      'package.json': JSON.stringify({ name: 'pack', version: '1.0.0', dependencies: { axios: '1.7.9' } }),
      ...nodeAction(
        'tell',
        "import axios from 'axios';\nexport const run = async () => axios.getUri({ url: '/a', params: { b: 1 } });\n",
      ),
    });
    const ended = await studio.ended<Result>(await studio.run(`${ref}.tell`));
    expect(ended).toMatchObject({ state: 'completed', error: null, result: { data: '/a?b=1' } });
  });
});
