-- The files of a pack, once per content, so that a worker on any machine has them (docs/adr/0018).

CREATE TABLE pack_archive (
  tenant_id bigint NOT NULL,
  content_hash text NOT NULL,
  content bytea NOT NULL,
  created timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT pack_archive_pkey PRIMARY KEY (tenant_id, content_hash),
  CONSTRAINT pack_archive_size CHECK (octet_length(content) <= 33554432)
);
CREATE INDEX pack_archive_content ON pack_archive (content_hash);
-- It is compressed already.
ALTER TABLE pack_archive ALTER COLUMN content SET STORAGE EXTERNAL;
ALTER TABLE pack_archive ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON pack_archive TO attune_app USING (tenant_id = (SELECT attune_tenant())) WITH CHECK (tenant_id = (SELECT attune_tenant()));
CREATE POLICY all_tenants ON pack_archive TO attune_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON pack_archive TO attune_app, attune_system;

ALTER TABLE pack ADD COLUMN source jsonb NOT NULL DEFAULT '{}';
ALTER TABLE pack ADD COLUMN problems jsonb NOT NULL DEFAULT '[]';
ALTER TABLE pack ADD COLUMN unsupported jsonb NOT NULL DEFAULT '[]';
