-- Sensors (docs/adr/0027): what each is, beside it how it runs, and what it printed last.

CREATE TABLE "sensor" (
  "id" BIGSERIAL PRIMARY KEY,
  "tenant_id" BIGINT NOT NULL,
  "pack_id" BIGINT NOT NULL REFERENCES "pack" ("id") ON DELETE CASCADE,
  "pack_ref" TEXT NOT NULL,
  "ref" TEXT NOT NULL,
  "label" TEXT NOT NULL,
  "description" TEXT NOT NULL DEFAULT '',
  -- shell | python | nodejs; native: part of the studio, and never a process of its own.
  "runtime" TEXT NOT NULL,
  "entrypoint" TEXT NOT NULL DEFAULT '',
  -- The source, as it was read from the pack's files; null where only the file has it.
  "code" TEXT,
  "trigger_refs" TEXT[] NOT NULL,
  "param_schema" JSON NOT NULL DEFAULT '{}',
  "config" JSON NOT NULL DEFAULT '{}',
  "limits" JSON NOT NULL DEFAULT '{}',
  "enabled" BOOLEAN NOT NULL DEFAULT true,
  "is_adhoc" BOOLEAN NOT NULL DEFAULT false,
  -- One higher with each change of what its process does.
  "revision" INTEGER NOT NULL DEFAULT 1,
  "created_by" BIGINT,
  "created" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  "updated" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "sensor_runtime_known" CHECK ("runtime" IN ('shell', 'python', 'nodejs', 'native')),
  CONSTRAINT "sensor_has_a_trigger" CHECK (cardinality("trigger_refs") BETWEEN 1 AND 50)
);
CREATE UNIQUE INDEX "sensor_tenant_id_ref_key" ON "sensor" ("tenant_id", "ref");
CREATE INDEX "sensor_pack" ON "sensor" ("pack_id");
CREATE INDEX "sensor_launched" ON "sensor" ("id") WHERE "enabled" AND "runtime" <> 'native';

-- A row for itself, so that a process that speaks and a person who edits do not wait for each other.
CREATE TABLE "sensor_run" (
  "tenant_id" BIGINT NOT NULL,
  "sensor_id" BIGINT NOT NULL REFERENCES "sensor" ("id") ON DELETE CASCADE,
  -- One higher with each claim; what comes with an older one is refused.
  "fence" BIGINT NOT NULL DEFAULT 0,
  "worker_id" BIGINT,
  "lease_until" TIMESTAMPTZ(3),
  -- What the process was started with, as a digest: another one wants another process.
  "wish" TEXT,
  -- Since when its process runs; null while there is none.
  "started_at" TIMESTAMPTZ(3),
  -- In a row.
  "failures" INTEGER NOT NULL DEFAULT 0,
  "not_before" TIMESTAMPTZ(3),
  "last_error" TEXT,
  "last_error_at" TIMESTAMPTZ(3),
  "cursor" JSON,
  "cursor_at" TIMESTAMPTZ(3),
  -- How often its cursor was reset by hand: each wants a new process.
  "resets" INTEGER NOT NULL DEFAULT 0,
  -- The last piece of this fence that was stored, so that one whose commit was not answered is not stored twice.
  "piece" BIGINT NOT NULL DEFAULT 0,
  "events" BIGINT NOT NULL DEFAULT 0,
  CONSTRAINT "sensor_run_pkey" PRIMARY KEY ("tenant_id", "sensor_id"),
  CONSTRAINT "sensor_run_held_with_a_lease" CHECK (("worker_id" IS NULL) = ("lease_until" IS NULL)),
  CONSTRAINT "sensor_cursor_is_small" CHECK ("cursor" IS NULL OR octet_length("cursor"::text) <= 65536)
);
CREATE UNIQUE INDEX "sensor_run_of_sensor" ON "sensor_run" ("sensor_id");
CREATE INDEX "sensor_run_of_worker" ON "sensor_run" ("worker_id") WHERE "worker_id" IS NOT NULL;

-- What was said once is not said again.
CREATE TABLE "sensor_dedupe" (
  "tenant_id" BIGINT NOT NULL,
  "sensor_id" BIGINT NOT NULL REFERENCES "sensor" ("id") ON DELETE CASCADE,
  "key" TEXT NOT NULL,
  "created" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "sensor_dedupe_pkey" PRIMARY KEY ("tenant_id", "sensor_id", "key")
);
CREATE INDEX "sensor_dedupe_old" ON "sensor_dedupe" ("created");
CREATE INDEX "sensor_dedupe_sensor" ON "sensor_dedupe" ("sensor_id");

CREATE TABLE "sensor_log" (
  "tenant_id" BIGINT NOT NULL,
  "sensor_id" BIGINT NOT NULL REFERENCES "sensor" ("id") ON DELETE CASCADE,
  "stream" TEXT NOT NULL,
  "id" BIGSERIAL NOT NULL,
  "content" TEXT NOT NULL,
  "lines" INTEGER NOT NULL,
  "created" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "sensor_log_pkey" PRIMARY KEY ("tenant_id", "sensor_id", "stream", "id"),
  CONSTRAINT "sensor_log_stream_known" CHECK ("stream" IN ('stdout', 'stderr'))
);
CREATE INDEX "sensor_log_sensor" ON "sensor_log" ("sensor_id");

DO $$
DECLARE
  v_table text;
BEGIN
  FOREACH v_table IN ARRAY ARRAY['sensor', 'sensor_run', 'sensor_dedupe', 'sensor_log'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', v_table);
    EXECUTE format('CREATE POLICY own_tenant ON %I TO attune_app USING (tenant_id = (SELECT attune_tenant())) WITH CHECK (tenant_id = (SELECT attune_tenant()))', v_table);
    EXECUTE format('CREATE POLICY all_tenants ON %I TO attune_system USING (true) WITH CHECK (true)', v_table);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO attune_app, attune_system', v_table);
  END LOOP;
END $$;
CREATE POLICY standard_is_read ON "sensor" FOR SELECT TO attune_app USING (tenant_id = 1);
GRANT USAGE ON SEQUENCE "sensor_id_seq", "sensor_log_id_seq" TO attune_app, attune_system;

-- Whoever makes a sensor, it has its row.
CREATE FUNCTION attune_add_sensor_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO sensor_run (tenant_id, sensor_id) VALUES (NEW.tenant_id, NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER sensor_has_a_run AFTER INSERT ON "sensor" FOR EACH ROW EXECUTE FUNCTION attune_add_sensor_run();

-- The sensor that an event came from.
ALTER TABLE "event" ADD COLUMN "sensor_id" BIGINT;

-- What is to run, and with what. A sensor runs while a rule that is on uses one of its triggers that is on.
CREATE VIEW sensor_wish AS
  SELECT s.tenant_id, s.id AS sensor_id, s.runtime,
    md5(concat_ws('|', s.revision, p.path, p.config::text, u.resets,
      string_agg(concat_ws(':', r.ref, r.trigger_ref, r.trigger_params::text), ',' ORDER BY r.id))) AS wish
  FROM sensor s
  JOIN pack p ON p.id = s.pack_id
  JOIN sensor_run u ON u.tenant_id = s.tenant_id AND u.sensor_id = s.id
  JOIN rule r ON r.tenant_id = s.tenant_id AND r.trigger_ref = ANY (s.trigger_refs) AND r.enabled
  WHERE s.enabled AND s.runtime <> 'native'
    AND EXISTS (SELECT FROM trigger t WHERE t.tenant_id IN (1, s.tenant_id) AND t.ref = r.trigger_ref AND t.enabled)
  GROUP BY s.tenant_id, s.id, s.runtime, s.revision, p.path, p.config::text, u.resets;
GRANT SELECT ON sensor_wish TO attune_system;
