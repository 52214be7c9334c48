-- Runtimes that packs bring: a program that runs files (docs/adr/0034). Those of the studio are in the code.
CREATE TABLE "runtime" (
  "id" BIGSERIAL PRIMARY KEY,
  "tenant_id" BIGINT NOT NULL,
  "pack_id" BIGINT NOT NULL REFERENCES "pack" ("id") ON DELETE CASCADE,
  "pack_ref" TEXT NOT NULL,
  "ref" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "description" TEXT NOT NULL DEFAULT '',
  -- The program and its first arguments.
  "interpreter" TEXT[] NOT NULL,
  "file_endings" TEXT[] NOT NULL DEFAULT '{}',
  "created" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  "updated" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  CONSTRAINT "runtime_has_a_program" CHECK (cardinality("interpreter") > 0)
);
-- Below that are those of the studio (server/runtimes/runtimes.ts).
ALTER SEQUENCE "runtime_id_seq" RESTART WITH 101;
CREATE UNIQUE INDEX "runtime_by_ref" ON "runtime" ("tenant_id", "ref");
CREATE INDEX "runtime_of_pack" ON "runtime" ("tenant_id", "pack_id");
CREATE INDEX "runtime_pack" ON "runtime" ("pack_id");
ALTER TABLE "runtime" ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON "runtime" TO attune_app USING (tenant_id = (SELECT attune_tenant())) WITH CHECK (tenant_id = (SELECT attune_tenant()));
CREATE POLICY standard_is_read ON "runtime" FOR SELECT TO attune_app USING (tenant_id = 1);
CREATE POLICY all_tenants ON "runtime" TO attune_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON "runtime" TO attune_app, attune_system;
GRANT USAGE ON SEQUENCE "runtime_id_seq" TO attune_app, attune_system;

-- Every folder of a pack is read now.
ALTER TABLE "pack" DROP COLUMN "unsupported";
