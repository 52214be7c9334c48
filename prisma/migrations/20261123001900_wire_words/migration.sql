-- What clients of the REST API say of actions and workflows beside what the studio needs (docs: shared/rest-models.md).

-- The runtime as it was asked for; only where it is none of ours, so that the refusal can name it.
ALTER TABLE "action" ADD COLUMN "runtime_ref" TEXT;
ALTER TABLE "workflow" ADD COLUMN "version" TEXT NOT NULL DEFAULT '1.0.0';
ALTER TABLE "workflow" ADD COLUMN "tags" TEXT[] NOT NULL DEFAULT '{}';
