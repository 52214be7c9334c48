import { isDeepStrictEqual } from 'node:util';
import type { Definition } from '@/engine/definition/schema';
import type { CatalogAction } from '@/engine/definition/validate';
import { DomainError } from '@/engine/errors';
import { getActionRow, saveAction, specOf } from '../actions/store';
import type { ConfigurationTx } from '../db';
import { checkDefinition, readDefinition, toCompanion, toDetail } from './check';
import { insertRevision, type DraftRow, type RevisionRow } from './store';

/**
 * Makes the next revision of a draft whose lock the caller holds, and brings the companion action's parameters and
 * limit up to date. `siblings` are workflows that are stored in the same transaction, later.
 * @throws DomainError has_problems, with one detail per error; has_disabled_tasks
 */
export async function publishDraft(
  tx: ConfigurationTx,
  row: DraftRow,
  { name = '', note }: { name?: string | undefined; note: string },
  actorId: number | null,
  siblings: readonly CatalogAction[] = [],
  hiddenPacks: readonly string[] = [],
): Promise<RevisionRow> {
  const { definition, problems } = readDefinition(row.draft);
  requireNoneDisabled(row, definition);
  const found = [
    ...problems,
    ...(await checkDefinition(tx, row.tenantId, row.ref, definition, siblings, hiddenPacks)),
  ];
  const errors = found.filter((problem) => problem.severity === 'error');
  if (errors.length > 0) {
    const many = errors.length === 1 ? 'a problem' : `${errors.length} problems`;
    throw new DomainError(
      'invalid',
      'has_problems',
      `${row.ref} has ${many} that would stop it: ${errors[0]?.message ?? ''} Repair what is marked, then publish.`,
      { details: errors.map(toDetail) },
    );
  }
  const revision = await insertRevision(tx, row, { definition, layout: row.layout, name, note, actorId });
  const action = await getActionRow(tx, row.tenantId, row.ref);
  // What a definition does not say of its result, its makers may have said.
  const spec = { ...toCompanion(definition, action), outSchema: specOf(action).outSchema };
  const before = { paramSchema: action.paramSchema, concurrency: action.concurrency };
  const { paramSchema, concurrency } = spec;
  if (!isDeepStrictEqual(before, { paramSchema, concurrency })) {
    await saveAction(tx, action, spec, actorId);
  }
  return revision;
}

/** What is published runs whole: a task that only runs of the draft leave out would run again unseen. */
function requireNoneDisabled({ ref, layout }: DraftRow, { tasks }: Definition): void {
  const names = tasks.map(({ name }) => name).filter((name) => layout.disabled?.includes(name));
  if (names.length === 0) return;
  const [what, them] =
    names.length === 1 ? [`${names[0] ?? ''} is`, 'it'] : [`${names.join(', ')} are`, 'them'];
  throw new DomainError(
    'invalid',
    'has_disabled_tasks',
    `${ref} cannot be published: ${what} disabled, which only runs of the draft heed. Enable or delete ${them}, then publish.`,
    { details: names.map((name) => ({ path: `tasks.${name}`, message: 'is disabled' })) },
  );
}
