/** Wakes one sleeper; a ring while nobody sleeps is kept, and several are one. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, at the latest after `maxMs`, and at once when the signal has ended it. */
  wait(maxMs: number, signal?: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  let hasRung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      hasRung = true;
      wake?.();
    },
    async wait(maxMs, signal) {
      if (!hasRung && !signal?.aborted) {
        await new Promise<void>((resolve) => {
          const done = () => {
            clearTimeout(timer);
            signal?.removeEventListener('abort', done);
            wake = undefined;
            resolve();
          };
          const timer = setTimeout(done, maxMs);
          signal?.addEventListener('abort', done, { once: true });
          wake = done;
        });
      }
      hasRung = false;
    },
  };
}
