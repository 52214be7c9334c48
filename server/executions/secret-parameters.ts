import { isDeepStrictEqual } from 'node:util';
import { hideSecrets, secretMask, showSecrets, toDottedPath } from '@/engine/definition/secret-parameters';
import type { Json } from '@/engine/expression/expression';
import type { JsonSchema } from '@/engine/json-schema';
import type { JsonObject } from '../fields';
import { open, seal, SealBroken, type Sealing } from '../sealing/seal';

/** Whose parameters they are. A sealed value opens only for the same action of the same tenant. */
export interface Receiver {
  tenantId: number;
  actionRef: string;
}

/** An execution's parameters as its row holds them. */
export interface StoredParameters {
  /** With a mask in place of each secret. */
  parameters: JsonObject;
  /** The secrets, or null when there are none. */
  sealed: Buffer | null;
}

/** Parameters that are to be stored, and what the caller needs to check them. */
export interface HiddenParameters extends StoredParameters {
  /** Of what is sealed here, what {@link openParameters} gives: for the worker that carries it out at once. */
  secretTexts: string[];
  /** Whether a problem's place (`auth.token`) lies in a secret that was kept from another execution: checked there, not here. */
  isKept: (path: string) => boolean;
  /** A sentence when a mask was given where no secret stands behind it; nothing can be run with that. */
  problem: string | null;
}

/** Where parameters that hold secrets came from. */
interface Provenance {
  /** The parameters as the engine shows them: what differs had a secret put into it. */
  redacted?: Json | undefined;
  /** The texts of the secrets that may have gone in, in whatever disguise. */
  origins?: readonly string[] | undefined;
  /** The row of another execution of the same action, whose secrets are kept where their masks still stand. */
  from?: StoredParameters | null | undefined;
}

const mostParts = 20;
/** A longer origin is remembered only where it went in as it is; looking for it in vain would cost too much. */
const longOrigin = 1_024;
/** Beside the pointers of a sealed part, which begin with `/`. */
const originsName = 'origins';

function contextOf({ actionRef }: Receiver): string {
  return `execution-parameters:${actionRef}`;
}

/**
 * Parameters as they may be stored: what the schema marks as secret, and what the engine says that secrets went
 * into, is masked and sealed. With `from` a mask that stands where it stood there keeps its secret unopened.
 */
export function hideParameters(
  receiver: Receiver,
  schema: JsonSchema,
  parameters: JsonObject,
  { redacted, origins = [], from }: Provenance = {},
): HiddenParameters {
  const { shown, secrets } = hideSecrets(schema, parameters, redacted);
  const kept = new Set(from?.sealed ? commonMasks(parameters, from.parameters) : []);
  const own = [...secrets].filter(([pointer]) => !kept.has(pointer));
  // In another's parameters a mask anywhere stood for something; else only where the schema asks for a secret.
  const masks = from ? masksIn(parameters) : own.flatMap(([at, value]) => (value === secretMask ? [at] : []));
  const unfounded = masks.find((at) => !kept.has(at));
  const parts = kept.size > 0 && from?.sealed ? toParts(from.sealed) : [];
  const texts = new Set(own.flatMap(([, value]) => textsOf(value)));
  if (own.length > 0) {
    // `Bearer t0k` is a secret, and so is `t0k` when the action takes it out of there.
    const went = origins.filter(
      (origin) =>
        !texts.has(origin) &&
        (origin.length <= longOrigin || [...texts].some((text) => text.includes(origin))),
    );
    const sealed = { ...Object.fromEntries(own), ...(went.length > 0 ? { [originsName]: went } : {}) };
    parts.push(seal(receiver.tenantId, contextOf(receiver), sealed));
    for (const origin of went) texts.add(origin);
  }
  const places = [...kept].map(toDottedPath);
  return {
    parameters: shown,
    sealed: parts.length > 0 ? fromParts(parts) : null,
    secretTexts: [...texts],
    isKept: (path) => places.some((place) => path === place || path.startsWith(`${place}.`)),
    problem: unfounded
      ? `${toDottedPath(unfounded)} is only the mask of a secret; give the secret itself.`
      : parts.length > mostParts
        ? 'The secrets come from too many former executions; give them all anew.'
        : null,
  };
}

/**
 * What a rerun may take over. Of other parameters than before the masks are kept only by who gave the secrets: who
 * asked for that very execution. Else somebody could send another's token to an address of their own.
 */
export function secretsForRerun(
  old: StoredParameters & { requestedBy: number | null; parentId: number | null },
  rerun: { by: number; parameters: JsonObject },
): StoredParameters {
  const isSame = isDeepStrictEqual(rerun.parameters, old.parameters);
  const isOwn = old.parentId === null && old.requestedBy === rerun.by;
  return { parameters: old.parameters, sealed: isSame || isOwn ? old.sealed : null };
}

/** An execution's parameters as its action gets them. Only a worker asks for this. */
export interface OpenParameters {
  parameters: JsonObject;
  /** The top-level names that hold a secret: the run's expressions track them. */
  secretNames: string[];
  /** Every text inside the secrets and every secret that went into them, for the redaction of what the action says. */
  secretTexts: string[];
}

/** The parameters with their secrets in place. @throws SealBroken */
export function openParameters(row: Receiver & StoredParameters): OpenParameters {
  if (row.sealed === null) return { parameters: row.parameters, secretNames: [], secretTexts: [] };
  const secrets = new Map<string, Json>();
  const origins: string[] = [];
  const parts = toParts(row.sealed);
  if (parts.length === 0) throw new SealBroken('The sealed parameters are empty.');
  for (const part of parts) {
    const { value } = open(row.tenantId, contextOf(row), part);
    for (const [pointer, secret] of Object.entries(value as JsonObject)) {
      if (pointer === originsName) origins.push(...textsOf(secret));
      else secrets.set(pointer, secret);
    }
  }
  const names = new Set(
    [...secrets.keys()].map((pointer) => toDottedPath(`/${pointer.split('/')[1] ?? ''}`)),
  );
  return {
    parameters: showSecrets(row.parameters, secrets),
    secretNames: [...names].filter((name) => Object.hasOwn(row.parameters, name)),
    secretTexts: [...new Set([...[...secrets.values()].flatMap(textsOf), ...origins])],
  };
}

/** What is sealed of parameters, with the newest key; null where all of it is already. @throws SealBroken */
export function resealParameters(sealing: Sealing, receiver: Receiver, sealed: Buffer): Buffer | null {
  const parts = toParts(sealed);
  const anew = parts.map((part) => sealing.reseal(receiver.tenantId, contextOf(receiver), part));
  return anew.some((part) => part !== null)
    ? fromParts(anew.map((part, place) => part ?? (parts[place] as Buffer)))
    : null;
}

/** Every text and number inside of a secret, as a redactor looks for it. */
export function textsOf(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (value === null || typeof value === 'boolean') return [];
  return Object.values(value).flatMap(textsOf);
}

function masksIn(value: Json): string[] {
  return commonMasks(value, value);
}

/**
 * The pointers at which both hold the mask. A list that became longer or shorter has lost its places: its masks
 * stand for nothing any more.
 */
function commonMasks(now: Json | undefined, before: Json | undefined, at = ''): string[] {
  if (now === secretMask && before === secretMask) return [at];
  if (Array.isArray(now) && Array.isArray(before)) {
    if (now.length !== before.length) return [];
    return now.flatMap((entry, index) => commonMasks(entry, before[index], `${at}/${index}`));
  }
  if (!isObject(now) || !isObject(before)) return [];
  return Object.keys(now).flatMap((name) =>
    Object.hasOwn(before, name)
      ? commonMasks(now[name], before[name], `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)
      : [],
  );
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Sealed values one after the other, each behind its length in 4 bytes; of one place the last one counts. */
function fromParts(parts: readonly Buffer[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    }),
  );
}

function toParts(sealed: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at + 4 <= sealed.length;) {
    const end = at + 4 + sealed.readUInt32BE(at);
    parts.push(sealed.subarray(at + 4, end));
    at = end;
  }
  return parts;
}
