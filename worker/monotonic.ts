/** Milliseconds that only grow, the same in every thread of the process, whatever the wall clock does. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}
