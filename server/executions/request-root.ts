import { inStatement, inTenant, isDatabaseAway, isPassing, unmarked, type Tx } from '../db';
import { Gather } from '../gather';
import { announce } from '../live';
import { forgetActions, recallAction, toCheck } from './action-facts';
import { planBirth, type Order } from './births';
import { createExecution, toCreated, writeRoots, type Created } from './create';
import { setDatabaseClock } from './database-clock';
import { isPlain, writeAlone } from './newborn';
import type { ResolvedAction } from './resolve-action';
import { isMovedOn, StepWrites, type ActionCheck } from './step-writes';
import type { Born } from './tree-step';

/** A request that is planned, and what it relies on. */
interface Request {
  born: Born;
  check: ActionCheck;
}

/** What became of it. One whose fate the database did not tell is not asked for again. */
type Answer = Created | { lost: unknown };

const mostOfALot = 50;
/** Longer parameters go by themselves: nobody waits for another's megabyte. */
const mostCharacters = 64_000;

/** Per tenant, while somebody of it asks. */
const gathers = new Map<number, { gather: Gather<Request, Answer>; asking: number }>();
/** How many requests this process has in hand at this moment. */
let underWay = 0;

/**
 * Stores an execution that nobody's task starts, in a transaction of its own. Where this process knows the action already and
 * nothing limits it, that is one statement, which checks that it has not changed; requests that come while one is being
 * stored share the next (docs/adr/0057).
 */
export async function requestRoot(tenantId: number, order: Order): Promise<Created> {
  const action =
    order.revision === undefined && !order.access ? recallAction(tenantId, order.actionRef) : null;
  if (action?.concurrency === null) {
    underWay += 1;
    try {
      return await requestKnown(tenantId, order, action);
    } catch (error) {
      // Such as an action that was edited a moment ago.
      if (!isPassing(error)) throw error;
    } finally {
      underWay -= 1;
    }
  }
  return inTenant(tenantId, (tx) => createExecution(tx, tenantId, order));
}

async function requestKnown(tenantId: number, order: Order, action: ResolvedAction): Promise<Created> {
  const planned = await inStatement('app', tenantId, (tx) =>
    planBirth(tx, tenantId, order, action, new StepWrites()),
  );
  const request = { born: { ...planned, action }, check: toCheck(action) };
  const { parameters, sealed } = planned.birth;
  const isLong = JSON.stringify(parameters).length + (sealed?.length ?? 0) > mostCharacters;
  const answer = isLong ? (await writeLot(tenantId, [request]))[0] : await ask(tenantId, request);
  if (!answer) throw new Error('a request was not answered');
  if ('lost' in answer) throw answer.lost;
  return answer;
}

async function ask(tenantId: number, request: Request): Promise<Answer> {
  const own = gathers.get(tenantId) ?? {
    gather: new Gather<Request, Answer>((lot) => writeLot(tenantId, lot), 1, mostOfALot),
    asking: 0,
  };
  gathers.set(tenantId, own);
  own.asking += 1;
  try {
    return await own.gather.ask(request);
  } finally {
    own.asking -= 1;
    if (own.asking === 0) gathers.delete(tenantId);
  }
}

/** @throws an error where nothing of it was stored */
async function writeLot(tenantId: number, lot: readonly Request[]): Promise<Answer[]> {
  const [first] = lot;
  const isAlone = underWay === 1 && first !== undefined && isPlain(first.born.birth);
  try {
    // What marks the writes of one request has nothing to do with those of the others: each did so before it was planned.
    return await unmarked(() =>
      inStatement('app', tenantId, (tx) =>
        isAlone ? writeFirst(tx, tenantId, first) : writeTogether(tx, tenantId, lot),
      ),
    );
  } catch (error) {
    if (isMovedOn(error)) forgetActions();
    if (isDatabaseAway(error)) return lot.map(() => ({ lost: error }));
    throw error;
  }
}

async function writeTogether(tx: Tx, tenantId: number, lot: readonly Request[]): Promise<Answer[]> {
  const writes = new StepWrites();
  for (const { check } of lot) writes.checks.set(`${check.id} ${check.revision} ${check.published}`, check);
  const born = lot.map((request) => request.born);
  const { started, at } = await writeRoots(tx, tenantId, { writes, born });
  return started.map(({ id, birth }) => toCreated(id, birth, at));
}

async function writeFirst(tx: Tx, tenantId: number, { check, born }: Request): Promise<Answer[]> {
  const { id, at } = await writeAlone(tx, tenantId, born.birth, check);
  setDatabaseClock(at);
  tx.afterCommit(() => announce('attune_feed', '', { canWait: true }));
  return [toCreated(id, born.birth, at)];
}
