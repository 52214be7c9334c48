import { expect, scenario } from './scenario';
import type { Json } from '../records';

interface Left {
  ref: string;
  type: string;
  owner: string;
  url: string | null;
  executionId: number;
  latest: { number: number; contentType: string; sizeBytes: number } | null;
}

const standard = { defaultPermissionSetRefs: ['standard'] };

scenario.describe('artifacts', () => {
  scenario(
    'T2.12 a Python action leaves a file, a table, progress and a link, found from its execution',
    async ({ studio }) => {
      const { studio: own, packRef } = await studio.inNewPack();
      const action = await own.createAction('leave', {
        runtime: 'python',
        outputFormat: 'json',
        code: `import attune, pathlib, tempfile
def run(pack, round):
    path = pathlib.Path(tempfile.mkdtemp()) / "report.md"
    path.write_text(f"# Round {round}\\n")
    first = attune.artifacts.file(f"{pack}.report", path, name="Report")
    attune.artifacts.file(f"{pack}.bytes", b"\\x00\\xff")
    attune.artifacts.table(f"{pack}.hosts", [{"host": "web-1", "load": 0.5}])
    for done in (1, 2):
        attune.artifacts.progress(f"{pack}.steps", {"done": done})
    attune.artifacts.link(f"{pack}.link", "https://example.org/" + str(round))
    return first["version"]`,
        parameters: { pack: { type: 'string' }, round: { type: 'integer' } },
        ...standard,
      });
      const first = await own.ended<{ data: Json }>(await own.run(action, { pack: packRef, round: 1 }));
      expect([first.error, first.result.data]).toEqual([null, 1]);
      const second = await own.ended<{ data: Json }>(await own.run(action, { pack: packRef, round: 2 }));
      expect([second.error, second.result.data]).toEqual([null, 2]);
      const left = await own.artifactsOf<Left>(second.id);
      expect(left.map(({ ref, type, owner }) => [ref, type, owner]).sort()).toEqual([
        [`${packRef}.bytes`, 'file_binary', packRef],
        [`${packRef}.hosts`, 'file_datatable', packRef],
        [`${packRef}.report`, 'file_text', packRef],
      ]);
      const all = await own.artifactsOf<Left>(first.id);
      expect(all.find(({ ref }) => ref === `${packRef}.link`)?.url).toBe('https://example.org/2');
      expect(all.find(({ ref }) => ref === `${packRef}.report`)?.latest).toMatchObject({
        ...{ number: 2, contentType: 'text/markdown', sizeBytes: 10 },
      });
      expect(all.map(({ ref }) => ref)).toContain(`${packRef}.steps`);
    },
  );

  scenario(
    'T2.13 a Node action leaves the same, and calls a webhook as the execution that it is',
    async ({ studio }) => {
      const { studio: own, packRef } = await studio.inNewPack();
      const { triggerRef, url } = await own.createWebhook();
      const action = await own.createAction('leave', {
        runtime: 'nodejs',
        outputFormat: 'json',
        code: `import { artifacts, webhook } from 'attune';
export async function run({ pack, url }) {
  await artifacts.file(pack + '.report.txt', 'all is well');
  await artifacts.file(pack + '.bytes', new Uint8Array([0, 255]));
  await artifacts.table(pack + '.hosts', [['host'], ['web-1']]);
  const { seq } = await artifacts.progress(pack + '.steps', { done: 1 });
  await artifacts.link(pack + '.link', 'https://example.org/');
  await webhook(url, { seq });
  return seq;
}`,
        parameters: { pack: { type: 'string' }, url: { type: 'string' } },
        ...standard,
      });
      const { id, error, result } = await own.ended<{ data: Json }>(
        await own.run(action, { pack: packRef, url }),
      );
      expect([error, result.data]).toEqual([null, 1]);
      const left = await own.artifactsOf<Left>(id);
      expect(left.map(({ ref }) => ref).sort()).toEqual(
        ['bytes', 'hosts', 'link', 'report.txt', 'steps'].map((name) => `${packRef}.${name}`),
      );
      expect(await own.events(triggerRef)).toMatchObject([{ executionId: id }]);
    },
  );

  scenario('an action without permission sets can leave none, and is told how', async ({ studio }) => {
    const action = await studio.createAction('leave', {
      runtime: 'python',
      code: 'import attune\nattune.artifacts.file("none", "x")',
    });
    const { error, result } = await studio.ended<{ stderr: string }>(await studio.run(action));
    expect(error).not.toBeNull();
    expect(result.stderr).toContain('give the action permission sets, for instance standard');
  });
});
