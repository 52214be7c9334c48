-- Requests that carry an Idempotency-Key, and their first answers (docs/adr/0031).

CREATE TABLE "idempotency_key" (
  "tenant_id" BIGINT NOT NULL,
  -- Who asked: `identity:5`, or `execution:17` for an execution with its own token.
  "caller" TEXT NOT NULL,
  "key" TEXT NOT NULL,
  -- Method and address, with its query.
  "route" TEXT NOT NULL,
  -- The body's hash, and once it is there the answer: an answer may hold what lies sealed elsewhere.
  "sealed" BYTEA NOT NULL,
  -- Of the answer; null while the request is under way.
  "status" INT,
  -- The request that is under way, as long as its lease is renewed.
  "holder" UUID NOT NULL,
  "lease_until" TIMESTAMPTZ(3) NOT NULL,
  -- Set in the first transaction of the request that wrote something.
  "took_effect" BOOLEAN NOT NULL DEFAULT false,
  "created" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  PRIMARY KEY ("tenant_id", "caller", "key")
);
-- For the purge, across tenants.
CREATE INDEX "idempotency_key_age" ON "idempotency_key" ("created");

ALTER TABLE "idempotency_key" ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON "idempotency_key" TO attune_app USING (tenant_id = (SELECT attune_tenant())) WITH CHECK (tenant_id = (SELECT attune_tenant()));
CREATE POLICY all_tenants ON "idempotency_key" TO attune_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON "idempotency_key" TO attune_app, attune_system;
