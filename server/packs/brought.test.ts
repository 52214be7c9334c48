import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { closeDatabase } from '../db';
import { systemSql } from '../executions/claims';
import { resolveAction } from '../executions/resolve-action';
import type { Actor } from '../identities/actor';
import { listSetsWithRoles } from '../identities/assignments';
import { stopLive } from '../live';
import { uploadPack } from './install';
import { removePack as removeInstalled } from './service';
import { makePack, removePack } from './test-folder';
import { makePerson, makeTenant } from './test-people';

const run = promisify(execFile);
let tenantId: number;
let ada: Actor;
beforeAll(async () => {
  tenantId = await makeTenant();
});
beforeEach(async () => {
  ada = await makePerson(tenantId, 'Ada');
});
afterAll(async () => {
  await stopLive();
  await closeDatabase();
});

async function upload(actor: Actor, files: Record<string, string>) {
  const folder = await makePack(files);
  const { stdout } = await run('tar', ['-czf', '-', '-C', folder, '.'], { encoding: 'buffer' });
  await removePack(folder);
  return uploadPack(actor, stdout, 'pack.tar.gz', true);
}
const setsOf = async (packRef: string) =>
  (await listSetsWithRoles(ada, packRef)).map(({ ref, grants }) => ({ ref, grants }));

describe('permission sets of a pack', () => {
  const pack = {
    'pack.yaml': 'ref: keeper\nversion: 1.0.0\n',
    'permission_sets/reader.yaml':
      'ref: reader\nlabel: Reader\ngrants:\n  - resource: keys\n    action: read\n    constraints: {pack_refs: [keeper]}\n  - {resource: rules, actions: [read]}\n',
    'actions/look.yaml':
      'ref: look\nentry_point: "true"\ndefault_execution_permission_set_refs: [keeper.reader]\n',
  };

  it('come with its files, may be named by its actions, and go with them', async () => {
    expect((await upload(ada, pack)).problems).toEqual([]);
    expect(await setsOf('keeper')).toEqual([
      {
        ref: 'keeper.reader',
        grants: [
          { resource: 'keys', actions: ['read'], constraints: { pack_refs: ['keeper'] } },
          { resource: 'rules', actions: ['read'] },
        ],
      },
    ]);
    expect((await resolveAction(systemSql, tenantId, 'keeper.look'))?.defaultPermissionSetRefs).toEqual([
      'keeper.reader',
    ]);
    const { 'permission_sets/reader.yaml': _, ...without } = pack;
    await upload(ada, { ...without, 'actions/look.yaml': 'ref: look\nentry_point: "true"\n' });
    expect(await setsOf('keeper')).toEqual([]);
    await upload(ada, pack);
    await removeInstalled(ada, 'keeper');
    expect(await setsOf('keeper')).toEqual([]);
  });

  it('that give more than who installs them has are left out and told; one that is there stays as it was', async () => {
    await upload(ada, pack);
    const ben = await makePerson(tenantId, 'Ben', [
      { resource: 'packs', actions: ['install', 'read'] },
      { resource: 'rules', actions: ['read'] },
    ]);
    const greedy = {
      ...pack,
      'permission_sets/all.yaml': 'ref: all\ngrants:\n  - {resource: identities, actions: [manage]}\n',
    };
    const { problems } = await upload(ben, greedy);
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^permission_sets\/all\.yaml:3 grants: keeper\.all gives rights that you do not have/,
        ),
        expect.stringMatching(/^permission_sets\/reader\.yaml:4 grants: keeper\.reader gives rights/),
      ]),
    );
    expect((await setsOf('keeper')).map(({ ref }) => ref)).toEqual(['keeper.reader']);
  });

  it('that cannot be read are told with their line', async () => {
    const { problems } = await upload(ada, {
      ...pack,
      'permission_sets/odd.yaml': 'ref: odd\ngrants:\n  - {resource: moons, action: read}\n',
    });
    expect(problems).toEqual([expect.stringMatching(/^permission_sets\/odd\.yaml:3 grants\.0\.resource/)]);
  });
});

describe('runtimes of a pack', () => {
  const pack = {
    'pack.yaml': 'ref: odd\nversion: 1.0.0\n',
    'runtimes/awk.yaml': 'ref: awk\nlabel: AWK\ninterpreter: awk -v word=seen -f\nfile_endings: [.awk]\n',
    'actions/own.yaml': 'ref: own\nrunner_type: awk\nentry_point: run.awk\n',
    'actions/full.yaml': 'ref: full\nrunner_type: odd.awk\nentry_point: run.awk\n',
    'actions/run.awk': '{ print word, $0 }\n',
  };
  const interpreterOf = async (ref: string) => {
    const action = await resolveAction(systemSql, tenantId, ref);
    return action && [action.runtime, action.interpreter];
  };

  it('run its actions, by their short or their full name, for as long as they are there', async () => {
    expect((await upload(ada, pack)).problems).toEqual([]);
    const interpreter = ['awk', '-v', 'word=seen', '-f'];
    expect(await interpreterOf('odd.own')).toEqual(['shell', interpreter]);
    expect(await interpreterOf('odd.full')).toEqual(['shell', interpreter]);
    const { 'runtimes/awk.yaml': _, ...without } = pack;
    const { 'actions/own.yaml': __, ...rest } = without;
    await upload(ada, rest);
    expect(await interpreterOf('odd.full')).toEqual(['unknown', null]);
  });

  it('with a program that leads elsewhere are refused with their line', async () => {
    const { problems } = await upload(ada, {
      'pack.yaml': 'ref: bent\nversion: 1.0.0\n',
      'runtimes/up.yaml': 'ref: up\ninterpreter: [../../bin/sh]\n',
      'runtimes/none.yaml': 'ref: none\nlabel: None\n',
    });
    expect(problems).toEqual([
      expect.stringMatching(/^runtimes\/none\.yaml:1 interpreter: must be a program/),
      expect.stringMatching(/^runtimes\/up\.yaml:2 interpreter\.0/),
    ]);
  });
});
