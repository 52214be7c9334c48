import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DomainError } from '@/engine/errors';
import { closeDatabase, inSystem } from '../db';
import { stopLive } from '../live';
import { makePerson, makeTenant } from '../packs/test-people';
import type { Context } from '../trpc';
import type { Actor } from './actor';
import { forgetActors } from './actor-cache';
import { hashPassword } from './passwords';
import { updatePerson } from './service';
import { actorOf, refreshActor, sessionTokenOf, signIn, signOut } from './sessions';

const password = 'correct horse battery';
let admin: Actor;
beforeAll(async () => {
  admin = await makePerson(await makeTenant(), 'Admin');
});
afterAll(async () => {
  await stopLive();
  await closeDatabase();
});

/** A person with a password, and a browser at an address of its own. */
async function makeVisitor() {
  const person = await makePerson(admin.tenantId, 'Visitor');
  const passwordHash = await hashPassword(password);
  await inSystem((tx) =>
    tx.query('UPDATE identity SET password_hash = $2 WHERE id = $1', [person.identityId, passwordHash]),
  );
  return { person, browser: makeBrowser() };
}

function makeBrowser(address = `test-${randomUUID()}`) {
  const cookies: string[] = [];
  const context = (): Context => ({
    actor: null,
    requestId: 'test',
    address,
    userAgent: 'vitest',
    sessionToken: sessionTokenOf(cookies.at(-1)),
    setCookie: (cookie) => cookies.push(cookie),
  });
  return { cookies, context, token: () => sessionTokenOf(cookies.at(-1)) };
}

describe('signing in', () => {
  it('with the right password starts a session that says who calls', async () => {
    const { person, browser } = await makeVisitor();
    const me = await signIn(browser.context(), { login: person.login, password });
    expect(me).toMatchObject({ id: person.identityId, tenantId: admin.tenantId });
    expect(browser.cookies).toHaveLength(1);
    expect(browser.cookies[0]).toMatch(
      /^attune_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/,
    );
    const actor = await actorOf(browser.token(), '10.0.0.1', 'r1');
    expect(actor).toMatchObject({ identityId: person.identityId, address: '10.0.0.1', requestId: 'r1' });
  });

  it('keeps only a hash of the token', async () => {
    const { person, browser } = await makeVisitor();
    await signIn(browser.context(), { login: person.login, password });
    const rows = await inSystem((tx) =>
      tx.query<{ hash: string }>(
        `SELECT encode(token_hash, 'escape') AS hash FROM session WHERE identity_id = $1`,
        [person.identityId],
      ),
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.hash).not.toContain(browser.token());
  });

  it('with a wrong password and with an unknown login reads the same, and sets no cookie', async () => {
    const { person, browser } = await makeVisitor();
    const failureOf = (login: string) =>
      signIn(browser.context(), { login, password: 'wrong' }).catch((error: unknown) => {
        const { kind, code, message } = error as DomainError;
        return { kind, code, message };
      });
    const wrong = await failureOf(person.login);
    expect(wrong).toMatchObject({ kind: 'unauthenticated' });
    expect(await failureOf(`nobody-${randomUUID()}`)).toEqual(wrong);
    expect(browser.cookies).toEqual([]);
  });

  it('is locked after five failures, also for the right password, and says for how long', async () => {
    const { person, browser } = await makeVisitor();
    for (let round = 0; round < 5; round += 1) {
      await expect(
        signIn(browser.context(), { login: person.login, password: 'wrong' }),
      ).rejects.toMatchObject({
        kind: 'unauthenticated',
      });
    }
    await expect(signIn(makeBrowser().context(), { login: person.login, password })).rejects.toMatchObject({
      kind: 'too_many',
      retryAfterSeconds: 1,
    });
  });

  it('cannot be guessed faster by guessing at the same time', async () => {
    const { person } = await makeVisitor();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () =>
        signIn(makeBrowser().context(), { login: person.login, password: 'wrong' }),
      ),
    );
    const tried = outcomes.filter(
      (outcome) =>
        outcome.status === 'rejected' && (outcome.reason as DomainError).kind === 'unauthenticated',
    );
    expect(tried).toHaveLength(5);
  });

  it('starts the count afresh after a success', async () => {
    const { person, browser } = await makeVisitor();
    for (let round = 0; round < 3; round += 1) {
      for (let failure = 0; failure < 4; failure += 1) {
        await expect(
          signIn(browser.context(), { login: person.login, password: 'no' }),
        ).rejects.toMatchObject({
          kind: 'unauthenticated',
        });
      }
      await signIn(browser.context(), { login: person.login, password });
    }
  });

  it('is locked for an address that tries many logins', async () => {
    const browser = makeBrowser();
    const outcomes = [];
    for (let round = 0; round < 21; round += 1) {
      outcomes.push(
        await signIn(browser.context(), { login: `nobody-${randomUUID()}`, password: 'x' }).catch(
          (error: unknown) => (error as DomainError).kind,
        ),
      );
    }
    expect(outcomes.slice(0, 20).every((kind) => kind === 'unauthenticated')).toBe(true);
    expect(outcomes[20]).toBe('too_many');
  });
});

describe('a frozen person', () => {
  it('cannot sign in, and is told why only with the right password', async () => {
    const { person, browser } = await makeVisitor();
    await updatePerson(admin, { id: person.identityId, frozen: true });
    await expect(signIn(browser.context(), { login: person.login, password: 'wrong' })).rejects.toMatchObject(
      {
        code: 'wrong_credentials',
      },
    );
    await expect(signIn(browser.context(), { login: person.login, password })).rejects.toMatchObject({
      code: 'frozen',
    });
  });

  it('loses every session at once', async () => {
    const { person, browser } = await makeVisitor();
    await signIn(browser.context(), { login: person.login, password });
    const actor = await actorOf(browser.token(), '', '');
    expect(actor).not.toBeNull();
    await updatePerson(admin, { id: person.identityId, frozen: true });
    expect(await actorOf(browser.token(), '', '')).toBeNull();
    expect(actor && (await refreshActor(actor))).toBeNull();
  });
});

describe('a session', () => {
  it('ends with signing out, here and in the browser', async () => {
    const { person, browser } = await makeVisitor();
    await signIn(browser.context(), { login: person.login, password });
    const token = browser.token();
    await signOut(browser.context());
    expect(browser.cookies.at(-1)).toMatch(/^attune_session=; .*Max-Age=0/);
    expect(await actorOf(token, '', '')).toBeNull();
  });

  it('gives way to a new one in the same browser', async () => {
    const { person, browser } = await makeVisitor();
    await signIn(browser.context(), { login: person.login, password });
    const first = browser.token();
    await signIn(browser.context(), { login: person.login, password });
    forgetActors();
    expect(await actorOf(first, '', '')).toBeNull();
    expect(await actorOf(browser.token(), '', '')).not.toBeNull();
  });

  it('ends after its time, which each visit moves on', async () => {
    const { person, browser } = await makeVisitor();
    await signIn(browser.context(), { login: person.login, password });
    const age = (lastSeen: string, expires: string) =>
      inSystem((tx) =>
        tx.query(
          `UPDATE session SET last_seen = now() + $2::interval, expires_at = now() + $3::interval WHERE identity_id = $1`,
          [person.identityId, lastSeen, expires],
        ),
      );
    await age('-29 days', '1 day');
    forgetActors();
    expect(await actorOf(browser.token(), '', '')).not.toBeNull();
    const [row] = await inSystem((tx) =>
      tx.query<{ days: number }>(
        'SELECT round(extract(epoch FROM expires_at - now()) / 86400)::int AS days FROM session WHERE identity_id = $1',
        [person.identityId],
      ),
    );
    expect(row?.days).toBe(30);
    await age('-31 days', '-1 second');
    forgetActors();
    expect(await actorOf(browser.token(), '', '')).toBeNull();
  });

  it('is nobody for a token that is malformed or made up', async () => {
    expect(sessionTokenOf('attune_session=short')).toBeNull();
    expect(sessionTokenOf(`x=1; attune_session=${'a'.repeat(43)}; y=2`)).toBe('a'.repeat(43));
    expect(await actorOf('a'.repeat(43), '', '')).toBeNull();
    expect(await actorOf(null, '', '')).toBeNull();
  });
});

describe('passwords', () => {
  it('are kept as argon2id', async () => {
    expect(await hashPassword('x')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });
});
