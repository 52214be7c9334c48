import type { ApiError } from '../client';
import { exitCodes, Failure } from './failure';

interface Answered<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** What a call gave. @throws Failure with the server's sentence, its details one per line */
export async function answerOf<Data>(call: Promise<Answered<Data>>): Promise<Exclude<Data, undefined>> {
  const { data, error, response } = await call.catch((reason: unknown) => {
    if (reason instanceof Failure) throw reason;
    throw new Failure(toUnreachable(reason), exitCodes.unreachable);
  });
  if (response.ok) return data as Exclude<Data, undefined>;
  const { error: sentence, details = [] } = toApiError(error, response);
  const lines = details.map(({ path, message }) => (path === '' ? `  ${message}` : `  ${path}: ${message}`));
  if (response.status === 401)
    throw new Failure(`${sentence} Sign in with: attune login`, exitCodes.notSignedIn);
  throw new Failure([sentence, ...lines].join('\n'));
}

function toApiError(error: unknown, { status, statusText }: Response): ApiError {
  if (typeof error === 'object' && error !== null && 'error' in error && typeof error.error === 'string')
    return error as ApiError;
  return { error: `The server answered ${status} ${statusText}, which is no answer of Attune Studio.` };
}

function toUnreachable(reason: unknown): string {
  const cause = reason instanceof Error && reason.cause instanceof Error ? reason.cause : reason;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const said = cause instanceof Error ? cause.message : String(cause);
  return `The studio does not answer (${code === '' ? said : code}). Is it running, and is the address right (--url, ATTUNE_URL)?`;
}
