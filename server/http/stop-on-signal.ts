import { log, reasonOf } from '../log';

/**
 * Runs `stop` once when the process is told to end (TERM, INT, or the death of a parent that started it), and exits:
 * 0 when it is done in time, 1 when not. A second signal ends at once.
 */
export function stopOnSignal(stop: () => Promise<void>, graceSeconds: number): void {
  let isStopping = false;
  const begin = (reason: string) => {
    if (isStopping) process.exit(1);
    isStopping = true;
    log.info({ reason }, 'stopping');
    setTimeout(() => {
      log.error({ graceSeconds }, 'did not stop in time');
      process.exit(1);
    }, graceSeconds * 1000).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ error: reasonOf(error) }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => begin('SIGTERM'));
  process.on('SIGINT', () => begin('SIGINT'));
  // Only a process that was started with a channel hears this.
  process.on('disconnect', () => {
    if (!isStopping) begin('the parent is gone');
  });
}
