-- Runs of drafts, pins, names of revisions, saved inputs, and who has a workflow open (docs/adr/0040).

-- Outputs that runs of the draft hold, by task. They are no part of what is published.
ALTER TABLE "workflow" ADD COLUMN "pins" JSON NOT NULL DEFAULT '{}';

-- A revision stays as it is; what people call it may change.
ALTER TABLE "workflow_revision" ADD COLUMN "name" TEXT NOT NULL DEFAULT '';
DROP TRIGGER workflow_revision_immutable ON workflow_revision;
CREATE TRIGGER workflow_revision_immutable
  BEFORE UPDATE OF id, tenant_id, workflow_id, number, definition, layout, note, created_by, created ON workflow_revision
  FOR EACH ROW EXECUTE FUNCTION attune_refuse_change();
GRANT UPDATE ("name") ON workflow_revision TO attune_app, attune_system;

CREATE TABLE "workflow_input_set" (
  "id" BIGSERIAL PRIMARY KEY,
  "tenant_id" BIGINT NOT NULL,
  "workflow_id" BIGINT NOT NULL REFERENCES "workflow" ("id") ON DELETE CASCADE,
  "name" TEXT NOT NULL CHECK (length("name") BETWEEN 1 AND 100),
  -- Whose it is; null: for everybody in the tenant.
  "identity_id" BIGINT,
  "parameters" JSON NOT NULL,
  "updated" TIMESTAMPTZ(3) NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX "workflow_input_set_name" ON "workflow_input_set" ("tenant_id", "workflow_id", COALESCE("identity_id", 0), "name");
CREATE INDEX "workflow_input_set_workflow" ON "workflow_input_set" ("workflow_id");

-- One row per tab that has the editor open; a row that was not renewed is nobody.
CREATE TABLE "workflow_presence" (
  "tenant_id" BIGINT NOT NULL,
  "workflow_id" BIGINT NOT NULL REFERENCES "workflow" ("id") ON DELETE CASCADE,
  "tab" UUID NOT NULL,
  "identity_id" BIGINT NOT NULL,
  "seen" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  PRIMARY KEY ("tenant_id", "workflow_id", "tab")
);
CREATE INDEX "workflow_presence_workflow" ON "workflow_presence" ("workflow_id");

DO $$ DECLARE t text; BEGIN
  FOREACH t IN ARRAY ARRAY['workflow_input_set', 'workflow_presence'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_tenant ON %I TO attune_app USING (tenant_id = (SELECT attune_tenant())) WITH CHECK (tenant_id = (SELECT attune_tenant()))', t);
    EXECUTE format('CREATE POLICY all_tenants ON %I TO attune_system USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO attune_app, attune_system', t);
  END LOOP;
END $$;
GRANT USAGE ON SEQUENCE "workflow_input_set_id_seq" TO attune_app, attune_system;
