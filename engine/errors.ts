/** The words that an error is known by; `server/http-errors.ts` holds the one table of their numbers. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'too_many'
  | 'not_implemented'
  | 'unavailable';

/** One thing that is wrong with an input: where (a path such as `tasks.2.input.region`) and what. */
export interface ErrorDetail {
  path: string;
  message: string;
}

/**
 * An error that a person can do something about. The message says what is wrong, where, and how to repair it;
 * `details` name the fields. Everything else that is thrown is a defect of ours.
 */
export class DomainError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly details: ErrorDetail[];
  /** Seconds after which a new try makes sense; for `too_many` and `unavailable`. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    kind: ErrorKind,
    code: string,
    message: string,
    options: { details?: ErrorDetail[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'DomainError';
    this.kind = kind;
    this.code = code;
    this.details = options.details ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** The thing does not exist, or is another tenant's: both read the same. */
export function notFound(thing: string, name: string | number): DomainError {
  return new DomainError(
    'not_found',
    `${thing.replaceAll(' ', '_')}_not_found`,
    `There is no ${thing} ${name}.`,
  );
}

export function invalid(message: string, details: ErrorDetail[] = [], code = 'invalid'): DomainError {
  return new DomainError('invalid', code, message, { details });
}

export function conflict(code: string, message: string): DomainError {
  return new DomainError('conflict', code, message);
}

export function forbidden(message: string): DomainError {
  return new DomainError('forbidden', 'forbidden', message);
}
