import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPack } from './read-pack';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-pack-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(files: Record<string, string>): Promise<string> {
  for (const [name, text] of Object.entries({ 'pack.yaml': 'ref: demo\n', ...files })) {
    const path = join(folder, 'demo', name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  return join(folder, 'demo');
}

async function read(files: Record<string, string>) {
  const problems: string[] = [];
  const source = await readPack(await write(files), problems);
  return { source, problems };
}

describe('the files of a pack', () => {
  it.each(['core', 'examples'])('of %s hold no problem', async (name) => {
    const problems: string[] = [];
    const source = await readPack(`packs/${name}`, problems);
    expect(problems).toEqual([]);
    expect(source?.actions.length).toBeGreaterThan(3);
  });

  it('give an action its source, its runtime by its ending, and its name by the pack', async () => {
    const { source, problems } = await read({
      'actions/hello.yaml':
        'name: hello\nentry-point: hello.py\nparam_schema: {a: {type: string}}\ntimeout_seconds: 2m\n',
      'actions/hello.py': 'print(1)\n',
    });
    expect(problems).toEqual([]);
    expect(source?.actions).toMatchObject([
      { ref: 'demo.hello', runtime: 'python', code: 'print(1)\n', entrypoint: 'hello.py', timeout: 120 },
    ]);
  });

  it('may put an action’s workflow into a file of its own, with the action’s name and parameters', async () => {
    const { source, problems } = await read({
      'actions/deploy.yaml':
        'name: deploy\nlabel: Deploy\nworkflow_file: workflows/deploy.workflow.yaml\nparameters: {host: {type: string}}\n',
      'actions/workflows/deploy.workflow.yaml': 'version: 1\ntasks:\n  - {name: a, action: core.noop}\n',
      'actions/lost.yaml': 'name: lost\nworkflow_file: workflows/none.yaml\n',
    });
    expect(problems).toEqual([
      'demo/actions/lost.yaml:2 workflow_file: there is no workflow in actions/workflows/none.yaml',
    ]);
    expect(source?.actions).toEqual([]);
    expect(source?.workflows).toMatchObject([
      {
        ref: 'demo.deploy',
        label: 'Deploy',
        definition: { parameters: { host: { type: 'string' } }, tasks: [{ name: 'a' }] },
      },
    ]);
  });

  it('may limit how many run, in both spellings', async () => {
    const { source, problems } = await read({
      'actions/a.yaml': 'ref: a\nentry_point: echo\nconcurrency: 3\n',
      'actions/b.yaml':
        'ref: b\nentry_point: echo\nconcurrency: {limit: 1, key: "{{ parameters.host }}", max_queued: 5}\n',
      'actions/c.yaml': 'ref: c\nentry_point: echo\n',
    });
    expect(problems).toEqual([]);
    expect(source?.actions.map(({ concurrency }) => concurrency)).toEqual([
      { limit: 3 },
      { limit: 1, key: '{{ parameters.host }}', max_queued: 5 },
      null,
    ]);
  });

  it('may say what an attempt of an action may use', async () => {
    const { source, problems } = await read({
      'actions/a.yaml': 'ref: a\nentry_point: echo\nlimits: {memory_mb: 64, cpu: 0.5, network: off}\n',
      'actions/b.yaml': 'ref: b\nentry_point: echo\nlimits: {network: false}\n',
      'actions/c.yaml': 'ref: c\nentry_point: echo\n',
    });
    expect(problems).toEqual([]);
    expect(source?.actions.map(({ limits }) => limits)).toEqual([
      { memory_mb: 64, cpu: 0.5, network: 'off' },
      { network: 'off' },
      {},
    ]);
  });

  it('may declare a request or a container instead of a program', async () => {
    const { source, problems } = await read({
      'actions/a.yaml':
        'ref: a\nrunner_type: http\nrequest: {url: "https://x.example/{{ id }}", method: POST}\n',
      'actions/b.yaml': 'ref: b\nrunner_type: http\nentry_point: https://x.example/b\n',
      'actions/c.yaml': 'ref: c\nrunner_type: docker\ncontainer: {image: "alpine:3", memory: 64m}\n',
      'actions/d.yaml':
        'ref: d\nrunner_type: container\nentry_point: alpine:3\nparameter_delivery: file\nparameter_format: yaml\n',
    });
    expect(problems).toEqual([]);
    expect(source?.actions.map(({ runtime, code, entrypoint }) => [runtime, code, entrypoint])).toEqual([
      ['http', 'url: https://x.example/{{ id }}\nmethod: POST\n', ''],
      ['http', null, 'https://x.example/b'],
      ['container', 'image: alpine:3\nmemory: 64m\n', ''],
      ['container', 'image: alpine:3\n', 'alpine:3'],
    ]);
    expect(source?.actions.at(-1)).toMatchObject({ parameter_delivery: 'file', parameter_format: 'yaml' });
  });

  it('that declare what cannot be used are told with the line', async () => {
    const { source, problems } = await read({
      'actions/a.yaml': 'ref: a\nrunner_type: http\nrequest:\n  url: "https://x.example/{{ id"\n',
      'actions/b.yaml': 'ref: b\nrunner_type: http\nrequest:\n  url: https://x.example\n  metod: GET\n',
      'actions/c.yaml':
        'ref: c\nrunner_type: container\ncontainer:\n  image: --privileged\n  env: { LD_PRELOAD: /x }\n',
      'actions/d.yaml': 'ref: d\nrunner_type: container\n',
    });
    expect(source?.actions).toEqual([]);
    expect(problems).toEqual([
      expect.stringMatching(/^demo\/actions\/a\.yaml:4 request\.url: /),
      expect.stringMatching(/^demo\/actions\/b\.yaml:\d request: .*metod/),
      expect.stringMatching(/^demo\/actions\/c\.yaml:4 container\.image: must be the name of an image/),
      'demo/actions/d.yaml:1 container: is missing; say there what is to be run',
    ]);
  });

  it('may hold an inline shell script', async () => {
    const { source } = await read({
      'actions/a.yaml': 'ref: demo.a\nrunner_type: shell\nentry_point: |\n  echo "$name"\n  exit 0\n',
    });
    expect(source?.actions).toMatchObject([{ entrypoint: '', code: 'echo "$name"\nexit 0\n' }]);
  });

  it('may keep workflows in either folder, positions beside them', async () => {
    const { source, problems } = await read({
      'workflows/a.yaml': 'ref: demo.a\nlabel: A\ntasks: []\n',
      'workflows/a.layout.json': '{"positions": {"x": {"x": 1, "y": 2}}}',
      'actions/workflows/b.workflow.yaml': 'name: b\ndefinition: {tasks: []}\n',
    });
    expect(problems).toEqual([]);
    expect(source?.workflows).toMatchObject([
      { ref: 'demo.b', definition: { tasks: [] } },
      { ref: 'demo.a', definition: { tasks: [] }, layout: { positions: { x: { x: 1, y: 2 } } } },
    ]);
  });

  it('may name their own triggers and actions in rules without the pack', async () => {
    const { source } = await read({ 'rules/r.yaml': 'name: r\ntrigger: t\naction_ref: core.echo\n' });
    expect(source?.rules).toMatchObject([{ ref: 'demo.r', trigger_ref: 'demo.t', action_ref: 'core.echo' }]);
  });

  it.each([
    ['broken YAML', 'actions/a.yaml', 'ref: demo.a\nlabel: [\n', 'demo/actions/a.yaml:3 '],
    ['a list', 'actions/a.yaml', '- 1\n', 'demo/actions/a.yaml:1 must be a map'],
    ['a missing name', 'triggers/t.yaml', 'label: T\n', 'demo/triggers/t.yaml:1 ref: '],
    ['a wrong type', 'triggers/t.yaml', 'ref: t\nlabel: T\nwebhook: 7\n', 'demo/triggers/t.yaml:3 webhook: '],
    [
      'another pack’s name',
      'triggers/t.yaml',
      'ref: other.t\n',
      'demo/triggers/t.yaml:1 ref: other.t must start with demo.',
    ],
    [
      'an unknown runtime',
      'actions/a.yaml',
      'ref: a\nrunner_type: cobol\n',
      'demo/actions/a.yaml:2 runner_type: cobol',
    ],
    [
      'a missing file',
      'actions/a.yaml',
      'ref: a\nlabel: A\nentry_point: a.py\n',
      'demo/actions/a.yaml:3 entry_point: ',
    ],
    [
      'a timeout that is none',
      'actions/a.yaml',
      'ref: a\nlabel: A\ntimeout: soon\n',
      'demo/actions/a.yaml:3 timeout: ',
    ],
    [
      'a memory limit in words',
      'actions/a.yaml',
      'ref: a\nentry_point: echo\nlimits: {memory_mb: much}\n',
      'demo/actions/a.yaml:3 limits.memory_mb: ',
    ],
    [
      'a limit that is none',
      'actions/a.yaml',
      'ref: a\nentry_point: echo\nconcurrency: 0\n',
      'demo/actions/a.yaml:3 concurrency.limit: ',
    ],
    [
      'a policy without a limit',
      'actions/a.yaml',
      'ref: a\nentry_point: echo\nconcurrency:\n  when_full: reject\n',
      'demo/actions/a.yaml:4 concurrency.limit: must be',
    ],
    [
      'an unknown key of a policy',
      'actions/a.yaml',
      'ref: a\nentry_point: echo\nconcurrency:\n  limit: 1\n  max: 3\n',
      'demo/actions/a.yaml:5 unknown key concurrency.max',
    ],
    [
      'a priority that is none',
      'rules/r.yaml',
      'ref: r\ntrigger: t\naction: a\npriority: 101\n',
      'demo/rules/r.yaml:4 priority: ',
    ],
    [
      'an unknown key',
      'triggers/t.yaml',
      'ref: t\nlabel: T\nwebhok: true\n',
      'demo/triggers/t.yaml:3 unknown key webhok',
    ],
  ])('tell %s with its line, and cost nothing else', async (_, name, text, problem) => {
    const { source, problems } = await read({ [name]: text, 'triggers/good.yaml': 'ref: good\n' });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
    expect(source?.triggers.map((trigger) => trigger.ref)).toContain('demo.good');
  });

  it('tell a name that two files give', async () => {
    const { problems } = await read({ 'triggers/a.yaml': 'ref: t\n', 'triggers/b.yaml': 'ref: t\n' });
    expect(problems).toEqual(['demo/triggers/b.yaml:1 ref: demo.t is given by demo/triggers/a.yaml already']);
  });

  it('are no pack without a usable pack.yaml', async () => {
    const { source, problems } = await read({ 'pack.yaml': 'label: x\n' });
    expect(source).toBeNull();
    expect(problems[0]).toMatch(/^demo\/pack\.yaml:1 ref: /);
  });

  it('have one hash while nothing changed, whichever file it is', async () => {
    const one = (await read({ 'a.txt': 'x' })).source?.contentHash;
    expect((await read({ 'a.txt': 'x' })).source?.contentHash).toBe(one);
    expect((await read({ 'a.txt': 'y' })).source?.contentHash).not.toBe(one);
  });
});
