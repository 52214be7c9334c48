import { env } from '@/server/env';
import { log } from '@/server/log';
import { pollMs } from '@/server/queue';
import { claimSensors, renewSensors, type SensorHold } from '@/server/sensors/running';
import { claimableRuntimes, type Host } from './host';
import { messageOf } from './message-of';
import { monotonicMs } from './monotonic';
import { SensorProcess } from './sensors/sensor-process';

/** So many at a time, so that several workers share what there is. */
const mostAtOnce = 4;
const longestLookMs = 1_000;
/** Of its lease, after which a sensor that could not be renewed is ended, before another worker may begin it. */
const patience = 0.8;

/**
 * Runs sensors for as long as the worker lives: takes those that are wanted and that nobody runs, renews their leases, ends
 * those that are wanted no more, or with other parameters.
 */
export class SensorLoop {
  private readonly running = new Map<number, { process: SensorProcess; renewedAtMs: number }>();
  private isStopped = false;
  private wake: () => void = () => {};
  private turning: Promise<void> = Promise.resolve();
  private watch: NodeJS.Timeout | undefined;

  constructor(
    private readonly host: Host,
    private readonly workerId: number,
    private readonly slots = env().ATTUNE_SENSOR_SLOTS,
    private readonly leaseSeconds = env().ATTUNE_LEASE_SECONDS,
  ) {}

  start(): void {
    if (this.slots === 0) return;
    // Apart from the turns: those wait for the database, and the lease does not.
    this.watch = setInterval(() => this.giveUpLate(), Math.max(50, this.leaseSeconds * 20));
    this.turning = this.turn();
  }

  private async turn(): Promise<void> {
    let failures = 0;
    while (!this.isStopped) {
      try {
        await this.renew();
        await this.claim();
        failures = 0;
      } catch (error) {
        failures += 1;
        log[failures === 1 ? 'warn' : 'debug']({ error: messageOf(error) }, 'sensors wait for the database');
      }
      await this.rest();
    }
  }

  private async renew(): Promise<void> {
    if (this.running.size === 0) return;
    const askedAtMs = monotonicMs();
    const holds: SensorHold[] = [...this.running.values()].map(({ process }) => process.claim);
    const renewed = await renewSensors(this.workerId, this.leaseSeconds, holds);
    for (const { sensorId, fence } of holds) {
      const one = this.running.get(sensorId);
      if (one?.process.claim.fence !== fence) continue;
      const found = renewed.get(sensorId);
      if (!found) one.process.stop('lost');
      else {
        one.renewedAtMs = askedAtMs;
        if (!found.isWanted) one.process.stop('changed');
      }
    }
  }

  private async claim(): Promise<void> {
    const room = Math.min(this.slots - this.running.size, mostAtOnce);
    if (this.isStopped || room <= 0) return;
    const askedAtMs = monotonicMs();
    const worker = {
      workerId: this.workerId,
      leaseSeconds: this.leaseSeconds,
      runtimes: claimableRuntimes(this.host),
    };
    for (const claim of await claimSensors(worker, room)) {
      const process = new SensorProcess(this.host, claim);
      this.running.get(claim.sensorId)?.process.stop('lost');
      this.running.set(claim.sensorId, { process, renewedAtMs: askedAtMs });
      void process.ended.then(() => {
        if (this.running.get(claim.sensorId)?.process === process) this.running.delete(claim.sensorId);
        this.wake();
      });
      if (this.hasStopped()) process.stop('leaving');
    }
  }

  /** Asked again after a wait. */
  private hasStopped(): boolean {
    return this.isStopped;
  }

  private giveUpLate(): void {
    const latest = monotonicMs() - this.leaseSeconds * 1_000 * patience;
    for (const { process, renewedAtMs } of this.running.values())
      if (renewedAtMs < latest) process.stop('lost');
  }

  private async rest(): Promise<void> {
    const ms = Math.min(longestLookMs, 2 * pollMs()) * (0.75 + Math.random() * 0.5);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.isStopped) this.wake();
    });
    this.wake = () => {};
  }

  /** Takes nothing new, ends what runs, with its grace, and gives it free. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.wake();
    await this.turning;
    const processes = [...this.running.values()].map(({ process }) => process);
    for (const process of processes) process.stop('leaving');
    await Promise.all(processes.map(({ ended }) => ended));
    clearInterval(this.watch);
  }
}
