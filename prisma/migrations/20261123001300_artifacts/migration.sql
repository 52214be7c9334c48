-- Artifacts (docs/adr/0022): what runs leave for people to look at: files in versions, progress, links.

CREATE TABLE "artifact" (
  "id" BIGSERIAL PRIMARY KEY,
  "tenant_id" BIGINT NOT NULL,
  "ref" TEXT NOT NULL,
  "scope" TEXT NOT NULL,
  "owner" TEXT NOT NULL DEFAULT '',
  "type" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "description" TEXT NOT NULL DEFAULT '',
  "content_type" TEXT,
  "visibility" TEXT NOT NULL,
  "retention_policy" TEXT NOT NULL,
  "retention_limit" INTEGER NOT NULL,
  "url" TEXT,
  "execution_id" BIGINT,
  "entry_count" BIGINT NOT NULL DEFAULT 0,
  "last_version" INTEGER NOT NULL DEFAULT 0,
  "created_by" BIGINT,
  "created" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  "updated" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  CONSTRAINT "artifact_scope_known" CHECK ("scope" IN ('system', 'identity', 'pack', 'action', 'sensor')),
  CONSTRAINT "artifact_owner_is_named" CHECK (("scope" = 'system') = ("owner" = '')),
  CONSTRAINT "artifact_type_known" CHECK ("type" IN ('file_binary', 'file_datatable', 'file_image', 'file_text', 'other', 'progress', 'url')),
  CONSTRAINT "artifact_visibility_known" CHECK ("visibility" IN ('public', 'private')),
  CONSTRAINT "artifact_retention_known" CHECK ("retention_policy" IN ('versions', 'days', 'hours', 'minutes') AND "retention_limit" BETWEEN 1 AND 10000),
  CONSTRAINT "artifact_link_leads_somewhere" CHECK (("type" = 'url') = ("url" IS NOT NULL))
);
CREATE UNIQUE INDEX "artifact_by_ref" ON "artifact" ("tenant_id", "ref");
CREATE INDEX "artifact_newest" ON "artifact" ("tenant_id", "id" DESC);
CREATE INDEX "artifact_of_execution" ON "artifact" ("tenant_id", "execution_id") WHERE "execution_id" IS NOT NULL;
CREATE INDEX "artifact_due" ON "artifact" ("updated") WHERE "retention_policy" <> 'versions';

CREATE TABLE "artifact_version" (
  "id" BIGSERIAL PRIMARY KEY,
  "tenant_id" BIGINT NOT NULL,
  "artifact_id" BIGINT NOT NULL REFERENCES "artifact" ("id") ON DELETE CASCADE,
  "number" INTEGER NOT NULL,
  "file_name" TEXT NOT NULL,
  "content_type" TEXT NOT NULL,
  "size_bytes" BIGINT NOT NULL,
  "sha256" TEXT NOT NULL,
  -- Where the bytes lie: in artifact_chunk, or in the file <folder>/<tenant>/<id>.
  "stored_in" TEXT NOT NULL,
  "execution_id" BIGINT,
  "created_by" BIGINT,
  "created" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  CONSTRAINT "artifact_version_stored_somewhere" CHECK ("stored_in" IN ('database', 'disk'))
);
CREATE UNIQUE INDEX "artifact_version_number" ON "artifact_version" ("tenant_id", "artifact_id", "number");
CREATE INDEX "artifact_version_of_execution" ON "artifact_version" ("tenant_id", "execution_id") WHERE "execution_id" IS NOT NULL;

CREATE TABLE "artifact_chunk" (
  "tenant_id" BIGINT NOT NULL,
  "version_id" BIGINT NOT NULL REFERENCES "artifact_version" ("id") ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  "seq" INTEGER NOT NULL,
  "content" BYTEA NOT NULL,
  CONSTRAINT "artifact_chunk_pkey" PRIMARY KEY ("tenant_id", "version_id", "seq"),
  CONSTRAINT "artifact_chunk_size" CHECK (octet_length("content") <= 1048576)
);
CREATE INDEX "artifact_chunk_version" ON "artifact_chunk" ("version_id");
ALTER TABLE "artifact_chunk" ALTER COLUMN "content" SET STORAGE EXTERNAL;

CREATE TABLE "artifact_entry" (
  "tenant_id" BIGINT NOT NULL,
  "artifact_id" BIGINT NOT NULL REFERENCES "artifact" ("id") ON DELETE CASCADE,
  "seq" BIGINT NOT NULL,
  "entry" JSON NOT NULL,
  "execution_id" BIGINT,
  "created" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  CONSTRAINT "artifact_entry_pkey" PRIMARY KEY ("tenant_id", "artifact_id", "seq")
);
CREATE INDEX "artifact_entry_artifact" ON "artifact_entry" ("artifact_id");

DO $$
DECLARE
  v_table text;
BEGIN
  FOREACH v_table IN ARRAY ARRAY['artifact', 'artifact_version', 'artifact_chunk', 'artifact_entry'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', v_table);
    EXECUTE format('CREATE POLICY own_tenant ON %I TO attune_app USING (tenant_id = (SELECT attune_tenant())) WITH CHECK (tenant_id = (SELECT attune_tenant()))', v_table);
    EXECUTE format('CREATE POLICY all_tenants ON %I TO attune_system USING (true) WITH CHECK (true)', v_table);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO attune_app, attune_system', v_table);
  END LOOP;
END $$;
GRANT USAGE ON SEQUENCE "artifact_id_seq", "artifact_version_id_seq" TO attune_app, attune_system;
