import { prepare, type Sql } from '../db';
import { standardSet } from '../identities/held-sets';

/** What was asked for with a request, for its whole tree. */
export interface Access {
  /** As what it may call the API; null: as its actions say. */
  permissionSetRefs: readonly string[] | null;
  /** Variables for its processes. */
  envVars: Readonly<Record<string, string>> | null;
}

interface Tree {
  tenantId: number;
  rootId: number;
}

const accessOfTree = prepare(
  `SELECT permission_set_refs AS "permissionSetRefs", env_vars AS "envVars", action_ref AS "actionRef" FROM execution
   WHERE tenant_id = $1 AND root_id = $2 AND id = $2`,
);

/** What was asked for with the tree's request, and for which action; null where nothing was. */
export async function readAccess(sql: Sql, tree: Tree): Promise<(Access & { actionRef: string }) | null> {
  const [row] = await sql.query<Access & { actionRef: string }>(accessOfTree, [tree.tenantId, tree.rootId]);
  return row && (row.permissionSetRefs !== null || row.envVars !== null) ? row : null;
}

/** Keeps it with the tree's root, in the transaction that makes it. */
export async function storeAccess(sql: Sql, tree: Tree, access: Access): Promise<void> {
  await sql.query(
    'UPDATE execution SET permission_set_refs = $3, env_vars = $4 WHERE tenant_id = $1 AND root_id = $2 AND id = $2',
    [
      tree.tenantId,
      tree.rootId,
      access.permissionSetRefs,
      access.envVars === null ? null : JSON.stringify(access.envVars),
    ],
  );
}

/**
 * The permission sets of one attempt: those of its request, else its action's own. The request's `standard` was asked for
 * the pack that was asked for, so it is worth nothing in another.
 */
export function setsOf(
  access: (Access & { actionRef: string }) | null,
  action: { packRef: string; defaultPermissionSetRefs: readonly string[] },
): readonly string[] {
  const asked = access?.permissionSetRefs;
  if (!access || !asked) return action.defaultPermissionSetRefs;
  const isSamePack = access.actionRef.startsWith(`${action.packRef}.`);
  return asked.filter((ref) => ref !== standardSet || isSamePack);
}
