-- An inquiry that somebody added to an execution does not end it: the execution never waited for it.
ALTER TABLE "inquiry" ADD COLUMN "ends_execution" BOOLEAN NOT NULL DEFAULT true;
ALTER TABLE "inquiry" ADD COLUMN "created_by" BIGINT;
CREATE INDEX inquiry_newest ON inquiry (tenant_id, id DESC);
