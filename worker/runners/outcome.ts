import type { Claim, Outcome } from '@/server/executions/claims';
import { toMissingModule } from '../environments/missing-module';
import { toCleanText } from '../sandbox/clean-text';
import type { Output } from '../sandbox/output';
import type { ProcessEnd } from '../sandbox/run-process';
import { findSchemaProblem, readData, type ReadData } from './read-data';

/** The end of what could not be started, or was stopped before. */
export function neverStarted(startError: string | null): ProcessEnd {
  return { exitCode: null, signal: null, durationMs: 0, stopped: null, startError, overrun: null };
}

/** The last line that says something, for the one sentence beside a failed run. */
function lastLine(text: string): string {
  const line = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return line.length > 300 ? `${toCleanText(line.slice(0, 300))}…` : line;
}

function toSentence(claim: Claim, end: ProcessEnd, stderr: string): string | null {
  if (end.startError !== null)
    return end.startError.endsWith('.') ? end.startError : `It could not start: ${end.startError}.`;
  if (end.stopped === 'timeout') return `The action timed out after ${claim.timeoutSeconds} s.`;
  if (end.stopped === 'cancelled') return 'Cancelled.';
  if (end.exitCode === 0) return null;
  const { overrun } = end;
  if (overrun?.kind === 'memory')
    return `The action ${overrun.words}: raise limits.memory_mb of the action, or let it hold less at a time.`;
  const last = lastLine(stderr);
  const how = end.signal === null ? `exited with code ${end.exitCode}` : `killed by ${end.signal}`;
  const said = last === '' ? how : `${how}: ${last}`;
  return overrun === null ? said : `${said} (the action ${overrun.words})`;
}

/**
 * How an attempt ended, from how its process did and what it left: its result file before its output, read by the format
 * and checked against the schema that its action declares.
 */
export function toOutcome(
  claim: Claim,
  end: ProcessEnd,
  output: Output,
  resultFile: ReadData | null,
): Outcome {
  const stdout = output.summary('stdout');
  const stderr = output.summary('stderr');
  const read =
    resultFile ?? readData(output.data(), claim.outputFormat, (text) => output.redactor.redact(text));
  let error = toSentence(claim, end, stderr.text);
  if (error !== null && end.stopped === null) {
    const missing = toMissingModule(claim.runtime, claim.packRef, stderr.text);
    if (missing !== null) error = `${missing} (${error})`;
  }
  error ??= read.problem;
  if (error === null && read.data !== undefined) error = findSchemaProblem(claim.outSchema, read.data);
  if (error === null && read.data === undefined && claim.outputFormat !== 'text')
    error = 'The action printed no data.';
  const state =
    end.stopped === 'timeout'
      ? 'timeout'
      : end.stopped === 'cancelled'
        ? 'cancelled'
        : error === null
          ? 'completed'
          : 'failed';
  return output.redactor.redactOutcome({
    state,
    error,
    result: {
      succeeded: state === 'completed',
      exit_code: end.exitCode,
      duration_ms: end.durationMs,
      stdout: stdout.text,
      stderr: stderr.text,
      error,
      data: read.data ?? null,
      stdout_truncated: stdout.isTruncated,
      stderr_truncated: stderr.isTruncated,
      ...(end.signal === null ? {} : { signal: end.signal }),
    },
  });
}
