-- Secrets at rest (docs/adr/0015). An execution's secret parameters lie sealed beside the masked ones.

-- One row per master key that something may be sealed with; a process that cannot open each refuses to start.
CREATE TABLE sealing_canary (
  tenant_id bigint NOT NULL,
  key_id text NOT NULL,
  sealed bytea NOT NULL,
  created timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT sealing_canary_pkey PRIMARY KEY (tenant_id, key_id)
);
ALTER TABLE sealing_canary ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON sealing_canary TO attune_app USING (tenant_id = (SELECT attune_tenant())) WITH CHECK (tenant_id = (SELECT attune_tenant()));
CREATE POLICY all_tenants ON sealing_canary TO attune_system USING (true) WITH CHECK (true);
GRANT SELECT ON sealing_canary TO attune_app;
GRANT SELECT, INSERT, DELETE ON sealing_canary TO attune_system;
