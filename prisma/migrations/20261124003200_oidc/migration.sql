-- Who somebody is at an OpenID Connect provider (docs/adr/0045).
CREATE TABLE "identity_subject" (
  "id" BIGSERIAL PRIMARY KEY,
  "tenant_id" BIGINT NOT NULL,
  "identity_id" BIGINT NOT NULL REFERENCES "identity" ("id") ON DELETE CASCADE,
  "issuer" TEXT NOT NULL,
  "subject" TEXT NOT NULL,
  "created" TIMESTAMPTZ(3) NOT NULL DEFAULT now()
);
-- Global: it is looked up before a tenant is known.
CREATE UNIQUE INDEX "identity_subject_once" ON "identity_subject" ("issuer", "subject");
CREATE INDEX "identity_subject_of_identity" ON "identity_subject" ("tenant_id", "identity_id");
ALTER TABLE "identity_subject" ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON "identity_subject" TO attune_app USING (tenant_id = (SELECT attune_tenant())) WITH CHECK (tenant_id = (SELECT attune_tenant()));
CREATE POLICY all_tenants ON "identity_subject" TO attune_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON "identity_subject" TO attune_app, attune_system;
GRANT USAGE ON SEQUENCE "identity_subject_id_seq" TO attune_app, attune_system;
