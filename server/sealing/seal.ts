import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Json } from '@/engine/expression/expression';
import { masterKeys, type MasterKeys } from './master-keys';

/** What lies at rest in place of a value. Its bytes: version, key id (8), nonce (12), ciphertext, tag (16). */
export type Sealed = Buffer;

/** A value that was opened, and the key that had sealed it. */
export interface Opened {
  value: Json;
  keyId: string;
  /** False when an older key had sealed it: whoever writes it again seals it with the newest. */
  isCurrent: boolean;
}

/** A sealed value that cannot be opened. The sentence never tells what is inside. */
export class SealBroken extends Error {}

const version = 1;
const keyIdBytes = 8;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + keyIdBytes + nonceBytes;
const cipher = 'aes-256-gcm';
const keptKeys = 1_000;

/** Seals and opens with one set of master keys. */
export class Sealing {
  /** Keys of tenants, by master key and tenant: deriving one costs more than sealing a short value. */
  private readonly derived = new Map<string, Buffer>();

  constructor(private readonly keys: MasterKeys) {}

  seal(tenantId: number, context: string, value: Json): Sealed {
    const { id } = this.keys.current;
    const head = Buffer.concat([Buffer.from([version]), Buffer.from(id, 'hex'), randomBytes(nonceBytes)]);
    const work = createCipheriv(cipher, this.keyOf(id, tenantId), head.subarray(1 + keyIdBytes));
    work.setAAD(toAssociatedData(head, tenantId, context));
    const body = Buffer.concat([work.update(JSON.stringify(value), 'utf8'), work.final()]);
    return Buffer.concat([head, body, work.getAuthTag()]);
  }

  open(tenantId: number, context: string, sealed: Sealed): Opened {
    const keyId = keyIdOf(sealed);
    if (!this.keys.byId.has(keyId)) {
      throw new SealBroken(
        `This was sealed with the master key ${keyId}, which is not among those given. ` +
          'Add that key to ATTUNE_MASTER_KEY_PREVIOUS.',
      );
    }
    const head = sealed.subarray(0, headBytes);
    const work = createDecipheriv(cipher, this.keyOf(keyId, tenantId), head.subarray(1 + keyIdBytes), {
      authTagLength: tagBytes,
    });
    work.setAAD(toAssociatedData(head, tenantId, context));
    work.setAuthTag(sealed.subarray(sealed.length - tagBytes));
    let text: string;
    try {
      const body = work.update(sealed.subarray(headBytes, sealed.length - tagBytes));
      text = Buffer.concat([body, work.final()]).toString('utf8');
    } catch {
      throw new SealBroken('A sealed value was changed, or belongs to another tenant or another place.');
    }
    return { value: JSON.parse(text) as Json, keyId, isCurrent: keyId === this.keys.current.id };
  }

  /** The same value sealed with the newest key, or null where it is already. @throws SealBroken */
  reseal(tenantId: number, context: string, sealed: Sealed): Sealed | null {
    if (keyIdOf(sealed) === this.keys.current.id) return null;
    return this.seal(tenantId, context, this.open(tenantId, context, sealed).value);
  }

  private keyOf(keyId: string, tenantId: number): Buffer {
    const name = `${keyId} ${tenantId}`;
    const known = this.derived.get(name);
    if (known) return known;
    const master = this.keys.byId.get(keyId);
    if (!master) throw new SealBroken(`There is no master key ${keyId}.`);
    const key = Buffer.from(
      hkdfSync('sha256', master.key, '', `attune seal v${version} tenant ${tenantId}`, 32),
    );
    if (this.derived.size >= keptKeys) this.derived.delete(this.derived.keys().next().value ?? name);
    this.derived.set(name, key);
    return key;
  }
}

/** What is not in the ciphertext and yet can't be changed: the head, the tenant (8 bytes), and the place. */
function toAssociatedData(head: Buffer, tenantId: number, context: string): Buffer {
  const tenant = Buffer.alloc(8);
  tenant.writeBigUInt64BE(BigInt(tenantId));
  return Buffer.concat([head, tenant, Buffer.from(context, 'utf8')]);
}

/** The id of the master key that sealed this, without opening it. @throws SealBroken when it is nothing sealed */
export function keyIdOf(sealed: Sealed): string {
  if (sealed.length < headBytes + tagBytes || sealed[0] !== version) {
    throw new SealBroken('This is nothing that this version of the studio has sealed.');
  }
  return sealed.subarray(1, 1 + keyIdBytes).toString('hex');
}

let own: Sealing | undefined;

function ownSealing(): Sealing {
  return (own ??= new Sealing(masterKeys()));
}

/**
 * The value as it may lie at rest: readable only with the same tenant and the same context, which says what and
 * where it is (`key:17`). Sealed with the newest master key; twice the same value gives different bytes. Its length
 * still tells the length of the value.
 */
export function seal(tenantId: number, context: string, value: Json): Sealed {
  return ownSealing().seal(tenantId, context, value);
}

/**
 * What was sealed for this tenant and context, whichever of our master keys did it.
 * @throws SealBroken when it was changed, belongs elsewhere, or its key is not among ours
 */
export function open(tenantId: number, context: string, sealed: Sealed): Opened {
  return ownSealing().open(tenantId, context, sealed);
}
