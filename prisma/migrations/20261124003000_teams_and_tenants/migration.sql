-- Teams hold permission sets for their members, also for one pack alone (docs/adr/0043); a person may be in several
-- tenants with one login, and a tenant may be suspended (docs/adr/0044).

CREATE TABLE "team" (
  "id" BIGSERIAL PRIMARY KEY,
  "tenant_id" BIGINT NOT NULL,
  "name" TEXT NOT NULL,
  "label" TEXT NOT NULL,
  "description" TEXT NOT NULL DEFAULT '',
  "created" TIMESTAMPTZ(3) NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX "team_name" ON "team" ("tenant_id", "name");

CREATE TABLE "team_member" (
  "id" BIGSERIAL PRIMARY KEY,
  "tenant_id" BIGINT NOT NULL,
  "team_id" BIGINT NOT NULL REFERENCES "team" ("id") ON DELETE CASCADE,
  "identity_id" BIGINT NOT NULL REFERENCES "identity" ("id") ON DELETE CASCADE,
  "created" TIMESTAMPTZ(3) NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX "team_member_once" ON "team_member" ("tenant_id", "identity_id", "team_id");
CREATE INDEX "team_member_of_team" ON "team_member" ("tenant_id", "team_id");

-- To an identity or to a team, for everything or for one pack.
ALTER TABLE "permission_assignment"
  ALTER COLUMN "identity_id" DROP NOT NULL,
  ADD COLUMN "team_id" BIGINT REFERENCES "team" ("id") ON DELETE CASCADE,
  ADD COLUMN "pack_ref" TEXT,
  ADD CONSTRAINT "permission_assignment_whom" CHECK (("identity_id" IS NULL) <> ("team_id" IS NULL));
DROP INDEX "permission_assignment_tenant_id_identity_id_permission_set__key";
CREATE UNIQUE INDEX "permission_assignment_once" ON "permission_assignment"
  ("tenant_id", "identity_id", "team_id", "permission_set_id", "pack_ref") NULLS NOT DISTINCT;
CREATE INDEX "permission_assignment_of_team" ON "permission_assignment" ("tenant_id", "team_id") WHERE "team_id" IS NOT NULL;

ALTER TABLE "permission_set_role" ADD COLUMN "pack_ref" TEXT;
DROP INDEX "permission_set_role_once";
CREATE UNIQUE INDEX "permission_set_role_once" ON "permission_set_role"
  ("tenant_id", "role", "permission_set_id", "pack_ref") NULLS NOT DISTINCT;

-- The identity of a person in another tenant: its login and its password are those of its home.
ALTER TABLE "identity" ADD COLUMN "home_id" BIGINT REFERENCES "identity" ("id") ON DELETE CASCADE,
  ADD CONSTRAINT "identity_password_is_at_home" CHECK ("home_id" IS NULL OR "password_hash" IS NULL);
DROP INDEX "identity_login_key";
DROP INDEX "identity_tenant_id_login_idx";
CREATE UNIQUE INDEX "identity_login_at_home" ON "identity" ("login") WHERE "home_id" IS NULL;
CREATE UNIQUE INDEX "identity_login_in_tenant" ON "identity" ("tenant_id", "login");
CREATE INDEX "identity_of_home" ON "identity" ("home_id") WHERE "home_id" IS NOT NULL;

ALTER TABLE "tenant" ADD COLUMN "suspended_at" TIMESTAMPTZ(3);

DO $$
DECLARE
  v_table text;
BEGIN
  FOREACH v_table IN ARRAY ARRAY['team', 'team_member'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', v_table);
    EXECUTE format('CREATE POLICY own_tenant ON %I TO attune_app USING (tenant_id = (SELECT attune_tenant())) WITH CHECK (tenant_id = (SELECT attune_tenant()))', v_table);
    EXECUTE format('CREATE POLICY all_tenants ON %I TO attune_system USING (true) WITH CHECK (true)', v_table);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO attune_app, attune_system', v_table);
  END LOOP;
END $$;
GRANT USAGE ON SEQUENCE "team_id_seq", "team_member_id_seq" TO attune_app, attune_system;
