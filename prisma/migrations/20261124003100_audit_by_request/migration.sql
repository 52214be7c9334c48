-- Everything that one request left in the audit log is found by its id.
CREATE INDEX "audit_event_of_request" ON "audit_event" ("tenant_id", "request_id") WHERE "request_id" IS NOT NULL;
