import { z } from 'zod';
import { Id, JsonObject, PageInput, Ref, Time } from '../fields';
import { isRange } from '../http/address-list';

/** The most that any webhook takes; its own limit may be lower. */
export const mostPayloadKb = 1024;
const mostAddresses = 500;

/** How a sender proves who it is. */
export const Scheme = z
  .enum(['plain', 'github', 'gitlab', 'stripe', 'slack'])
  .describe(
    'plain: the header holds algorithm=hex; github: the same with sha256; gitlab: X-Gitlab-Token is the secret itself; stripe and slack: their own headers, at most 300 s old',
  );
export type Scheme = z.infer<typeof Scheme>;
const Algorithm = z.enum(['sha1', 'sha256', 'sha512']);
const HeaderName = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'must be the name of a header');
const Address = z
  .string()
  .trim()
  .max(64)
  .refine(isRange, 'must be an address or a range such as 10.1.0.0/16');
const Secret = z.string().min(1, 'must not be empty').max(1_000);
/** Who may wait for results: they are told to whoever holds the key, so it is the trigger's owner who allows it. */
const ResponseMode = z
  .enum(['async', 'prefer', 'sync'])
  .describe(
    'async: the answer tells the event; prefer: with Prefer: wait=N it waits for what the rules start, and tells its results; sync: it always does, but for Prefer: respond-async',
  );
const SyncSeconds = z.number().int().min(1).max(60);
const Requests = z.number().int().min(1).max(1_000_000);
const WindowSeconds = z.number().int().min(1).max(86_400);

/**
 * What a webhook asks of its callers, as it is stored and told. Strict, and with `enabled` always said: a stored state that
 * does not fit refuses every call rather than letting one through unchecked.
 */
export const WebhookConfig = z.strictObject({
  hmac: z
    .strictObject({
      enabled: z.boolean(),
      scheme: Scheme.default('plain'),
      algorithm: Algorithm.default('sha256'),
      header: HeaderName.nullable().default(null),
    })
    .prefault({ enabled: false }),
  rate_limit: z
    .strictObject({
      enabled: z.boolean(),
      requests: Requests.default(60),
      window_seconds: WindowSeconds.default(60),
    })
    .prefault({ enabled: false }),
  ip_whitelist: z
    .strictObject({ enabled: z.boolean(), ips: z.array(Address).max(mostAddresses).default([]) })
    .prefault({ enabled: false }),
  payload_size_limit_kb: z.number().positive().nullable().default(null),
  dedupe_header: HeaderName.nullable().default(null),
  response_mode: ResponseMode.default('async'),
  sync_timeout_seconds: SyncSeconds.default(30),
});
export type WebhookConfig = z.infer<typeof WebhookConfig>;

/** The same as people are told it: whether there is a secret, never which. */
export const ToldConfig = WebhookConfig.extend({
  hmac: WebhookConfig.shape.hmac.unwrap().extend({ has_secret: z.boolean() }),
});
export type ToldConfig = z.infer<typeof ToldConfig>;

/** What is given changes, the rest stays; null takes a part back to what it was at first. */
export const SaveConfig = z.object({
  hmac: z
    .object({
      enabled: z.boolean().optional(),
      secret: Secret.nullish().describe(
        'Kept sealed and never given back; left out, the one that is there stays',
      ),
      scheme: Scheme.optional(),
      algorithm: Algorithm.optional(),
      header: HeaderName.nullish().describe(
        'Where the signature stands (Default: X-Webhook-Signature or X-Hub-Signature-256)',
      ),
    })
    .nullish(),
  rate_limit: z
    .object({
      enabled: z.boolean().optional(),
      requests: Requests.optional(),
      window_seconds: WindowSeconds.optional(),
    })
    .nullish(),
  ip_whitelist: z
    .object({ enabled: z.boolean().optional(), ips: z.array(Address).max(mostAddresses).optional() })
    .nullish(),
  payload_size_limit_kb: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .transform((kb) => Math.min(kb, mostPayloadKb))
    .nullish()
    .describe(`The largest body in KB; more than ${mostPayloadKb} counts as that`),
  dedupe_header: HeaderName.nullish().describe(
    'What the sender calls its delivery stands here: the same again, within 7 days, makes no second event',
  ),
  response_mode: ResponseMode.nullish(),
  sync_timeout_seconds: SyncSeconds.nullish().describe('The longest that an answer waits (Default: 30)'),
});
export type SaveConfig = z.infer<typeof SaveConfig>;

export const verdicts = [
  'accepted',
  'duplicate',
  'challenge',
  'bad_signature',
  'rate_limited',
  'address_refused',
  'too_large',
  'malformed',
  'misconfigured',
] as const;
export type Verdict = (typeof verdicts)[number];

export const Delivery = z.object({
  id: Id,
  verdict: z.enum(verdicts),
  status: z.number().int(),
  reason: z.string(),
  address: z.string(),
  size_bytes: z.number().int(),
  event: Id.nullable(),
  redelivery_of: Id.nullable(),
  unkept: z.number().int().describe('Calls before it that were refused or repeated, and are not listed'),
  created: Time,
});
export type Delivery = z.infer<typeof Delivery>;
/** With what came, of a refused call: secrets masked, at most 16 KB. */
export const DeliveryDetails = Delivery.extend({
  headers: JsonObject.nullable(),
  body: z.string().nullable(),
});
export type DeliveryDetails = z.infer<typeof DeliveryDetails>;

export const ListDeliveries = PageInput.extend({ ref: Ref, verdict: z.enum(verdicts).optional() });
export const OneDelivery = z.strictObject({ ref: Ref, id: Id });
