import type { Claim, Outcome } from '@/server/executions/claims';
import type { StopReason } from '../sandbox/run-process';
import { ownWall, runHttp } from './http/http';

export type NativeName = 'echo' | 'noop' | 'sleep' | 'fail' | 'set' | 'pinned' | 'ask' | 'http_request';

/** How a built-in action ended. `asked`: an inquiry is to be opened, and nobody waits for it here. */
export type NativeEnd =
  | { kind: 'completed'; stdout: string; data: Claim['parameters'][string]; note?: string }
  /** Not what it made, but its whole result. */
  | { kind: 'held'; result: Claim['parameters'] }
  | { kind: 'failed'; error: string; data?: Claim['parameters'][string]; note?: string }
  | { kind: 'stopped' }
  | { kind: 'asked' };

const maxTimerMs = 2 ** 31 - 1;
const mostAtOnceCharacters = 8_000;

/** Waits; true when the whole time passed, false when it was stopped before. */
export function sleepUnlessStopped(ms: number, stop: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (stop.aborted) return resolve(false);
    const until = performance.now() + ms;
    const onStop = () => {
      clearTimeout(timer);
      resolve(false);
    };
    // A timer of Node holds 24 days; a longer one is set again.
    const next = () => {
      const left = until - performance.now();
      if (left > 0) return void (timer = setTimeout(next, Math.min(left, maxTimerMs)));
      stop.removeEventListener('abort', onStop);
      resolve(true);
    };
    let timer: NodeJS.Timeout | undefined;
    stop.addEventListener('abort', onStop, { once: true });
    next();
  });
}

function toText(value: Claim['parameters'][string] | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isNative(name: string): name is NativeName {
  return ['echo', 'noop', 'sleep', 'fail', 'set', 'pinned', 'ask', 'http_request'].includes(name);
}

/** The actions for which {@link runAtOnce} mostly does. */
export const atOnceActions: readonly string[] = ['core.noop', 'core.set', 'core.fail', 'core.pinned'];

/**
 * Carries out a built-in action that takes no time, prints nothing and touches nothing but its parameters; null for all
 * others, and where what it gives back is not small.
 */
export function runAtOnce(entrypoint: string, parameters: Claim['parameters']): Outcome | null {
  const name = entrypoint.replace(/^core\./, '');
  switch (name) {
    case 'noop':
      return toNativeOutcome({ kind: 'completed', stdout: '', data: {} });
    case 'set':
      return JSON.stringify(parameters).length <= mostAtOnceCharacters
        ? toNativeOutcome({ kind: 'completed', stdout: '', data: parameters })
        : null;
    case 'pinned':
      return JSON.stringify(parameters).length <= mostAtOnceCharacters
        ? toNativeOutcome(toHeld(parameters))
        : null;
    case 'fail':
      return toNativeOutcome({ kind: 'failed', error: toFailMessage(parameters) });
    default:
      return null;
  }
}

/** The output that a draft's run holds for a task: docs/adr/0040. */
function toHeld({ result }: Claim['parameters']): Exclude<NativeEnd, { kind: 'asked' }> {
  return typeof result === 'object' && result !== null && !Array.isArray(result)
    ? { kind: 'held', result }
    : { kind: 'failed', error: 'core.pinned needs an object as its result.' };
}

function toFailMessage(parameters: Claim['parameters']): string {
  return toText(parameters['message']) || 'core.fail was asked to fail.';
}

/** Carries out a built-in action in the worker itself, and gives back how it ended. Only `sleep` and `http_request` take time. */
export async function runNative(
  claim: Pick<Claim, 'entrypoint' | 'actionRef' | 'parameters' | 'secretTexts' | 'executionId'>,
  stop: AbortSignal,
): Promise<NativeEnd> {
  const name = (claim.entrypoint || claim.actionRef).replace(/^core\./, '');
  const { parameters } = claim;
  if (!isNative(name)) {
    return {
      kind: 'failed',
      error: `This worker has no built-in action ${name}. Is it older than the pack?`,
    };
  }
  switch (name) {
    case 'echo': {
      const message = toText(parameters['message']);
      return { kind: 'completed', stdout: `${message}\n`, data: { message: parameters['message'] ?? '' } };
    }
    case 'noop':
      return { kind: 'completed', stdout: '', data: {} };
    case 'set':
      return { kind: 'completed', stdout: '', data: parameters };
    case 'pinned':
      return toHeld(parameters);
    case 'fail':
      return { kind: 'failed', error: toFailMessage(parameters) };
    case 'sleep': {
      const seconds = Number(parameters['seconds'] ?? 1);
      if (!Number.isFinite(seconds) || seconds < 0) {
        return {
          kind: 'failed',
          error: `seconds must be a number of 0 or more, not ${toText(parameters['seconds'])}.`,
        };
      }
      const isWhole = await sleepUnlessStopped(seconds * 1000, stop);
      return isWhole ? { kind: 'completed', stdout: '', data: { seconds } } : { kind: 'stopped' };
    }
    case 'http_request': {
      const end = await runHttp(parameters, {
        ...{ wall: ownWall(), stop, secretTexts: claim.secretTexts },
        executionId: claim.executionId,
      });
      return end.kind === 'completed' ? { ...end, stdout: '' } : end;
    }
    case 'ask':
      return { kind: 'asked' };
  }
}

/** What becomes of an execution whose built-in action ended so; `reason`: why it was stopped. */
export function toNativeOutcome(
  end: Exclude<NativeEnd, { kind: 'asked' }>,
  {
    reason = null,
    durationMs = 0,
    timeoutSeconds = null,
  }: { reason?: StopReason | null; durationMs?: number; timeoutSeconds?: number | null } = {},
): Outcome {
  if (end.kind === 'held') return { state: 'completed', result: end.result, error: null };
  const isCompleted = end.kind === 'completed';
  const error =
    end.kind === 'failed'
      ? end.error
      : isCompleted
        ? null
        : reason === 'timeout'
          ? `The action timed out after ${timeoutSeconds} s.`
          : 'Cancelled.';
  const state = isCompleted
    ? 'completed'
    : end.kind === 'failed'
      ? 'failed'
      : reason === 'timeout'
        ? 'timeout'
        : 'cancelled';
  return {
    state,
    error,
    result: {
      succeeded: isCompleted,
      exit_code: isCompleted ? 0 : end.kind === 'failed' ? 1 : null,
      duration_ms: durationMs,
      stdout: isCompleted ? end.stdout : '',
      stderr: '',
      error,
      data: end.kind === 'stopped' ? null : (end.data ?? null),
      stdout_truncated: false,
      stderr_truncated: false,
    },
  };
}
