-- What a webhook asks of its callers, and what became of their calls (docs/adr/0026).

-- The secret that a caller signs with; sealed.
CREATE TABLE "webhook_secret" (
  "tenant_id" BIGINT NOT NULL,
  "trigger_id" BIGINT NOT NULL REFERENCES "trigger" ("id") ON DELETE CASCADE,
  "sealed" BYTEA NOT NULL,
  CONSTRAINT "webhook_secret_pkey" PRIMARY KEY ("tenant_id", "trigger_id")
);
CREATE INDEX "webhook_secret_trigger" ON "webhook_secret" ("trigger_id");

-- How many calls the window under way has seen, whichever process took them. Written at every call, so rows have room to grow in place.
CREATE TABLE "webhook_rate" (
  "tenant_id" BIGINT NOT NULL,
  "trigger_id" BIGINT NOT NULL REFERENCES "trigger" ("id") ON DELETE CASCADE,
  "window_start" TIMESTAMPTZ(3) NOT NULL,
  "used" INTEGER NOT NULL,
  CONSTRAINT "webhook_rate_pkey" PRIMARY KEY ("tenant_id", "trigger_id")
) WITH (fillfactor = 50);
CREATE INDEX "webhook_rate_trigger" ON "webhook_rate" ("trigger_id");

-- What a sender calls its delivery, once each, as a hash; the event is the one that it first made.
CREATE TABLE "webhook_seen" (
  "tenant_id" BIGINT NOT NULL,
  "trigger_id" BIGINT NOT NULL REFERENCES "trigger" ("id") ON DELETE CASCADE,
  "name_hash" BYTEA NOT NULL,
  "event_id" BIGINT,
  "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "webhook_seen_pkey" PRIMARY KEY ("tenant_id", "trigger_id", "name_hash")
);
CREATE INDEX "webhook_seen_old" ON "webhook_seen" ("received_at");
CREATE INDEX "webhook_seen_trigger" ON "webhook_seen" ("trigger_id");

CREATE TABLE "webhook_delivery" (
  "id" BIGSERIAL NOT NULL,
  "tenant_id" BIGINT NOT NULL,
  "trigger_id" BIGINT NOT NULL REFERENCES "trigger" ("id") ON DELETE CASCADE,
  "verdict" TEXT NOT NULL,
  -- What the caller was answered, as HTTP has it.
  "status" INTEGER NOT NULL,
  "reason" TEXT NOT NULL DEFAULT '',
  "address" TEXT NOT NULL,
  "size_bytes" BIGINT NOT NULL,
  "event_id" BIGINT,
  "redelivery_of" BIGINT,
  -- Of a refused call; of an accepted one they are the event's.
  "headers" JSON,
  "body" TEXT,
  -- Calls before this one that were refused or repeated, and not kept.
  "unkept" BIGINT NOT NULL DEFAULT 0,
  "created" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "webhook_delivery_pkey" PRIMARY KEY ("tenant_id", "id"),
  CONSTRAINT "webhook_delivery_verdict_known" CHECK ("verdict" IN ('accepted', 'duplicate', 'challenge', 'bad_signature', 'rate_limited', 'address_refused', 'too_large', 'malformed', 'misconfigured')),
  CONSTRAINT "webhook_delivery_accepted_has_event" CHECK (("verdict" IN ('accepted', 'duplicate')) = ("event_id" IS NOT NULL)),
  CONSTRAINT "webhook_delivery_body_is_short" CHECK (octet_length("body") <= 65536)
);
CREATE INDEX "webhook_delivery_newest" ON "webhook_delivery" ("tenant_id", "trigger_id", "id" DESC);
CREATE INDEX "webhook_delivery_old" ON "webhook_delivery" ("created");
CREATE INDEX "webhook_delivery_trigger" ON "webhook_delivery" ("trigger_id");

DO $$
DECLARE
  v_table text;
BEGIN
  FOREACH v_table IN ARRAY ARRAY['webhook_secret', 'webhook_rate', 'webhook_seen', 'webhook_delivery'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', v_table);
    EXECUTE format('CREATE POLICY own_tenant ON %I TO attune_app USING (tenant_id = (SELECT attune_tenant())) WITH CHECK (tenant_id = (SELECT attune_tenant()))', v_table);
    EXECUTE format('CREATE POLICY all_tenants ON %I TO attune_system USING (true) WITH CHECK (true)', v_table);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO attune_app, attune_system', v_table);
  END LOOP;
END $$;
GRANT USAGE ON SEQUENCE "webhook_delivery_id_seq" TO attune_app, attune_system;
