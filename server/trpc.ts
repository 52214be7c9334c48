import { initTRPC, TRPCError } from '@trpc/server';
import { ZodError } from 'zod';
import { DomainError, type ErrorDetail } from '@/engine/errors';
import { recordDenial } from './audit/record';
import { noteRequest } from './audit/request';
import { toTrpcError } from './http-errors';
import { requireRight, type Actor } from './identities/actor';
import type { Resource, RightAction } from './identities/schema';

/** What a call knows of its caller. */
export interface Context {
  actor: Actor | null;
  requestId: string;
  address: string;
  userAgent: string;
  /** The opaque token of the browser's session cookie, if any. */
  sessionToken: string | null;
  setCookie: (cookie: string) => void;
}

interface Right {
  resource: Resource;
  action: RightAction;
}

/** What a procedure declares: the right that its service asks for, or who may call without one. */
interface Meta {
  needs?: Right;
  /** Of another kind of thing, beside it. */
  also?: Right;
  anyone?: true;
  signedIn?: true;
}

function toDetails(error: ZodError): ErrorDetail[] {
  return error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
}

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    isDev: false,
    // What goes over the wire is JSON on both sides; saying so keeps the types as the schemas give them.
    transformer: { serialize: (value: unknown) => value, deserialize: (value: unknown) => value },
    sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 40_000 } },
    errorFormatter({ shape, error }) {
      const cause = error.cause;
      const details =
        cause instanceof DomainError ? cause.details : cause instanceof ZodError ? toDetails(cause) : [];
      const message =
        cause instanceof ZodError
          ? `The input does not fit: ${details.map((d) => (d.path ? `${d.path}: ${d.message}` : d.message)).join('; ')}`
          : shape.message;
      return {
        ...shape,
        message,
        data: {
          code: shape.data.code,
          httpStatus: shape.data.httpStatus,
          word: cause instanceof DomainError ? cause.code : null,
          details,
        },
      };
    },
  });

export const router = t.router;

/** Domain errors get their number here; what is not one is logged in full and told as a plain sentence. */
const translate = t.middleware(async ({ next, path, ctx }) => {
  const result = await next();
  if (result.ok) return result;
  // What tRPC found itself (an input that does not fit) has its number already.
  if (result.error.code !== 'INTERNAL_SERVER_ERROR') throw result.error;
  const { cause } = result.error;
  if (ctx.actor && cause instanceof DomainError && cause.kind === 'forbidden')
    await recordDenial(ctx.actor, cause);
  throw toTrpcError(cause ?? result.error.message, { path, requestId: ctx.requestId });
});

const base = t.procedure.use(translate);

const signedIn = base.use(({ ctx, next }) => {
  if (!ctx.actor) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Please sign in.' });
  noteRequest({ tokenType: 'session' });
  return next({ ctx: { ...ctx, actor: ctx.actor } });
});

/** Open to all: signing in. */
export const anyone = base.meta({ anyone: true });
/** Open to everybody who is signed in: their own things. */
export const person = signedIn.meta({ signedIn: true });
/**
 * Declares the rights that the service asks for, of the very thing. Who holds none of them for anything is refused here,
 * before what they sent is looked at.
 */
export function needs(resource: Resource, action: RightAction, also?: Right) {
  return signedIn.meta({ needs: { resource, action }, ...(also && { also }) }).use(({ ctx, next }) => {
    requireRight(ctx.actor, action, resource);
    if (also) requireRight(ctx.actor, also.action, also.resource);
    return next();
  });
}
