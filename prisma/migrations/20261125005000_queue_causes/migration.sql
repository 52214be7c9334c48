-- Whose execution asked for what a dispatch gave out, so that a circle through a queue is seen as one (docs/adr/0052).
ALTER TABLE "work_queue_dispatch" ADD COLUMN "cause_execution" BIGINT;
