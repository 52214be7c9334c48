-- What a worker must have beside an action's own runtime (server/actions/required-runtimes.ts). An execution says it in its
-- `runtime`, after a space, so that claims need to look at nothing else; workers look here for what they have not heard of.

ALTER TABLE "action" ADD COLUMN "required_worker_runtimes" JSON NOT NULL DEFAULT '{}';
CREATE INDEX execution_demands ON execution (tenant_id, runtime) WHERE state IN ('requested', 'scheduled') AND runtime LIKE '% %';
