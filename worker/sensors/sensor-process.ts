import { DomainError } from '@/engine/errors';
import { systemSql } from '@/server/executions/claims';
import { readOwnKeys } from '@/server/keys/named';
import { log } from '@/server/log';
import { storePiece, trimLog } from '@/server/sensors/pieces';
import { noteFailed, noteStarted, releaseSensor, type SensorClaim } from '@/server/sensors/running';
import { NoEnvironment } from '../environments/environments';
import { Stopper } from '../environments/stopper';
import type { Host } from '../host';
import { messageOf } from '../message-of';
import { persist } from '../persist';
import { Redactor } from '../redactor';
import { beginPlace, leave } from '../runners/attempt-place';
import { CannotStart } from '../runners/runner';
import { runProcess, type ProcessEnd } from '../sandbox/run-process';
import { SensorFeed } from './feed';
import { prepareSensor } from './prepare';

/**
 * Why it is to end. `changed`: something else is wanted, or nothing. `leaving`: the worker goes. `lost`: it is another's.
 * `broken`: what it said cannot be stored.
 */
type Ending = 'changed' | 'leaving' | 'lost' | 'broken';

/** How long what it said last may take to be stored: where it ended by itself, and where somebody waits for its end. */
const endMs = { own: 60_000, told: 4_000 };

/** One sensor's process, from its claim to its end. */
export class SensorProcess {
  private ending: Ending | null = null;
  private problem = '';
  private readonly stopper = new Stopper((running) => {
    this.passOn = (reason) => running.stop(reason);
  });
  private passOn: (reason: 'lost' | 'cancelled') => void = () => {};
  /** Settles when nothing is left of it and its row says so. Never rejects. */
  readonly ended: Promise<void>;

  constructor(
    private readonly host: Host,
    readonly claim: SensorClaim,
  ) {
    // Also before there is a process: the one that is begun then is stopped.
    this.stopper.begin();
    this.ended = this.run();
  }

  /** Ends it: with TERM and a grace, at once where it is another's. Later calls change nothing, but for the loss. */
  stop(ending: Ending): void {
    if (this.ending !== null && ending !== 'lost') return;
    this.ending = ending;
    this.passOn(ending === 'lost' ? 'lost' : 'cancelled');
  }

  private get isLost(): boolean {
    return this.ending === 'lost';
  }

  private async run(): Promise<void> {
    const { claim } = this;
    let error: string | null;
    try {
      error = await this.carryOut();
    } catch (failure) {
      if (failure instanceof CannotStart || failure instanceof DomainError) error = failure.message;
      else {
        log.error({ sensor: claim.ref, error: messageOf(failure) }, 'a sensor broke');
        error = `The worker could not run it: ${messageOf(failure)}`;
      }
    }
    if (this.isLost) {
      log.warn({ sensor: claim.ref, fence: claim.fence }, 'a sensor is not this worker’s any more');
      return;
    }
    try {
      const isOurs = () => this.isLost;
      if (error === null) await persist('sensor', () => releaseSensor(claim), isOurs);
      else await persist('sensor', () => noteFailed(claim, error), isOurs);
    } catch (failure) {
      log.error(
        { sensor: claim.ref, error: messageOf(failure) },
        'a sensor’s end could not be noted; its lease runs out',
      );
    }
  }

  /** Gives why it ended by itself, or null where it was told to. */
  private async carryOut(): Promise<string | null> {
    const { host, claim } = this;
    const keys = await persist('keys', () =>
      readOwnKeys(systemSql, { ...claim, actionRef: claim.ref }, 'sensor'),
    );
    const { told, redactor } = toTold(claim, keys);
    const feed = new SensorFeed(
      claim.triggerRefs,
      redactor,
      {
        store: (number, piece) =>
          persist(
            'what a sensor said',
            () => storePiece(claim, number, piece),
            () => this.isLost,
          ),
        trim: () => trimLog(claim),
        onLost: () => this.stop('lost'),
        onBroken: (error) => this.breakOff(error, redactor),
      },
      claim.cursor !== null,
    );
    const place = beginPlace(host);
    let release = () => {};
    try {
      const ready = await prepareSensor(host, claim, place, told, this.stopper, (line) => feed.say(line));
      if (ready === null) return null;
      release = ready.release;
      if (this.ending !== null) return null;
      const running = runProcess(host.walls, ready.program, feed, { timeoutMs: null, graceMs: host.graceMs });
      this.stopper.follow(running);
      feed.say('It begins.');
      if (
        !(await persist(
          'sensor',
          () => noteStarted(claim),
          () => this.isLost,
        ))
      )
        this.stop('lost');
      const end = await running.ended;
      if (this.isLost) {
        feed.close();
        return null;
      }
      const error = this.whyEnded(end, feed.lastWords);
      feed.say(error === null ? 'It was ended.' : error);
      await feed.end(error === null ? endMs.told : endMs.own);
      return error;
    } catch (error) {
      if (error instanceof CannotStart) {
        if (error instanceof NoEnvironment) feed.say(error.log.slice(-20_000));
        feed.say(error.message);
        await feed.end(endMs.told);
      }
      throw error;
    } finally {
      feed.close();
      release();
      await leave(host, place);
    }
  }

  private breakOff(error: Error, redactor: Redactor): void {
    this.problem = `What it said could not be stored: ${redactor.redact(error.message)}`;
    log.error({ sensor: this.claim.ref, error: this.problem }, 'a sensor is stopped');
    this.stop('broken');
  }

  private whyEnded(end: ProcessEnd, lastWords: string): string | null {
    if (this.ending === 'changed' || this.ending === 'leaving') return null;
    if (this.ending === 'broken') return this.problem;
    const last = lastWords.trim().split('\n').slice(-3).join('\n');
    return `${toReason(end)}${last === '' ? '' : ` It last said: ${last}`}`;
  }
}

function toReason({ startError, overrun, signal, exitCode }: ProcessEnd): string {
  if (startError !== null) return `It could not be started: ${startError}.`;
  if (overrun !== null) return `It ${overrun.words}.`;
  if (signal !== null) return `It was ended by ${signal}.`;
  return `It ended with exit code ${exitCode ?? 'unknown'}; a sensor is to run on.`;
}

/** The line that it reads, and what must be in nothing that it says. A parameter hides a key of its name. */
function toTold(claim: SensorClaim, keys: Awaited<ReturnType<typeof readOwnKeys>>) {
  const told = {
    sensor: claim.ref,
    triggers: claim.triggerRefs,
    parameters: { ...keys.values, ...claim.parameters },
    rules: claim.rules,
    cursor: claim.cursor,
  };
  return { told, redactor: new Redactor(keys.secretTexts) };
}
