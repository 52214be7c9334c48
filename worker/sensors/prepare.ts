import type { SensorClaim } from '@/server/sensors/running';
import type { Stopper } from '../environments/stopper';
import type { Host } from '../host';
import { toAttemptLimits } from '../runners/attempt-limits';
import { holdPackFiles } from '../pack-files';
import { furnish, type AttemptPlace } from '../runners/attempt-place';
import { openPack, prepare } from '../runners/pack-parts';
import { toConfinement, toPlan, toStandingOf } from '../runners/plan';
import { CannotStart, findSource } from '../runners/runner';
import { toStanding } from '../sandbox/environment';
import type { Program } from '../sandbox/run-process';
import { toSensorInvocation } from './invocation';

const programNames = { shell: 'bash or sh', python: 'python3', nodejs: 'node' };

/**
 * Makes all ready for a sensor's process: its pack's environment, its folder with its files, its walls. What was made stays in
 * `place` where the rest fails, to be given back; `release` is for when it has ended. Null when it was stopped meanwhile.
 * @throws CannotStart with what is missing and what to do
 */
export async function prepareSensor(
  host: Host,
  claim: SensorClaim,
  place: AttemptPlace,
  told: object,
  stopper: Stopper,
  say: (line: string) => void,
): Promise<{ program: Program; release: () => void } | null> {
  const { runtime, tenantId, packRef } = claim;
  const limits = toAttemptLimits(claim.limits);
  if (!limits.hasNetwork && !host.walls.canCutNetwork)
    throw new CannotStart(
      'The sensor is to run without a network, and this worker cannot see to that: its walls are of too low a level, which the workers page shows. Allow it the network, or give the worker stronger walls.',
    );
  if (!host.interpreters[runtime])
    throw new CannotStart(
      `This worker has no ${programNames[runtime]} that sensors can reach. Install it for all users and start the worker again.`,
    );
  const pack = await openPack(host, claim.packPath);
  const source = await findSource({ ...claim, actionRef: claim.ref }, pack, 'sensor');
  const lending = await prepare(host, claim, say, pack, place.uid, stopper);
  if (stopper.reason !== null) return null;
  const { options, lay } = await toSensorInvocation(runtime, source, host.modulesFolder);
  const artifacts = await host.workspace.makeArtifactsFolder(tenantId, packRef);
  const invocation = { options, lay };
  const plan = await toPlan(host, claim, { limits, pack, program: null, lending, invocation, artifacts });
  const ready = await furnish(host, place, `sensor-${claim.sensorId}-${claim.fence}`, limits);
  const { args, files } = lay(ready.folder);
  for (const { name, content } of files)
    await host.workspace.writeRunFile(ready.folder, name, content, ready.uid);
  const program = {
    command: [...plan.interpreter, ...args],
    environment: {
      ATTUNE_SENSOR: claim.ref,
      ATTUNE_PACK_REF: packRef,
      ATTUNE_API_URL: host.apiUrl,
      ATTUNE_ARTIFACTS_DIR: artifacts.folder,
      ...toStanding(toStandingOf(plan, ready.folder)),
    },
    stdin: `${JSON.stringify(told)}\n`,
    confinement: toConfinement(plan, ready),
  };
  // It may run for longer than unused copies of packs are kept.
  return { program, release: pack === null ? () => {} : holdPackFiles(pack) };
}
