-- Work queues (docs/adr/0028): items that wait for executions of one action, given out in turn.

CREATE TABLE "work_queue" (
  "id" BIGSERIAL PRIMARY KEY,
  "tenant_id" BIGINT NOT NULL,
  "ref" TEXT NOT NULL,
  "pack_id" BIGINT REFERENCES "pack" ("id") ON DELETE CASCADE,
  "pack_ref" TEXT,
  "label" TEXT NOT NULL,
  "description" TEXT NOT NULL DEFAULT '',
  "dispatch_action_ref" TEXT NOT NULL,
  "enabled" BOOLEAN NOT NULL DEFAULT true,
  "accepting_new_items" BOOLEAN NOT NULL DEFAULT true,
  "allow_pending_update" BOOLEAN NOT NULL DEFAULT false,
  "update_strategy" TEXT NOT NULL DEFAULT 'immutable',
  "batch_mode" TEXT NOT NULL DEFAULT 'single',
  "default_priority" INTEGER NOT NULL DEFAULT 0,
  "item_schema" JSON NOT NULL DEFAULT '{}',
  "action_params" JSON NOT NULL DEFAULT '{}',
  "config" JSON NOT NULL DEFAULT '{}',
  "is_adhoc" BOOLEAN NOT NULL DEFAULT false,
  "created_by" BIGINT,
  -- Between its first dispatch and the moment when nothing waits or is out any more: what its events mark.
  "active" BOOLEAN NOT NULL DEFAULT false,
  -- Until then nothing new goes out: its cooldown.
  "rest_until" TIMESTAMPTZ(3),
  "created" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  "updated" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "work_queue_strategy_known" CHECK ("update_strategy" IN ('immutable', 'replace', 'merge_patch')),
  CONSTRAINT "work_queue_mode_known" CHECK ("batch_mode" IN ('single', 'batch')),
  CONSTRAINT "work_queue_pack_is_named" CHECK (("pack_id" IS NULL) = ("pack_ref" IS NULL))
);
CREATE UNIQUE INDEX "work_queue_tenant_id_ref_key" ON "work_queue" ("tenant_id", "ref");
CREATE INDEX "work_queue_of_pack" ON "work_queue" ("pack_id") WHERE "pack_id" IS NOT NULL;

-- One row per execution that was given items.
CREATE TABLE "work_queue_dispatch" (
  "id" BIGSERIAL PRIMARY KEY,
  "tenant_id" BIGINT NOT NULL,
  "queue_id" BIGINT NOT NULL REFERENCES "work_queue" ("id") ON DELETE CASCADE,
  "execution_id" BIGINT NOT NULL,
  "item_count" INTEGER NOT NULL,
  "lease_expires_at" TIMESTAMPTZ(3),
  -- Its lease ran out, and its execution was told to stop.
  "is_overdue" BOOLEAN NOT NULL DEFAULT false,
  -- How its execution ended, or 'gone'.
  "outcome" TEXT,
  "created" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  "ended_at" TIMESTAMPTZ(3),
  CONSTRAINT "work_queue_dispatch_end_has_outcome" CHECK (("ended_at" IS NULL) = ("outcome" IS NULL))
);
CREATE UNIQUE INDEX "work_queue_dispatch_of_execution" ON "work_queue_dispatch" ("tenant_id", "execution_id");
CREATE INDEX "work_queue_dispatch_newest" ON "work_queue_dispatch" ("tenant_id", "queue_id", "id" DESC);
CREATE INDEX "work_queue_dispatch_open" ON "work_queue_dispatch" ("tenant_id", "queue_id") WHERE "ended_at" IS NULL;
CREATE INDEX "work_queue_dispatch_due" ON "work_queue_dispatch" ("lease_expires_at") WHERE "ended_at" IS NULL AND NOT "is_overdue";
CREATE INDEX "work_queue_dispatch_old" ON "work_queue_dispatch" ("ended_at") WHERE "ended_at" IS NOT NULL;
CREATE INDEX "work_queue_dispatch_queue" ON "work_queue_dispatch" ("queue_id");

CREATE TABLE "work_queue_item" (
  "id" BIGSERIAL PRIMARY KEY,
  "tenant_id" BIGINT NOT NULL,
  "queue_id" BIGINT NOT NULL REFERENCES "work_queue" ("id") ON DELETE CASCADE,
  "item_key" TEXT,
  "priority" INTEGER NOT NULL,
  -- With masks where its schema says secret; those lie in "sealed".
  "payload" JSON NOT NULL,
  "metadata" JSON NOT NULL DEFAULT '{}',
  "sealed" BYTEA,
  "size_bytes" INTEGER NOT NULL,
  "status" TEXT NOT NULL DEFAULT 'queued',
  "enqueue_source" TEXT NOT NULL DEFAULT 'api',
  "attempt_count" INTEGER NOT NULL DEFAULT 0,
  -- A retry waits until then.
  "available_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  "leased_execution" BIGINT,
  "lease_token" UUID,
  "lease_expires_at" TIMESTAMPTZ(3),
  -- The execution that had it last, also after its end.
  "last_execution" BIGINT,
  "ack_summary" JSON,
  "last_error" JSON,
  "requested_by_identity" BIGINT,
  "requested_by_execution" BIGINT,
  "requested_by_enforcement" BIGINT,
  "created" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  "updated" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "work_queue_item_status_known" CHECK ("status" IN ('queued', 'leased', 'retry', 'completed', 'failed', 'skipped', 'cancelled')),
  CONSTRAINT "work_queue_item_lease_is_whole" CHECK (("status" = 'leased') = ("leased_execution" IS NOT NULL) AND ("status" = 'leased') = ("lease_token" IS NOT NULL))
);
-- Of one key one item waits; one that is tried again may stand beside it.
CREATE UNIQUE INDEX "work_queue_item_key" ON "work_queue_item" ("tenant_id", "queue_id", "item_key") WHERE "status" = 'queued' AND "item_key" IS NOT NULL;
CREATE INDEX "work_queue_item_retry_key" ON "work_queue_item" ("tenant_id", "queue_id", "item_key") WHERE "status" = 'retry' AND "item_key" IS NOT NULL;
CREATE INDEX "work_queue_item_turn" ON "work_queue_item" ("tenant_id", "queue_id", "priority" DESC, "id") WHERE "status" IN ('queued', 'retry');
CREATE INDEX "work_queue_item_available" ON "work_queue_item" ("tenant_id", "queue_id", "available_at") WHERE "status" IN ('queued', 'retry');
CREATE INDEX "work_queue_item_leased" ON "work_queue_item" ("tenant_id", "leased_execution") WHERE "status" = 'leased';
CREATE INDEX "work_queue_item_newest" ON "work_queue_item" ("tenant_id", "queue_id", "id" DESC);
CREATE INDEX "work_queue_item_status" ON "work_queue_item" ("tenant_id", "queue_id", "status", "id" DESC);
CREATE INDEX "work_queue_item_old" ON "work_queue_item" ("updated") WHERE "status" IN ('completed', 'failed', 'skipped', 'cancelled');
CREATE INDEX "work_queue_item_queue" ON "work_queue_item" ("queue_id");

DO $$
DECLARE
  v_table text;
BEGIN
  FOREACH v_table IN ARRAY ARRAY['work_queue', 'work_queue_dispatch', 'work_queue_item'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', v_table);
    EXECUTE format('CREATE POLICY own_tenant ON %I TO attune_app USING (tenant_id = (SELECT attune_tenant())) WITH CHECK (tenant_id = (SELECT attune_tenant()))', v_table);
    EXECUTE format('CREATE POLICY all_tenants ON %I TO attune_system USING (true) WITH CHECK (true)', v_table);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO attune_app, attune_system', v_table);
  END LOOP;
END $$;
GRANT USAGE ON SEQUENCE "work_queue_id_seq", "work_queue_dispatch_id_seq", "work_queue_item_id_seq" TO attune_app, attune_system;
