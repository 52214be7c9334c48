-- What an attempt of an action may use: memory, processes, processors, disk, network (server/actions/limits.ts).

ALTER TABLE "action" ADD COLUMN "limits" JSON NOT NULL DEFAULT '{}';
