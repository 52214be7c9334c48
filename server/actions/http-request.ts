import { z } from 'zod';
import type { Json } from '@/engine/expression/expression';

const longestUrl = 8_192;
const mostNames = 200;
const AnyJson = z.json() as unknown as z.ZodType<Json>;
const Scalar = z.union([z.string(), z.number(), z.boolean()]);

/** A map of at most 200 names. */
function map<Value extends z.ZodType>(value: Value) {
  return z
    .record(z.string().min(1).max(500), value)
    .refine((given) => Object.keys(given).length <= mostNames, `must have at most ${mostNames} names`);
}

const auth = z.object({
  type: z.enum(['basic', 'bearer']).optional(),
  username: z.string().max(1_000).optional(),
  password: z.string().max(10_000).optional(),
  token: z.string().max(100_000).optional(),
});

/** A request as it is sent, with every value in place. Names that it does not know are left out. */
export const HttpRequest = z.object({
  url: z.string('must be a text').trim().min(1, 'must not be empty').max(longestUrl),
  method: z
    .string()
    .trim()
    .toUpperCase()
    .regex(/^(?!(CONNECT|TRACE|TRACK)$)[A-Z]{1,20}$/, 'must be a method such as GET or POST')
    .default('GET'),
  headers: map(z.union([Scalar, z.array(Scalar).max(100)]).nullable())
    .nullish()
    .transform((given) => given ?? {}),
  query: map(z.union([Scalar, z.array(Scalar).max(1_000)]).nullable())
    .nullish()
    .transform((given) => given ?? {}),
  body: AnyJson.default(null),
  timeout: z.coerce.number().min(0.01).max(86_400).default(30),
  auth: auth.nullish().transform((given) => given ?? null),
  follow_redirects: z.boolean().default(true),
  verify: z.boolean().default(true),
  fail_on_error: z.boolean().default(false),
});
export type HttpRequest = z.infer<typeof HttpRequest>;

const text = z.string().max(100_000);
const textOr = <Value extends z.ZodType>(value: Value) => z.union([value, text]);

/** A request as an action declares it: any text in it may be a template over the parameters. */
export const WrittenHttpRequest = z.strictObject({
  url: text.min(1, 'must not be empty').max(longestUrl).describe('Where it goes; http or https'),
  method: text.max(1_000).optional().describe('The method (Default: GET)'),
  headers: textOr(map(AnyJson)).nullish().describe('Headers by name'),
  query: textOr(map(AnyJson)).nullish().describe('What is added to the URL behind the question mark'),
  body: AnyJson.optional().describe('A text as it is; anything else goes as JSON'),
  timeout: textOr(z.number()).optional().describe('Seconds until the answer must be there (Default: 30)'),
  auth: textOr(map(AnyJson)).nullish().describe('username and password, or token'),
  follow_redirects: textOr(z.boolean()).optional().describe('Follow redirects, at most 10 (Default: yes)'),
  verify: textOr(z.boolean()).optional().describe('Check the certificate (Default: yes)'),
  fail_on_error: textOr(z.boolean())
    .optional()
    .describe('An answer outside of 2xx fails the execution, so that a retry applies (Default: no)'),
});
export type WrittenHttpRequest = z.infer<typeof WrittenHttpRequest>;
