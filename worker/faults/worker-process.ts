import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { env } from '@/server/env';
import type { CrashPoint } from './crash-at';

/** The built worker; the test set-up brings it up to date before any test runs. */
export const workerProgram = join(process.cwd(), 'dist', 'worker.mjs');

/** A real worker in a process of its own, against this test's database, with short clocks. */
export class WorkerProcess {
  private readonly lines: string[] = [];
  readonly ended: Promise<{ code: number | null; signal: string | null }>;

  private constructor(private readonly child: ChildProcess) {
    this.ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  }

  static async start(settings: Record<string, string> = {}, crashPoint?: CrashPoint): Promise<WorkerProcess> {
    // As scripts/studio.mjs starts it.
    const how = [
      '--enable-source-maps',
      '--max-semi-space-size=4',
      '--disallow-code-generation-from-strings',
    ];
    const child = spawn(process.execPath, [...how, workerProgram], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...process.env,
        NODE_ENV: 'production',
        DATABASE_URL: env().DATABASE_URL,
        ATTUNE_HOME: env().ATTUNE_HOME,
        ATTUNE_LEASE_SECONDS: '2',
        ATTUNE_REAP_SECONDS: '0.3',
        ATTUNE_POLL_SECONDS: '0.2',
        ATTUNE_DRAIN_SECONDS: '5',
        ATTUNE_KILL_GRACE_SECONDS: '0.5',
        ATTUNE_LOG_LEVEL: 'warn',
        ...(crashPoint === undefined ? {} : { ATTUNE_CRASH_AT: crashPoint }),
        ...settings,
      },
    });
    const worker = new WorkerProcess(child);
    const isReady = new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        if (!stream) continue;
        createInterface({ input: stream }).on('line', (line) => {
          worker.lines.push(line);
          if (line.startsWith('{"ready":true')) resolve();
        });
      }
      void worker.ended.then((end) =>
        reject(new Error(`the worker ended before it was ready: ${JSON.stringify(end)}\n${worker.said}`)),
      );
    });
    await isReady;
    return worker;
  }

  /** What it printed, for the message of a failed test. */
  get said(): string {
    return this.lines.join('\n');
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** As when the launcher dies. */
  disconnect(): void {
    this.child.disconnect();
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), 10_000);
    await this.ended;
    clearTimeout(timer);
  }
}
