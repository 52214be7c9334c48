-- Roles join identities to permission sets by a name; API tokens are exchanged for the signed ones (docs/adr/0029).

CREATE TABLE "identity_role" (
  "id" BIGSERIAL PRIMARY KEY,
  "tenant_id" BIGINT NOT NULL,
  "identity_id" BIGINT NOT NULL REFERENCES "identity" ("id") ON DELETE CASCADE,
  "role" TEXT NOT NULL,
  "created" TIMESTAMPTZ(3) NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX "identity_role_once" ON "identity_role" ("tenant_id", "identity_id", "role");

CREATE TABLE "permission_set_role" (
  "id" BIGSERIAL PRIMARY KEY,
  "tenant_id" BIGINT NOT NULL,
  "permission_set_id" BIGINT NOT NULL REFERENCES "permission_set" ("id") ON DELETE CASCADE,
  "role" TEXT NOT NULL,
  "created" TIMESTAMPTZ(3) NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX "permission_set_role_once" ON "permission_set_role" ("tenant_id", "role", "permission_set_id");

CREATE TABLE "api_token" (
  "id" BIGSERIAL PRIMARY KEY,
  "tenant_id" BIGINT NOT NULL,
  "identity_id" BIGINT NOT NULL REFERENCES "identity" ("id") ON DELETE CASCADE,
  "label" TEXT NOT NULL,
  "description" TEXT NOT NULL DEFAULT '',
  -- SHA-256: the token itself is shown once and kept nowhere.
  "token_hash" BYTEA NOT NULL,
  "active" BOOLEAN NOT NULL DEFAULT true,
  "created_by" BIGINT,
  "created" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  "last_used" TIMESTAMPTZ(3),
  "revoked_at" TIMESTAMPTZ(3)
);
CREATE UNIQUE INDEX "api_token_hash" ON "api_token" ("token_hash");
CREATE INDEX "api_token_of_identity" ON "api_token" ("tenant_id", "identity_id", "id" DESC);

-- What was exchanged for a token ends with it.
ALTER TABLE "session" ADD COLUMN "api_token_id" BIGINT REFERENCES "api_token" ("id") ON DELETE CASCADE;
CREATE INDEX "session_of_api_token" ON "session" ("tenant_id", "api_token_id") WHERE "api_token_id" IS NOT NULL;

-- Made by a pack's files, or by hand.
ALTER TABLE "permission_set" ADD COLUMN "is_adhoc" BOOLEAN NOT NULL DEFAULT true;

DO $$
DECLARE
  v_table text;
BEGIN
  FOREACH v_table IN ARRAY ARRAY['identity_role', 'permission_set_role', 'api_token'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', v_table);
    EXECUTE format('CREATE POLICY own_tenant ON %I TO attune_app USING (tenant_id = (SELECT attune_tenant())) WITH CHECK (tenant_id = (SELECT attune_tenant()))', v_table);
    EXECUTE format('CREATE POLICY all_tenants ON %I TO attune_system USING (true) WITH CHECK (true)', v_table);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO attune_app, attune_system', v_table);
  END LOOP;
END $$;
GRANT USAGE ON SEQUENCE "identity_role_id_seq", "permission_set_role_id_seq", "api_token_id_seq" TO attune_app, attune_system;
