import { isMainThread, workerData } from 'node:worker_threads';
import { keepLeases } from './keep-leases';
import type { LeaseThreadData } from './leases';
import { runWorker } from './worker';

// The same file is the program and its lease thread, so that one bundle holds both.
if (isMainThread) await runWorker(new URL(import.meta.url));
else if ((workerData as Partial<LeaseThreadData> | null)?.isLeaseThread)
  keepLeases(workerData as LeaseThreadData);
