-- A cordoned worker takes no new executions; what it runs goes on.
ALTER TABLE "worker" ADD COLUMN "cordoned_at" TIMESTAMPTZ(3);
ALTER TABLE "worker" ADD COLUMN "cordoned_by" TEXT;
ALTER TABLE "worker" ADD COLUMN "cordon_reason" TEXT NOT NULL DEFAULT '';
