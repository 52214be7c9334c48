import { createHash, randomUUID } from 'node:crypto';
import { conflict, DomainError } from '@/engine/errors';
import type { Json } from '@/engine/expression/expression';
import { inTenant, markingWrites, type Tx } from '../db';
import type { Actor } from '../identities/actor';
import { log, reasonOf } from '../log';
import { open, seal } from '../sealing/seal';
import {
  contextOf,
  deleteKey,
  insertKey,
  lockKey,
  markEffect,
  releaseKey,
  renewKey,
  renewMs,
  storeAnswer,
  type KeyName,
} from './store';

/** How long a repeat waits for the first answer before it is told to come again. */
const patienceMs = 10_000;
const lookMs = 100;

/** An answer as it can be given again. */
export interface Answer {
  status: number;
  body: Json;
}

/** A request that carries a key. */
export interface Request {
  key: string;
  /** Method and address, with its query. */
  route: string;
  /** The body, in parts, without what differs between two sendings of the same. */
  body: Iterable<Uint8Array>;
}

/**
 * The answer of `act`, which is asked once for all requests of one caller with one key within 24 hours; `isReplay` where it
 * was given before. Repeats wait for the first. What `act` throws is not kept: a repeat acts again, unless something was
 * written already. @throws DomainError conflict for another request with the same key, for one that is still under way, and
 * for one that wrote something and whose answer was lost
 */
export async function once(
  actor: Actor,
  request: Request,
  act: () => Promise<Answer>,
): Promise<Answer & { isReplay: boolean }> {
  const caller = actor.execution ? `execution:${actor.execution.id}` : `identity:${actor.identityId}`;
  const name: KeyName = { tenantId: actor.tenantId, caller, key: request.key };
  const digest = createHash('sha256');
  for (const part of request.body) digest.update(part);
  const hash = digest.digest('base64');
  const holder = randomUUID();
  const until = performance.now() + patienceMs;
  for (;;) {
    const known = await inTenant(name.tenantId, (tx) => take(tx, name, { ...request, hash, holder }));
    if (known === 'taken') break;
    if (known !== 'busy') return { ...known, isReplay: true };
    if (performance.now() > until)
      throw new DomainError(
        'conflict',
        'idempotency_in_progress',
        'The first request with this Idempotency-Key is still under way. Send it again in a second.',
        { retryAfterSeconds: 1 },
      );
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
  return { ...(await actAndKeep(name, { hash, holder }, act)), isReplay: false };
}

async function actAndKeep(
  name: KeyName,
  { hash, holder }: { hash: string; holder: string },
  act: () => Promise<Answer>,
): Promise<Answer> {
  const renewing = setInterval(() => {
    inTenant(name.tenantId, (tx) => renewKey(tx, name, holder)).catch((error: unknown) =>
      log.warn({ error: reasonOf(error) }, 'the lease of a request was not renewed'),
    );
  }, renewMs);
  try {
    const answer = await markingWrites(async (sql) => {
      if (!(await markEffect(sql, name, holder)))
        throw conflict('idempotency_lost', 'This request took too long, and another one took its place.');
    }, act);
    const sealed = seal(name.tenantId, contextOf(name), { hash, body: answer.body });
    await inTenant(name.tenantId, (tx) => storeAnswer(tx, name, { holder, sealed, status: answer.status }));
    return answer;
  } catch (error) {
    // Where this fails too, the lease runs out.
    await inTenant(name.tenantId, (tx) => releaseKey(tx, name, holder)).catch((failure: unknown) =>
      log.warn({ error: reasonOf(failure) }, 'an idempotency key was not given back'),
    );
    throw error;
  } finally {
    clearInterval(renewing);
  }
}

/** Takes the key, or finds what became of the request that has it. */
async function take(
  tx: Tx,
  name: KeyName,
  { route, hash, holder }: { route: string; hash: string; holder: string },
): Promise<'taken' | 'busy' | Answer> {
  const row = { route, holder, sealed: seal(name.tenantId, contextOf(name), { hash }) };
  if (await insertKey(tx, name, row)) return 'taken';
  const known = await lockKey(tx, name);
  if (!known) return 'busy';
  const stored = known.isOver
    ? null
    : (open(name.tenantId, contextOf(name), known.sealed).value as { hash: string; body?: Json });
  if (stored && (known.route !== route || stored.hash !== hash))
    throw conflict(
      'idempotency_key_used',
      'This Idempotency-Key came with another request within the last 24 hours. Take a new key for a new request.',
    );
  if (stored && known.status !== null) return { status: known.status, body: stored.body ?? null };
  if (stored && !known.isLost) return 'busy';
  if (stored && known.tookEffect)
    throw conflict(
      'idempotency_outcome_unknown',
      'The first request with this Idempotency-Key took effect, but its answer was lost. Look what it did; nothing was done again.',
    );
  await deleteKey(tx, name);
  await insertKey(tx, name, row);
  return 'taken';
}
