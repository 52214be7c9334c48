import { secretMask } from '@/engine/definition/secret-parameters';
import { DomainError } from '@/engine/errors';
import { markSecret, type Json } from '@/engine/expression/expression';
import { EvaluationFault } from '@/engine/expression/expression-error';
import type { Sql } from '../db';
import { textsOf } from '../executions/secret-parameters';
import type { JsonObject } from '../fields';
import { open, SealBroken } from '../sealing/seal';
import type { KeyFacts } from './rights';
import type { OwnerType } from './schema';
import { contextOf, isThere } from './store';

/**
 * Which keys a run, a rule or an action sees by name (docs/adr/0016). Nobody asks here who may: what a pack's workflow
 * names, its author wants it to have. Keys of people are seen by none of them.
 */
export interface KeyReader {
  tenantId: number;
  packRef: string;
  /** The workflow or action itself; null for a rule. */
  actionRef: string | null;
}

const mostNames = 200;
const mostBytes = 8_388_608;
/** `a.b.c.d`: a name has no more parts than that, as far as members of members are looked for. */
const mostParts = 4;

/** An opened value, or why there is none. */
type Found = { value: Json; isSecret: boolean } | { problem: string };

interface StoredKey extends KeyFacts {
  id: number;
  encrypted: boolean;
  value: Json;
  sealed: Buffer | null;
}

/**
 * The `keystore` of one decision. A name that is read and not known is noted as a wish, and reads as missing until
 * {@link load} has been called; then the same is asked again. Names lead to the reader's own key (a workflow's), to its
 * pack's, to the system's, in this order, or, written `<pack>.<key>` or `<pack>.<action>.<key>`, to one of another pack
 * of the tenant that is not private. Encrypted ones are marked as secret. It cannot be listed.
 */
export class NamedKeys {
  /** To an expression an object whose members are read when they are named. */
  readonly values: Json = this.below('');
  /** Texts inside of the secrets that were read. */
  readonly secretTexts: string[] = [];
  private readonly found = new Map<string, Found | null>();
  /** Names that are no key, but the beginning of keys' names. */
  private readonly beginnings = new Set<string>();
  private readonly wanted = new Set<string>();
  private readBytes = 0;

  constructor(
    private readonly reader: KeyReader,
    /** Whose value may be seen: of others only that they are there. (Default: all) */
    private readonly sees: (key: KeyFacts & { encrypted: boolean }) => boolean = () => true,
  ) {}

  get hasWishes(): boolean {
    return this.wanted.size > 0;
  }

  /** Reads what was wished for, as it is at this moment. */
  async load(sql: Sql): Promise<void> {
    const names = [...this.wanted];
    this.wanted.clear();
    if (names.length === 0) return;
    const { tenantId, packRef, actionRef } = this.reader;
    const rows = await sql.query<StoredKey & { asked: string }>(
      `SELECT DISTINCT ON (n.asked) n.asked, k.id, k.ref, k.owner_type AS "ownerType", k.owner, k.encrypted, k.value, k.sealed
       FROM jsonb_to_recordset($2::jsonb) AS n(asked text, rank int, "ownerType" text, owner text, ref text)
       JOIN key k ON k.tenant_id = $1 AND k.owner_type = n."ownerType" AND k.owner = n.owner AND k.ref = n.ref AND ${isThere}
       WHERE n.rank <= 2 OR split_part(k.owner, '.', 1) = $3
         OR NOT EXISTS (SELECT FROM pack p WHERE p.tenant_id = $1 AND p.ref = split_part(k.owner, '.', 1) AND p.visibility = 'private')
       ORDER BY n.asked, n.rank`,
      [tenantId, JSON.stringify(names.flatMap((name) => this.placesOf(name))), packRef],
    );
    for (const name of names) this.found.set(name, null);
    for (const { asked, ...key } of rows) this.found.set(asked, this.take(key));
    const missing = names.filter((name) => !this.found.get(name) && name.split('.').length < mostParts);
    if (missing.length === 0) return;
    const beginnings = await sql.query<{ name: string }>(
      `SELECT n.name FROM jsonb_array_elements_text($2::jsonb) AS n(name)
       WHERE EXISTS (SELECT FROM key k WHERE k.tenant_id = $1 AND ${isThere} AND (
         (starts_with(k.ref, n.name || '.') AND (k.owner_type, k.owner) IN (('action', $3), ('pack', $4), ('system', '')))
         OR (k.owner_type IN ('pack', 'action') AND starts_with(k.owner || '.' || k.ref, n.name || '.'))))`,
      [tenantId, JSON.stringify(missing), actionRef ?? '', packRef],
    );
    for (const { name } of beginnings) this.beginnings.add(name);
  }

  /** Where a name may lead, best first. */
  private placesOf(asked: string) {
    const { packRef, actionRef } = this.reader;
    const place = (rank: number, ownerType: OwnerType, owner: string, ref: string) => ({
      ...{ asked, rank, ownerType, owner, ref },
    });
    const [pack = '', action = '', ...rest] = asked.split('.');
    return [
      ...(actionRef === null ? [] : [place(0, 'action', actionRef, asked)]),
      place(1, 'pack', packRef, asked),
      place(2, 'system', '', asked),
      ...(action === '' ? [] : [place(3, 'pack', pack, asked.slice(pack.length + 1))]),
      ...(rest.length === 0 ? [] : [place(4, 'action', `${pack}.${action}`, rest.join('.'))]),
    ];
  }

  private take(key: StoredKey): Found {
    if (!this.sees(key)) return { value: secretMask, isSecret: true };
    let value: Json;
    try {
      value = openKey(this.reader.tenantId, key);
    } catch (error) {
      // A run that names it must fail there, instead of being tried again for ever.
      if (!(error instanceof DomainError)) throw error;
      return { problem: error.message };
    }
    this.readBytes += Buffer.byteLength(JSON.stringify(value), 'utf8');
    if (key.encrypted) this.secretTexts.push(...textsOf(value));
    return { value, isSecret: key.encrypted };
  }

  /** @throws EvaluationFault, which an expression's error is made of */
  private read(name: string): Json | undefined {
    const known = this.found.get(name);
    if (this.readBytes > mostBytes)
      throw new EvaluationFault(
        'limit',
        `The keys that are read here hold more than ${mostBytes} bytes together.`,
      );
    if (known && 'problem' in known) throw new EvaluationFault('not_a_value', known.problem);
    if (known) return known.isSecret ? markSecret(known.value) : known.value;
    if (known === null) return this.beginnings.has(name) ? this.below(`${name}.`) : undefined;
    if (this.found.size + this.wanted.size >= mostNames)
      throw new EvaluationFault('limit', `More than ${mostNames} keys are read here at a time.`);
    // Longer than any key's name.
    if (name.length <= 402) this.wanted.add(name);
    return undefined;
  }

  private below(prefix: string): JsonObject {
    const get = (name: string | symbol) =>
      typeof name === 'string' ? this.read(`${prefix}${name}`) : undefined;
    return new Proxy<JsonObject>(
      {},
      {
        get: (_, name) => get(name),
        has: (_, name) => get(name) !== undefined,
        ownKeys: () => [],
        getOwnPropertyDescriptor: (_, name) => {
          const value = get(name);
          return value === undefined
            ? undefined
            : { value, enumerable: true, configurable: true, writable: true };
        },
      },
    );
  }
}

/** What an action gets beside its parameters. */
export interface GivenKeys {
  values: JsonObject;
  /** What must not be in anything that it says. */
  secretTexts: string[];
}

/**
 * The keys that reach an action (or a sensor) by name: its own, and those of its pack that none of its own hides. What is encrypted is
 * opened. @throws DomainError where there are too many, or one cannot be opened: then the action cannot start
 */
export async function readOwnKeys(
  sql: Sql,
  { tenantId, packRef, actionRef }: KeyReader & { actionRef: string },
  ownerType: 'action' | 'sensor' = 'action',
): Promise<GivenKeys> {
  const rows = await sql.query<StoredKey>(
    `SELECT DISTINCT ON (k.ref) k.id, k.ref, k.owner_type AS "ownerType", k.owner, k.encrypted, k.value, k.sealed FROM key k
     WHERE k.tenant_id = $1 AND (k.owner_type, k.owner) IN (($4, $2), ('pack', $3)) AND ${isThere}
     ORDER BY k.ref, k.owner_type = 'pack' LIMIT ${mostNames + 1}`,
    [tenantId, actionRef, packRef, ownerType],
  );
  const values = new Map<string, Json>();
  const secretTexts: string[] = [];
  let readBytes = 0;
  for (const row of rows) {
    const value = openKey(tenantId, row);
    readBytes += Buffer.byteLength(JSON.stringify(value), 'utf8');
    if (values.size >= mostNames || readBytes > mostBytes) {
      const most = `${ownerType === 'action' ? 'an action' : 'a sensor'} is given at most ${mostNames} keys and ${mostBytes} bytes of them`;
      throw new DomainError(
        'too_large',
        'too_many_keys',
        `${actionRef} and its pack own too many keys: ${most}. Give some of them to another owner.`,
      );
    }
    values.set(row.ref, value);
    if (row.encrypted) secretTexts.push(...textsOf(value));
  }
  return { values: Object.fromEntries(values), secretTexts };
}

function openKey(tenantId: number, { id, ref, value, sealed }: StoredKey): Json {
  if (sealed === null) return value;
  try {
    return open(tenantId, contextOf(id), sealed).value;
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    throw new DomainError('unavailable', 'key_sealed', `The key ${ref} cannot be opened: ${error.message}`);
  }
}
