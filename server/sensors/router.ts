import { z } from 'zod';
import { Ref } from '../fields';
import { needs, router } from '../trpc';
import { CreateSensor, ReadSensorLog, Sensor, SensorLog, SensorSummary, UpdateSensor } from './schema';
import * as service from './service';

const ByRef = z.strictObject({ ref: Ref });

export const sensorsRouter = router({
  list: needs('triggers', 'read')
    .output(z.array(SensorSummary))
    .query(({ ctx }) => service.listSensors(ctx.actor)),
  get: needs('triggers', 'read')
    .input(ByRef)
    .output(Sensor)
    .query(({ ctx, input }) => service.getSensor(ctx.actor, input.ref)),
  log: needs('triggers', 'read')
    .input(ReadSensorLog)
    .output(SensorLog)
    .query(({ ctx, input }) => service.readSensorLog(ctx.actor, input)),
  create: needs('triggers', 'create')
    .input(CreateSensor)
    .output(Sensor)
    .mutation(({ ctx, input }) => service.createSensor(ctx.actor, input)),
  update: needs('triggers', 'update')
    .input(UpdateSensor)
    .output(Sensor)
    .mutation(({ ctx, input }) => service.updateSensor(ctx.actor, input)),
  remove: needs('triggers', 'delete')
    .input(ByRef)
    .output(z.null())
    .mutation(({ ctx, input }) => service.removeSensor(ctx.actor, input.ref)),
  setEnabled: needs('triggers', 'update')
    .input(z.strictObject({ ref: Ref, enabled: z.boolean() }))
    .output(Sensor)
    .mutation(({ ctx, input }) => service.updateSensor(ctx.actor, input)),
  resetCursor: needs('triggers', 'update')
    .input(ByRef)
    .output(Sensor)
    .mutation(({ ctx, input }) => service.resetCursor(ctx.actor, input.ref)),
});
