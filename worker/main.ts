import { isMainThread, workerData } from 'node:worker_threads';
import { reasonOf } from '@/server/log';
import { keepLeases } from './keep-leases';
import type { LeaseThreadData } from './leases';
import { runWorker } from './worker';

// The same file is the program and its lease thread, so that one bundle holds both.
if (isMainThread) {
  runWorker(new URL(import.meta.url)).catch((error: unknown) => {
    process.stderr.write(`${reasonOf(error)}\n`);
    process.exit(1);
  });
} else if ((workerData as Partial<LeaseThreadData> | null)?.isLeaseThread)
  keepLeases(workerData as LeaseThreadData);
