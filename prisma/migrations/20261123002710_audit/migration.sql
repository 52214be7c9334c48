-- Who did what that matters for trust, or was refused it (docs/adr/0032). Rows are added, never changed.

CREATE TABLE "audit_event" (
  "id" BIGSERIAL,
  "tenant_id" BIGINT NOT NULL,
  "category" TEXT NOT NULL,
  "event_type" TEXT NOT NULL,
  -- success | failure | denied
  "outcome" TEXT NOT NULL CHECK ("outcome" IN ('success', 'failure', 'denied')),
  "actor_identity" BIGINT,
  "actor_login" TEXT,
  -- session (a browser), access (a token), execution
  "actor_token_type" TEXT,
  "actor_ip" TEXT,
  "actor_user_agent" TEXT,
  "http_method" TEXT,
  "http_path" TEXT,
  "http_status" INT,
  "request_id" UUID,
  "duration_ms" INT,
  "resource_type" TEXT,
  "resource_id" BIGINT,
  "resource_ref" TEXT,
  "details" JSONB,
  "created" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY ("tenant_id", "id")
);
CREATE INDEX "audit_event_category" ON "audit_event" ("tenant_id", "category", "id" DESC);
CREATE INDEX "audit_event_actor" ON "audit_event" ("tenant_id", "actor_identity", "id" DESC);
CREATE INDEX "audit_event_age" ON "audit_event" ("created");

ALTER TABLE "audit_event" ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON "audit_event" TO attune_app USING (tenant_id = (SELECT attune_tenant())) WITH CHECK (tenant_id = (SELECT attune_tenant()));
CREATE POLICY all_tenants ON "audit_event" TO attune_system USING (true) WITH CHECK (true);
REVOKE ALL ON "audit_event" FROM attune_app, attune_system;
GRANT SELECT, INSERT ON "audit_event" TO attune_app, attune_system;
GRANT USAGE ON SEQUENCE "audit_event_id_seq" TO attune_app, attune_system;

-- The only way in which rows leave: by age, and never younger than 30 days.
CREATE FUNCTION attune_purge_audit(p_days int, p_limit int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_count int;
BEGIN
  DELETE FROM audit_event WHERE (tenant_id, id) IN (
    SELECT tenant_id, id FROM audit_event WHERE created < clock_timestamp() - make_interval(days => GREATEST(p_days, 30))
    ORDER BY created LIMIT p_limit);
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END $$;
REVOKE EXECUTE ON FUNCTION attune_purge_audit(int, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attune_purge_audit(int, int) TO attune_system;
