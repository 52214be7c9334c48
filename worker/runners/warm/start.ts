import type { Host } from '../../host';
import { toStanding } from '../../sandbox/environment';
import { launch } from '../../sandbox/run-process';
import { beginPlace, furnish, leave } from '../attempt-place';
import { toConfinement, toStandingOf, type Plan } from '../plan';
import { Waiting, waitingPrefix } from './waiting';

let started = 0;

/** Has a process wait for the next attempt like this one. */
export function wishForNext(host: Host, plan: Plan, key: string): void {
  host.warm.wish(key, () => startWaiting(host, plan));
}

/**
 * Starts an interpreter that waits to be told its task, behind the walls and in the place of an attempt. Nothing of an
 * execution is in its environment, its arguments or its folder.
 */
async function startWaiting(host: Host, plan: Plan): Promise<Waiting> {
  const place = beginPlace(host);
  try {
    started += 1;
    const ready = await furnish(host, place, `${waitingPrefix}${started}`, plan.limits);
    const launched = launch(
      host.walls,
      {
        command: [...plan.interpreter, ...(host.waiters[plan.runtime] ?? [])],
        environment: toStanding(toStandingOf(plan, ready.folder)),
        confinement: toConfinement(plan, ready),
      },
      'pipe',
    );
    return new Waiting(ready, launched);
  } catch (error) {
    await leave(host, place);
    throw error;
  }
}
