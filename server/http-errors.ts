import { TRPCError } from '@trpc/server';
import type { TRPC_ERROR_CODE_KEY } from '@trpc/server/rpc';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { DomainError, type ErrorDetail, type ErrorKind } from '@/engine/errors';
import { databaseAway, isDatabaseAway } from './db';
import { log, reasonOf } from './log';

/** The one table of numbers: what each kind of error is over HTTP and over tRPC. */
export const errorNumbers: Record<ErrorKind, { status: ContentfulStatusCode; trpc: TRPC_ERROR_CODE_KEY }> = {
  invalid: { status: 400, trpc: 'BAD_REQUEST' },
  unauthenticated: { status: 401, trpc: 'UNAUTHORIZED' },
  forbidden: { status: 403, trpc: 'FORBIDDEN' },
  not_found: { status: 404, trpc: 'NOT_FOUND' },
  conflict: { status: 409, trpc: 'CONFLICT' },
  too_large: { status: 413, trpc: 'PAYLOAD_TOO_LARGE' },
  too_many: { status: 429, trpc: 'TOO_MANY_REQUESTS' },
  not_implemented: { status: 501, trpc: 'NOT_IMPLEMENTED' },
  unavailable: { status: 503, trpc: 'SERVICE_UNAVAILABLE' },
};

/** The error that a caller can be told, or null for a defect of ours. A database that is away is one that passes. */
export function toKnownError(cause: unknown): DomainError | null {
  if (cause instanceof DomainError) return cause;
  return isDatabaseAway(cause) ? databaseAway(cause) : null;
}

/** The REST API's error body. */
export interface ErrorBody {
  error: string;
  code?: string;
  details?: ErrorDetail[];
}

export function toErrorBody(error: DomainError): ErrorBody {
  return {
    error: error.message,
    code: error.code,
    ...(error.details.length > 0 && { details: error.details }),
  };
}

/** Headers that go with an error: when to come back. */
export function errorHeaders(error: DomainError): Record<string, string> {
  return error.retryAfterSeconds === undefined
    ? {}
    : { 'retry-after': String(Math.max(1, Math.ceil(error.retryAfterSeconds))) };
}

/** What a caller hears of a defect; the log, by the same request id, has the rest. */
export function defectSentence(requestId: string): string {
  return `Something went wrong on our side (request ${requestId}). The log has the details.`;
}

/** The error as tRPC tells it. A defect is logged in full and told as a plain sentence. */
export function toTrpcError(cause: unknown, where: { path: string; requestId: string }): TRPCError {
  if (cause instanceof TRPCError) return cause;
  const known = toKnownError(cause);
  if (known)
    return new TRPCError({ code: errorNumbers[known.kind].trpc, message: known.message, cause: known });
  log.error(
    { ...where, error: reasonOf(cause), stack: cause instanceof Error ? cause.stack : undefined },
    'a call failed',
  );
  return new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message: defectSentence(where.requestId) });
}
