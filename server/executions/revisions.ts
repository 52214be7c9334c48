import { compileGraph, type Graph } from '@/engine/definition/graph';
import type { Definition } from '@/engine/definition/schema';
import type { Sql } from '../db';

/** A revision of a workflow, ready to run. */
export interface Revision {
  workflowId: number;
  number: number;
  graph: Graph;
  /** Whether an expression speaks of the event, the trigger or the rule. */
  readsEvent: boolean;
}

// Revisions are immutable, so what is compiled once stays right.
const compiled = new Map<string, Revision>();
const compiledLimit = 200;

/** The revision of a workflow, compiled. @throws Error when it is missing, which the database forbids */
export async function loadRevision(sql: Sql, workflowId: number, number: number): Promise<Revision> {
  const key = `${workflowId}:${number}`;
  const known = compiled.get(key);
  if (known) return known;
  // A workflow of a standard pack belongs to tenant 1; its runs belong to whoever runs it.
  const [row] = await sql.query<{ definition: Definition; breakpoints: string[] }>(
    `SELECT r.definition, COALESCE(r.layout -> 'breakpoints', '[]') AS breakpoints FROM workflow w JOIN workflow_revision r ON r.tenant_id = w.tenant_id AND r.workflow_id = w.id
     WHERE w.id = $1 AND r.number = $2`,
    [workflowId, number],
  );
  if (!row) throw new Error(`revision ${number} of workflow ${workflowId} is missing`);
  const revision: Revision = {
    workflowId,
    number,
    // What was published runs through.
    graph: compileGraph(row.definition, number < 0 ? row.breakpoints : []),
    readsEvent: /\b(event|trigger|rule)\b/.test(JSON.stringify(row.definition)),
  };
  if (compiled.size >= compiledLimit) compiled.delete(compiled.keys().next().value as string);
  compiled.set(key, revision);
  return revision;
}
