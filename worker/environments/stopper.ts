import type { RunningProcess, StopReason } from '../sandbox/run-process';

/**
 * One attempt from the outside, whatever process is the attempt's at the moment: the install of an environment, then
 * the action. What is stopped between two of them stops the next.
 */
export class Stopper {
  reason: StopReason | null = null;
  private running: RunningProcess | null = null;

  constructor(private readonly onStart: (running: RunningProcess) => void) {}

  /** From now on it can be stopped, though no process runs yet. */
  begin(): void {
    this.tell(null);
  }

  /** The process that a stop is passed on to, until there is another. */
  follow(running: RunningProcess): void {
    this.running = running;
    if (this.reason !== null) running.stop(this.reason);
    this.tell(running);
  }

  private tell(running: RunningProcess | null): void {
    this.onStart({
      tree: running?.tree ?? null,
      ended: running?.ended ?? new Promise(() => {}),
      stop: (reason) => {
        this.reason ??= reason;
        this.running?.stop(reason);
      },
    });
  }
}
