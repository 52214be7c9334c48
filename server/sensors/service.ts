import type { z } from 'zod';
import { toJsonSchema } from '@/engine/definition/parameters';
import { conflict } from '@/engine/errors';
import type { Json } from '@/engine/expression/expression';
import { inConfiguration, type ConfigurationTx } from '../db';
import type { JsonObject } from '../fields';
import type { Sensor as SensorRow } from '../generated/prisma/client';
import { authorOf, may, requireRight, type Actor } from '../identities/actor';
import { tellChange } from '../packs/changes';
import { refusingDoubles } from '../packs/doubles';
import { requireOwn, requireRefInPack, targetOf } from '../packs/refs';
import { getWritablePack } from '../packs/store';
import { requireFit, requireTriggers } from './check';
import type {
  CreateSensor,
  ReadSensorLog,
  Sensor,
  SensorLog,
  SensorRuntime,
  SensorSummary,
  UpdateSensor,
} from './schema';
import {
  getSensorRow,
  isOtherProcess,
  listSensorRows,
  readLog,
  readStandings,
  toColumns,
  type SensorSpec,
  type SensorStanding,
} from './store';

// A sensor belongs to the triggers that it fires: whoever may read or change those may so here.

/** Every sensor that the actor may read, by ref, with how it stands. */
export async function listSensors(actor: Actor): Promise<SensorSummary[]> {
  requireRight(actor, 'read', 'triggers');
  return inConfiguration(actor.tenantId, async (tx) => {
    const rows = (await listSensorRows(tx, actor.tenantId)).filter((row) =>
      may(actor, 'read', 'triggers', targetOf(row.ref)),
    );
    const ids = rows.map((row) => Number(row.id));
    const standings = await readStandings(tx, actor.tenantId, ids);
    return rows.map((row) => toSummary(row, standings.get(Number(row.id))));
  });
}

/** One sensor: how it stands, its cursor, and the rules that need it. @throws DomainError not_found */
export async function getSensor(actor: Actor, ref: string): Promise<Sensor> {
  requireRight(actor, 'read', 'triggers', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) =>
    read(tx, actor, await getSensorRow(tx, actor.tenantId, ref)),
  );
}

/**
 * The new sensor, with code of its own, or that of a file of its pack (for shell the entrypoint may be the code).
 * @throws DomainError sensor_exists; invalid for triggers that are not there and a config that does not fit
 */
export async function createSensor(actor: Actor, input: CreateSensor): Promise<Sensor> {
  const { packRef, ref, ...spec } = input;
  requireRight(actor, 'create', 'triggers', { ref, packRef });
  const columns = toColumns({ ...spec, paramSchema: toJsonSchema(spec.paramSchema) });
  requireFit(columns);
  return refusingDoubles('sensor', ref, () =>
    inConfiguration(actor.tenantId, async (tx) => {
      const pack = await getWritablePack(tx, actor.tenantId, packRef);
      requireRefInPack(ref, packRef);
      await requireTriggers(tx, actor, spec.triggerRefs);
      const row = await tx.prisma.sensor.create({
        data: {
          ...{ tenantId: actor.tenantId, packId: pack.id, packRef: pack.ref, ref },
          ...{ isAdhoc: true, createdBy: authorOf(actor) },
          ...columns,
        },
      });
      await tellChange(tx, actor, 'sensor', row, 'created', { label: row.label });
      return read(tx, actor, row);
    }),
  );
}

/**
 * The sensor with what was given changed: within seconds its process follows.
 * @throws DomainError not_found; sensor_of_files where its code, runtime or triggers are its pack's; invalid
 */
export async function updateSensor(actor: Actor, input: UpdateSensor): Promise<Sensor> {
  const { ref, paramSchema, entrypoint, code, runtime, triggerRefs } = input;
  requireRight(actor, 'update', 'triggers', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getOwn(tx, actor, ref);
    const changed: Partial<SensorSpec> = {
      ...(input.label !== undefined && { label: input.label }),
      ...(input.description !== undefined && { description: input.description }),
      ...(input.config !== undefined && { config: input.config }),
      ...(input.enabled !== undefined && { enabled: input.enabled }),
      ...(paramSchema !== undefined && { paramSchema: toJsonSchema(paramSchema) }),
      // The code of the file that it had is not that of another.
      ...(entrypoint !== undefined && entrypoint !== row.entrypoint && { entrypoint, code: null }),
      ...(code !== undefined && { code }),
      ...(runtime !== undefined && { runtime }),
      ...(triggerRefs !== undefined && { triggerRefs }),
    };
    if (!row.isAdhoc && (code ?? runtime ?? triggerRefs) !== undefined)
      throw conflict(
        'sensor_of_files',
        `${ref} comes from the files of its pack. Change its code, runtime and triggers there, and load the pack again.`,
      );
    if (triggerRefs) await requireTriggers(tx, actor, triggerRefs);
    if (changed.config ?? changed.paramSchema)
      requireFit({
        paramSchema: changed.paramSchema ?? (row.paramSchema as JsonObject),
        config: changed.config ?? (row.config as JsonObject),
      });
    const { limits: _, ...columns } = changed;
    const saved = await tx.prisma.sensor.update({
      where: { id: row.id },
      data: {
        ...columns,
        updated: new Date(),
        ...(isOtherProcess(row, changed) && { revision: { increment: 1 } }),
      },
    });
    // Whoever switches it on wants to see it begin, however often it ended before.
    if (saved.enabled && !row.enabled)
      await tx.query(
        'UPDATE sensor_run SET failures = 0, not_before = NULL WHERE tenant_id = $1::bigint AND sensor_id = $2::bigint',
        [actor.tenantId, Number(row.id)],
      );
    await tellChange(tx, actor, 'sensor', saved, 'updated', { enabled: saved.enabled });
    return read(tx, actor, saved);
  });
}

/** Forgets where it stands: within seconds it begins anew, as at its very first start. */
export async function resetCursor(actor: Actor, ref: string): Promise<Sensor> {
  requireRight(actor, 'update', 'triggers', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getOwn(tx, actor, ref);
    // The fence goes up as well: the process that runs until then must not write its own over it.
    await tx.query(
      `UPDATE sensor_run SET cursor = NULL, cursor_at = NULL, resets = resets + 1, fence = fence + 1,
         worker_id = NULL, lease_until = NULL, started_at = NULL WHERE tenant_id = $1::bigint AND sensor_id = $2::bigint`,
      [actor.tenantId, Number(row.id)],
    );
    await tellChange(tx, actor, 'sensor', row, 'updated', { cursor: null });
    return read(tx, actor, row);
  });
}

/** Removes a sensor with its cursor and log; its events stay. One of a pack's files comes back with them. */
export async function removeSensor(actor: Actor, ref: string): Promise<null> {
  requireRight(actor, 'delete', 'triggers', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getOwn(tx, actor, ref);
    await tx.prisma.sensor.delete({ where: { id: row.id } });
    await tellChange(tx, actor, 'sensor', row, 'deleted');
    return null;
  });
}

/** The last lines that it printed. @throws DomainError not_found */
export async function readSensorLog(actor: Actor, input: z.output<typeof ReadSensorLog>): Promise<SensorLog> {
  requireRight(actor, 'read', 'triggers', targetOf(input.ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getSensorRow(tx, actor.tenantId, input.ref);
    return readLog(tx, actor.tenantId, Number(row.id), input.stream, input.tail);
  });
}

async function getOwn(tx: ConfigurationTx, actor: Actor, ref: string): Promise<SensorRow> {
  const row = await getSensorRow(tx, actor.tenantId, ref);
  requireOwn(actor.tenantId, row);
  return row;
}

function toSummary(row: SensorRow, standing: SensorStanding | undefined): SensorSummary {
  const runtime = row.runtime as SensorRuntime;
  return {
    id: Number(row.id),
    ref: row.ref,
    packRef: row.packRef,
    label: row.label,
    description: row.description,
    runtime,
    entrypoint: row.entrypoint,
    triggerRefs: row.triggerRefs,
    enabled: row.enabled,
    isAdhoc: row.isAdhoc,
    // Of a standard pack's sensor only its own tenant sees more.
    state: standing?.state ?? (runtime === 'native' ? 'built_in' : 'waiting'),
    worker: standing?.worker ?? null,
    startedAt: standing?.startedAt?.toISOString() ?? null,
    created: row.created.toISOString(),
    updated: row.updated.toISOString(),
  };
}

async function read(tx: ConfigurationTx, actor: Actor, row: SensorRow): Promise<Sensor> {
  const id = Number(row.id);
  const standing = (await readStandings(tx, actor.tenantId, [id])).get(id);
  const [run] = await tx.query<{ cursor: Json }>(
    'SELECT cursor FROM sensor_run WHERE tenant_id = $1::bigint AND sensor_id = $2::bigint',
    [actor.tenantId, id],
  );
  const rules = await tx.prisma.rule.findMany({
    where: { tenantId: actor.tenantId, triggerRef: { in: row.triggerRefs } },
    select: { ref: true, label: true, triggerRef: true, enabled: true },
    orderBy: { ref: 'asc' },
    take: 200,
  });
  const isOwn = Number(row.tenantId) === actor.tenantId;
  return {
    ...toSummary(row, standing),
    code: row.code,
    paramSchema: row.paramSchema as Sensor['paramSchema'],
    config: row.config as Sensor['config'],
    limits: row.limits as Sensor['limits'],
    revision: row.revision,
    failures: standing?.failures ?? 0,
    notBefore: standing?.notBefore?.toISOString() ?? null,
    lastError: standing?.lastError ?? null,
    lastErrorAt: standing?.lastErrorAt?.toISOString() ?? null,
    cursor: run?.cursor ?? null,
    cursorAt: standing?.cursorAt?.toISOString() ?? null,
    events: standing?.events ?? 0,
    rules: rules.filter((rule) => may(actor, 'read', 'rules', targetOf(rule.ref))),
    mayEdit: isOwn && may(actor, 'update', 'triggers', targetOf(row.ref)),
    mayDelete: isOwn && may(actor, 'delete', 'triggers', targetOf(row.ref)),
  };
}
