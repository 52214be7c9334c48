-- The datastore (docs/adr/0016): named values that belong to the tenant, a person, a pack, an action or a sensor.

CREATE TABLE "key" (
  "id" BIGSERIAL PRIMARY KEY,
  "tenant_id" BIGINT NOT NULL,
  "ref" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "owner_type" TEXT NOT NULL,
  "owner" TEXT NOT NULL DEFAULT '',
  "owner_identity" BIGINT REFERENCES "identity" ("id") ON DELETE CASCADE,
  "encrypted" BOOLEAN NOT NULL,
  "value" JSON,
  "sealed" BYTEA,
  "expires_at" TIMESTAMPTZ(3),
  "created_by" BIGINT,
  "updated_by" BIGINT,
  "created" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  "updated" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  CONSTRAINT "key_owner_type_known" CHECK ("owner_type" IN ('system', 'identity', 'pack', 'action', 'sensor')),
  CONSTRAINT "key_owner_is_named" CHECK (("owner_type" = 'system') = ("owner" = '')),
  CONSTRAINT "key_owner_identity_is_known" CHECK (("owner_type" = 'identity') = ("owner_identity" IS NOT NULL)),
  -- An encrypted value lies in no other column than the sealed one.
  CONSTRAINT "key_value_is_sealed_or_plain" CHECK (
    ("encrypted" AND "sealed" IS NOT NULL AND "value" IS NULL) OR (NOT "encrypted" AND "sealed" IS NULL AND "value" IS NOT NULL))
);
CREATE UNIQUE INDEX "key_once_per_owner" ON "key" ("tenant_id", "owner_type", "owner", "ref");
CREATE INDEX "key_by_ref" ON "key" ("tenant_id", "ref", "id");
CREATE INDEX "key_due" ON "key" ("expires_at") WHERE "expires_at" IS NOT NULL;

ALTER TABLE "key" ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON "key" TO attune_app
  USING (tenant_id = (SELECT attune_tenant())) WITH CHECK (tenant_id = (SELECT attune_tenant()));
CREATE POLICY all_tenants ON "key" TO attune_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON "key" TO attune_app, attune_system;
GRANT USAGE ON SEQUENCE "key_id_seq" TO attune_app, attune_system;
