import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inConfiguration } from '../db';
import { forgetActions } from '../executions/action-facts';
import { requireRight, type Actor } from '../identities/actor';
import { writeFiles } from './archive';
import { tellChange } from './changes';
import { openFiles } from './files';
import { readPack, type PackSource } from './read-pack';
import { checkWorkflows, saveWorkflows } from './save-pack';
import { getWritablePack } from './store';

/** Problems of files are told without the folder that they were read in. */
const toTold = (problem: string) => problem.slice(problem.indexOf('/') + 1);

/** The pack as its files say it; null for one that has none. */
async function readStored(actor: Actor, ref: string): Promise<PackSource | null> {
  const files = await openFiles(actor, ref);
  if (files.size === 0) return null;
  const scratch = await mkdtemp(join(tmpdir(), 'attune-sync-'));
  try {
    const folder = join(scratch, 'pack');
    await mkdir(folder);
    await writeFiles(folder, files);
    return await readPack(folder, []);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const isOfWorkflow = (problem: string) => /^(actions\/)?workflows\//.test(toTold(problem));

/** Publishes the workflows of a pack's files as they say, over what was changed by hand since. @throws DomainError not_found */
export async function syncWorkflows(
  actor: Actor,
  ref: string,
): Promise<{ loaded: number; registered: { ref: string; id: number; isNew: boolean }[]; errors: string[] }> {
  requireRight(actor, 'install', 'packs', { ref, packRef: ref });
  const source = await readStored(actor, ref);
  return inConfiguration(actor.tenantId, async (tx) => {
    const pack = await getWritablePack(tx, actor.tenantId, ref);
    if (!source) return { loaded: 0, registered: [], errors: [] };
    const where = { tenantId: actor.tenantId, ref: { in: source.workflows.map((workflow) => workflow.ref) } };
    const before = new Set((await tx.prisma.workflow.findMany({ where })).map((row) => row.ref));
    const broken = await checkWorkflows(tx, actor.tenantId, source);
    await saveWorkflows(tx, { tenantId: actor.tenantId, packId: pack.id, packRef: pack.ref }, source);
    const rows = await tx.prisma.workflow.findMany({ where, orderBy: { ref: 'asc' } });
    await tellChange(tx, actor, 'pack', pack, 'updated', { workflows: rows.length });
    tx.afterCommit(forgetActions);
    return {
      loaded: source.workflows.length,
      registered: rows
        .filter((row) => !broken.has(row.ref))
        .map((row) => ({ ref: row.ref, id: Number(row.id), isNew: !before.has(row.ref) })),
      errors: source.problems.filter(isOfWorkflow).map(toTold),
    };
  });
}

/** What is wrong with the workflows of a pack's files, by ref or by file. @throws DomainError not_found */
export async function validateWorkflows(
  actor: Actor,
  ref: string,
): Promise<{ validated: number; errors: Map<string, string[]> }> {
  const source = await readStored(actor, ref);
  if (!source) return { validated: 0, errors: new Map() };
  const errors = await inConfiguration(actor.tenantId, (tx) => checkWorkflows(tx, actor.tenantId, source));
  for (const problem of source.problems.filter(isOfWorkflow)) {
    const told = toTold(problem);
    const file = told.slice(0, told.indexOf(':'));
    errors.set(file, [...(errors.get(file) ?? []), told]);
  }
  return { validated: source.workflows.length, errors };
}
