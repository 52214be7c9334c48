import { AsyncLocalStorage } from 'node:async_hooks';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { DomainError } from '@/engine/errors';
import { env } from './env';
import { PrismaClient, type Prisma } from './generated/prisma/client';
import { log } from './log';

// Ids and counters are bigint in Postgres and stay far below 2^53 (checked by the parser), so they are numbers here.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`id ${text} is beyond 2^53`);
  return value;
});

/** Anything that runs SQL in one transaction: a pg client, or a Prisma transaction. */
export interface Sql {
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** A transaction of ours. What must follow the commit (NOTIFY) is registered, never sent before it. */
export interface Tx extends Sql {
  readonly tenantId: number | null;
  afterCommit(action: () => void): void;
}

/** A Prisma transaction bound to one tenant, with the same doors as {@link Tx} for feed rows and jobs. */
export interface ConfigurationTx extends Tx {
  readonly prisma: Prisma.TransactionClient;
}

type Role = 'attune_app' | 'attune_system';

interface Doors {
  app: pg.Pool;
  system: pg.Pool;
  /** Prisma's own. */
  configuration: pg.Pool;
  prisma: PrismaClient;
}

// One set per process, also when Next bundles a second copy of this module.
const shared = globalThis as typeof globalThis & { attuneDoors?: Doors };

function poolOf(role: Role, max: number, pipeline = true): pg.Pool {
  const pool = new pg.Pool({
    connectionString: env().DATABASE_URL,
    max,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    query_timeout: 12_000,
    application_name: `attune ${role.slice(7)}`,
    // Statements go out without waiting for the answers of those before them.
    pipeline,
    options: `-c role=${role} -c statement_timeout=10s -c lock_timeout=3s -c idle_in_transaction_session_timeout=30s`,
  });
  pool.on('error', (error) => log.warn({ error: error.message }, 'a database connection was lost'));
  return pool;
}

function doors(): Doors {
  shared.attuneDoors ??= (() => {
    const configuration = poolOf('attune_app', 8, false);
    return {
      app: poolOf('attune_app', 20),
      system: poolOf('attune_system', 16),
      configuration,
      prisma: new PrismaClient({ adapter: new PrismaPg(configuration) }),
    };
  })();
  return shared.attuneDoors;
}

/** Closes every connection; the process may end after it. */
export async function closeDatabase(): Promise<void> {
  const open = shared.attuneDoors;
  delete shared.attuneDoors;
  if (!open) return;
  await open.prisma.$disconnect();
  await Promise.allSettled([open.app.end(), open.system.end(), open.configuration.end()]);
}

/** Opens one connection of its own, outside the pools: for LISTEN and NOTIFY. */
export async function connectAlone(name: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: env().DATABASE_URL,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    application_name: `attune ${name}`,
    options: '-c role=attune_system',
  });
  await client.connect();
  return client;
}

// AT010 to AT012: a step was decided on what has moved on meanwhile; deciding anew is the answer.
const passing = new Set(['40001', '40P01', '57P01', '57P02', '57P03', 'AT010', 'AT011', 'AT012']);

function sqlState(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, meta } = error as { code?: unknown; meta?: { code?: unknown } };
  // Prisma wraps the database's code in its own.
  return typeof meta?.code === 'string' ? meta.code : typeof code === 'string' ? code : undefined;
}

/** The database is away or going: the caller may say 503 and try again. */
export function isDatabaseAway(error: unknown): boolean {
  const state = sqlState(error) ?? '';
  if (
    /^(08|57P)/.test(state) ||
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'P1001', 'P1017'].includes(state)
  )
    return true;
  return (
    error instanceof Error &&
    /Connection terminated|timeout exceeded when trying to connect|Query read timeout/.test(error.message)
  );
}

export function isUniqueViolation(error: unknown): boolean {
  const state = sqlState(error);
  return state === '23505' || state === 'P2002';
}

/** Whether doing the same again is the answer: a deadlock, a server that is going, a step decided on old facts. */
export function isPassing(error: unknown): boolean {
  return passing.has(sqlState(error) ?? '');
}

/** A lock was not to be had within `lock_timeout`: somebody is at work, nothing is wrong. */
export function isLockTimeout(error: unknown): boolean {
  return sqlState(error) === '55P03';
}

async function withRetry<T>(attempt: () => Promise<T>): Promise<T> {
  for (let round = 1; ; round += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (round >= 5 || !isPassing(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10 * 2 ** round * (0.5 + Math.random())));
    }
  }
}

const prepared = new Map<string, string>();

/** Says that a statement is hot: each connection prepares it once. Gives the statement back. */
export function prepare(text: string): string {
  if (!prepared.has(text)) prepared.set(text, `attune_${prepared.size}`);
  return text;
}

function toQuery(text: string, values: readonly unknown[] = []): pg.QueryConfig {
  const name = prepared.get(text);
  return { text, values: values as unknown[], ...(name === undefined ? {} : { name }) };
}

const writeMarks = new AsyncLocalStorage<((sql: Sql) => Promise<void>) | undefined>();

/**
 * Runs `work`; each of its transactions that has written something calls `mark` as its last statement, and is rolled back
 * where that throws. For single statements it is called before them, in a transaction of its own.
 */
export function markingWrites<T>(mark: (sql: Sql) => Promise<void>, work: () => Promise<T>): Promise<T> {
  return writeMarks.run(mark, work);
}

/** Runs `work` outside of {@link markingWrites}: for what is done for several at once, each of whom has marked by itself. */
export function unmarked<T>(work: () => Promise<T>): Promise<T> {
  return writeMarks.run(undefined, work);
}

async function markWrites(tx: Sql): Promise<void> {
  const mark = writeMarks.getStore();
  if (!mark) return;
  const [row] = await tx.query<{ wrote: boolean }>(
    'SELECT pg_current_xact_id_if_assigned() IS NOT NULL AS wrote',
  );
  if (row?.wrote) await mark(tx);
}

async function transaction<T>(
  pool: pg.Pool,
  tenantId: number | null,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  return withRetry(async () => {
    const after: (() => void)[] = [];
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      // Opens the transaction and names its tenant in the same round trip as the first statement; where it fails, so
      // does that one.
      client
        .query(tenantId === null ? 'BEGIN' : `BEGIN; SET LOCAL attune.tenant = '${Math.trunc(tenantId)}'`)
        .catch(() => {});
      const tx: Tx = {
        tenantId,
        query: async <Row>(text: string, values?: readonly unknown[]) =>
          (await client.query(toQuery(text, values))).rows as Row[],
        afterCommit: (action) => void after.push(action),
      };
      const result = await work(tx);
      await markWrites(tx);
      await client.query('COMMIT');
      for (const action of after) action();
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((failure: unknown) => {
        broken = failure instanceof Error ? failure : new Error(String(failure));
      });
      throw error;
    } finally {
      client.release(broken);
    }
  });
}

/** Runs `work` in one transaction that sees and writes only this tenant (row-level security stands behind it). */
export function inTenant<T>(tenantId: number, work: (tx: Tx) => Promise<T>): Promise<T> {
  return transaction(doors().app, tenantId, work);
}

/** The same where the first statement finds out which tenant it is for, and binds the transaction to it. */
export function inTenantOfRows<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  return transaction(doors().app, null, work);
}

/**
 * The same for work that only reads, all of it as of one moment. What it gives is given at once: the end of the
 * transaction is sent and not waited for, since nothing depends on it.
 */
export async function readTenant<T>(tenantId: number, work: (tx: Tx) => Promise<T>): Promise<T> {
  return withRetry(async () => {
    const client = await doors().app.connect();
    const end = (text: 'COMMIT' | 'ROLLBACK') =>
      void client.query(text).then(
        () => client.release(),
        (error: unknown) => client.release(error instanceof Error ? error : new Error(String(error))),
      );
    try {
      client
        .query(
          `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL attune.tenant = '${Math.trunc(tenantId)}'`,
        )
        .catch(() => {});
      const result = await work({
        tenantId,
        query: async <Row>(text: string, values?: readonly unknown[]) =>
          (await client.query(toQuery(text, values))).rows as Row[],
        afterCommit: () => {
          throw new Error('nothing follows what only reads');
        },
      });
      end('COMMIT');
      return result;
    } catch (error) {
      end('ROLLBACK');
      throw error;
    }
  });
}

/**
 * Runs `work` with statements that are each a transaction of their own, and say themselves which tenant they are for. Only
 * for work that writes with one statement; nothing is tried again. `role`: `app` is held to the tenant that the statement
 * names, `system` is not.
 */
export async function inStatement<T>(
  role: 'app' | 'system',
  tenantId: number,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const mark = writeMarks.getStore();
  if (mark) await transaction(doors().app, tenantId, mark);
  const after: (() => void)[] = [];
  const result = await work({
    tenantId,
    query: async <Row>(text: string, values?: readonly unknown[]) =>
      (await doors()[role].query(toQuery(text, values))).rows as Row[],
    afterCommit: (action) => void after.push(action),
  });
  for (const action of after) action();
  return result;
}

/** Runs `work` across tenants: for what is global by nature (signing in, webhook keys, claims, timers, the feed). */
export function inSystem<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  return transaction(doors().system, null, work);
}

/** Statements across tenants, without a transaction of their own; the rows of several come one after the other. */
export async function querySystem<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
  // pg gives a list where the text holds several statements, which its types do not say.
  const results: pg.QueryResult | pg.QueryResult[] = await doors().system.query(toQuery(text, values));
  return Array.isArray(results) ? results.flatMap(({ rows }) => rows as Row[]) : (results.rows as Row[]);
}

/** Runs `work` with Prisma in one transaction bound to this tenant. */
export async function inConfiguration<T>(
  tenantId: number,
  work: (tx: ConfigurationTx) => Promise<T>,
): Promise<T> {
  return withRetry(async () => {
    const after: (() => void)[] = [];
    const result = await doors().prisma.$transaction(
      async (prisma) => {
        await prisma.$queryRaw`SELECT set_config('attune.tenant', ${String(tenantId)}, true)`;
        const tx: ConfigurationTx = {
          tenantId,
          prisma,
          query: <Row>(text: string, values: readonly unknown[] = []) =>
            prisma.$queryRawUnsafe<Row[]>(text, ...values),
          afterCommit: (action) => void after.push(action),
        };
        const made = await work(tx);
        await markWrites(tx);
        return made;
      },
      { maxWait: 5_000, timeout: 12_000 },
    );
    for (const action of after) action();
    return result;
  });
}

/** What a caller is told while Postgres is away. */
export function databaseAway(cause: unknown): DomainError {
  return new DomainError(
    'unavailable',
    'database_away',
    'The database does not answer at the moment. Try again in a few seconds.',
    {
      retryAfterSeconds: 3,
      cause,
    },
  );
}
