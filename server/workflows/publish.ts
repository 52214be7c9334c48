import { isDeepStrictEqual } from 'node:util';
import type { CatalogAction } from '@/engine/definition/validate';
import { DomainError } from '@/engine/errors';
import { getActionRow, saveAction, specOf } from '../actions/store';
import type { ConfigurationTx } from '../db';
import { checkDefinition, readDefinition, toCompanion, toDetail } from './check';
import { insertRevision, type DraftRow, type RevisionRow } from './store';

/**
 * Makes the next revision of a draft whose lock the caller holds, and brings the companion action's parameters and
 * limit up to date. `siblings` are workflows that are stored in the same transaction, later.
 * @throws DomainError has_problems, with one detail per error
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
