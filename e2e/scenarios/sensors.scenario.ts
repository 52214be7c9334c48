import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { toArchive } from '../pack-archive';
import type { Studio } from '../studio-api';
import { findProcesses } from './processes';
import { expect, scenario } from './scenario';

/** The sensor of the examples with its trigger and rule, in a pack of its own, and an action that writes to its file. */
async function installWatcher(studio: Studio): Promise<{ pack: string; script: string }> {
  const pack = `watching_${randomBytes(4).toString('hex')}`;
  const script = `${pack}.py`;
  const example = (path: string) =>
    readFileSync(`packs/examples/${path}`, 'utf8')
      .replaceAll('examples.', `${pack}.`)
      .replaceAll('watch_file.py', script);
  const archive = toArchive({
    'pack.yaml': `ref: ${pack}\nversion: 1.0.0\n`,
    'sensors/watch_file.yaml': example('sensors/watch_file.yaml'),
    [`sensors/${script}`]: example('sensors/watch_file.py'),
    'triggers/file_line.yaml': example('triggers/file_line.yaml'),
    'rules/on_file_line.yaml': example('rules/on_file_line.yaml'),
    'actions/write.yaml': 'name: write\nrunner_type: shell\nentry_point: write.sh\n',
    'actions/write.sh': `python3 -c 'import json, sys; print("\\n".join(json.load(sys.stdin)["lines"]))' >> "$ATTUNE_ARTIFACTS_DIR/inbox.txt"\n`,
  });
  expect(await studio.installPack(archive)).toEqual([]);
  return { pack, script };
}

/** What the rule's executions were given, oldest first. */
async function told(studio: Studio, pack: string): Promise<string[]> {
  const events = await studio.events(`${pack}.file_line`);
  const matched = await Promise.all(events.map(({ id }) => studio.untilMatched(id)));
  for (const { enforcements } of matched) expect(enforcements).toHaveLength(1);
  return matched.reverse().map(({ payload }) => (payload as { line: string }).line);
}

async function write(studio: Studio, pack: string, lines: string[]): Promise<void> {
  const { state } = await studio.ended(await studio.run(`${pack}.write`, { lines }));
  expect(state).toBe('completed');
}

scenario(
  'T3.06 a sensor watches a file while a rule needs it, tells each line once over a kill, and is restarted with back-off',
  async ({ studio }) => {
    const { pack, script } = await installWatcher(studio);
    const ref = `${pack}.watch_file`;
    const rule = `${pack}.on_file_line`;
    const first = ['one', 'two', 'three'];
    await write(studio, pack, first);
    expect(await studio.sensor(ref)).toMatchObject({ state: 'waiting', worker: null });
    expect(findProcesses(script)).toEqual([]);

    await studio.setRuleEnabled(rule, true);
    await studio.untilSo(
      () => told(studio, pack),
      (lines) => lines.length >= first.length,
    );
    expect(await studio.sensor(ref)).toMatchObject({ state: 'running', cursor: 14, failures: 0 });

    for (const pid of findProcesses(script)) process.kill(pid, 'SIGKILL');
    const ended = await studio.untilSo(
      () => studio.sensor(ref),
      ({ failures }) => failures > 0,
    );
    expect(ended).toMatchObject({ failures: 1, cursor: 14 });
    expect(ended.lastError).toContain('SIGKILL');
    const second = ['four', 'five'];
    await write(studio, pack, second);
    await studio.untilSo(
      () => told(studio, pack),
      (lines) => lines.length >= first.length + second.length,
    );
    expect(await told(studio, pack)).toEqual([...first, ...second]);
    expect(await studio.sensorLog(ref, 'stdout')).toContain('from byte 14');

    await studio.setRuleEnabled(rule, false);
    await studio.untilSo(
      () => studio.sensor(ref),
      ({ state }) => state === 'waiting',
    );
    await studio.untilSo(
      () => Promise.resolve(findProcesses(script)),
      (pids) => pids.length === 0,
    );
  },
);
