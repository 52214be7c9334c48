-- Environments: a venv or node_modules per content of what a pack asks for and interpreter, on one worker's disk
-- (docs/adr/0018). The row is the lease of whoever builds it, and its log.

CREATE TABLE environment (
  id bigserial NOT NULL,
  tenant_id bigint NOT NULL,
  kind text NOT NULL,
  key_hash text NOT NULL,
  place text NOT NULL,
  pack_refs text[] NOT NULL DEFAULT '{}',
  state text NOT NULL DEFAULT 'stale',
  log text NOT NULL DEFAULT '',
  error text,
  builder text,
  lease_until timestamptz(3) NOT NULL DEFAULT now(),
  build_ms integer,
  built_at timestamptz(3),
  used_at timestamptz(3) NOT NULL DEFAULT now(),
  created timestamptz(3) NOT NULL DEFAULT now(),
  updated timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT environment_pkey PRIMARY KEY (id),
  CONSTRAINT environment_kind CHECK (kind IN ('python', 'nodejs')),
  CONSTRAINT environment_state CHECK (state IN ('stale', 'building', 'ready', 'failed')),
  CONSTRAINT environment_log_size CHECK (length(log) <= 300000)
);
CREATE UNIQUE INDEX environment_tenant_id_key_hash_place_key ON environment (tenant_id, key_hash, place);
CREATE INDEX environment_unused ON environment (place, used_at);
ALTER TABLE environment ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON environment TO attune_app USING (tenant_id = (SELECT attune_tenant())) WITH CHECK (tenant_id = (SELECT attune_tenant()));
CREATE POLICY all_tenants ON environment TO attune_system USING (true) WITH CHECK (true);
GRANT SELECT, UPDATE ON environment TO attune_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON environment TO attune_system;
GRANT USAGE ON SEQUENCE environment_id_seq TO attune_app, attune_system;
