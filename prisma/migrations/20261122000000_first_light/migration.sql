-- Written by `npm run prisma -- migrate diff`, then one hand-made change: PARTITION BY on the tables whose rows are many.
-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "tenant" (
    "id" BIGSERIAL NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "identity" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" BIGINT NOT NULL,
    "login" TEXT NOT NULL,
    "display_name" TEXT NOT NULL,
    "password_hash" TEXT,
    "frozen" BOOLEAN NOT NULL DEFAULT false,
    "attributes" JSONB NOT NULL DEFAULT '{}',
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "identity_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" BIGINT NOT NULL,
    "identity_id" BIGINT NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "user_agent" TEXT NOT NULL DEFAULT '',
    "ip" TEXT NOT NULL DEFAULT '',
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sign_in_failure" (
    "tenant_id" BIGINT NOT NULL DEFAULT 1,
    "subject" TEXT NOT NULL,
    "count" INTEGER NOT NULL DEFAULT 0,
    "locked_until" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sign_in_failure_pkey" PRIMARY KEY ("tenant_id","subject")
);

-- CreateTable
CREATE TABLE "permission_set" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" BIGINT NOT NULL,
    "ref" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "pack_ref" TEXT,
    "grants" JSONB NOT NULL DEFAULT '[]',
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "permission_set_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "permission_assignment" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" BIGINT NOT NULL,
    "identity_id" BIGINT NOT NULL,
    "permission_set_id" BIGINT NOT NULL,
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "permission_assignment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pack" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" BIGINT NOT NULL,
    "ref" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "version" TEXT NOT NULL,
    "conf_schema" JSON NOT NULL DEFAULT '{}',
    "config" JSON NOT NULL DEFAULT '{}',
    "meta" JSONB NOT NULL DEFAULT '{}',
    "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "is_standard" BOOLEAN NOT NULL DEFAULT false,
    "visibility" TEXT NOT NULL DEFAULT 'tenant',
    "path" TEXT,
    "content_hash" TEXT,
    "created_by" BIGINT,
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pack_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "action" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" BIGINT NOT NULL,
    "pack_id" BIGINT NOT NULL,
    "pack_ref" TEXT NOT NULL,
    "ref" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "runtime" TEXT NOT NULL,
    "entrypoint" TEXT NOT NULL DEFAULT '',
    "code" TEXT,
    "param_schema" JSON NOT NULL DEFAULT '{}',
    "out_schema" JSON,
    "output_format" TEXT NOT NULL DEFAULT 'text',
    "timeout_seconds" INTEGER NOT NULL DEFAULT 300,
    "idempotent" BOOLEAN NOT NULL DEFAULT false,
    "is_adhoc" BOOLEAN NOT NULL DEFAULT false,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "created_by" BIGINT,
    "updated_by" BIGINT,
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "action_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "action_revision" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" BIGINT NOT NULL,
    "action_id" BIGINT NOT NULL,
    "number" INTEGER NOT NULL,
    "spec" JSON NOT NULL,
    "created_by" BIGINT,
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "action_revision_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "workflow" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" BIGINT NOT NULL,
    "pack_id" BIGINT NOT NULL,
    "action_id" BIGINT NOT NULL,
    "ref" TEXT NOT NULL,
    "draft" JSON NOT NULL,
    "layout" JSONB NOT NULL DEFAULT '{}',
    "draft_version" INTEGER NOT NULL DEFAULT 1,
    "draft_updated_by" BIGINT,
    "draft_updated" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "published" INTEGER,
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workflow_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "workflow_revision" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" BIGINT NOT NULL,
    "workflow_id" BIGINT NOT NULL,
    "number" INTEGER NOT NULL,
    "definition" JSON NOT NULL,
    "layout" JSONB NOT NULL DEFAULT '{}',
    "note" TEXT NOT NULL DEFAULT '',
    "created_by" BIGINT,
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workflow_revision_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "trigger" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" BIGINT NOT NULL,
    "pack_id" BIGINT NOT NULL,
    "pack_ref" TEXT NOT NULL,
    "ref" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "param_schema" JSON NOT NULL DEFAULT '{}',
    "out_schema" JSON NOT NULL DEFAULT '{}',
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "is_adhoc" BOOLEAN NOT NULL DEFAULT false,
    "webhook_enabled" BOOLEAN NOT NULL DEFAULT false,
    "webhook_key" TEXT,
    "webhook_config" JSONB NOT NULL DEFAULT '{}',
    "created_by" BIGINT,
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "trigger_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rule" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" BIGINT NOT NULL,
    "pack_id" BIGINT NOT NULL,
    "pack_ref" TEXT NOT NULL,
    "ref" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "trigger_ref" TEXT NOT NULL,
    "action_ref" TEXT NOT NULL,
    "conditions" JSON NOT NULL DEFAULT '{}',
    "action_params" JSON NOT NULL DEFAULT '{}',
    "trigger_params" JSON NOT NULL DEFAULT '{}',
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "is_adhoc" BOOLEAN NOT NULL DEFAULT false,
    "created_by" BIGINT,
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "rule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" BIGINT NOT NULL,
    "trigger_ref" TEXT NOT NULL,
    "trigger_id" BIGINT,
    "rule_id" BIGINT,
    "source" TEXT NOT NULL DEFAULT 'webhook',
    "payload" JSON NOT NULL,
    "headers" JSON NOT NULL DEFAULT '{}',
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "processed_at" TIMESTAMPTZ(3),

    CONSTRAINT "event_pkey" PRIMARY KEY ("tenant_id","id")
) PARTITION BY RANGE ("id");

-- CreateTable
CREATE TABLE "rule_evaluation" (
    "tenant_id" BIGINT NOT NULL,
    "event_id" BIGINT NOT NULL,
    "rule_id" BIGINT NOT NULL,
    "rule_ref" TEXT NOT NULL,
    "verdict" TEXT NOT NULL,
    "clauses" JSON NOT NULL DEFAULT '[]',
    "reason" TEXT NOT NULL DEFAULT '',
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "rule_evaluation_pkey" PRIMARY KEY ("tenant_id","event_id","rule_id")
) PARTITION BY RANGE ("event_id");

-- CreateTable
CREATE TABLE "enforcement" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" BIGINT NOT NULL,
    "event_id" BIGINT NOT NULL,
    "rule_id" BIGINT NOT NULL,
    "rule_ref" TEXT NOT NULL,
    "trigger_ref" TEXT NOT NULL,
    "action_ref" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'created',
    "condition" TEXT NOT NULL DEFAULT 'all',
    "config" JSON NOT NULL DEFAULT '{}',
    "execution_id" BIGINT,
    "error" TEXT,
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "resolved_at" TIMESTAMPTZ(3),

    CONSTRAINT "enforcement_pkey" PRIMARY KEY ("tenant_id","event_id","id")
) PARTITION BY RANGE ("event_id");

-- CreateTable
CREATE TABLE "execution" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" BIGINT NOT NULL,
    "root_id" BIGINT NOT NULL,
    "parent_id" BIGINT,
    "original_id" BIGINT,
    "action_ref" TEXT NOT NULL,
    "kind" TEXT NOT NULL DEFAULT 'action',
    "revision" INTEGER,
    "state" TEXT NOT NULL DEFAULT 'requested',
    "state_reason" TEXT,
    "priority" INTEGER NOT NULL DEFAULT 0,
    "parameters" JSON NOT NULL DEFAULT '{}',
    "result" JSON,
    "error" TEXT,
    "task_name" TEXT,
    "visit" INTEGER NOT NULL DEFAULT 1,
    "item_index" INTEGER,
    "attempt" INTEGER NOT NULL DEFAULT 1,
    "max_retries" INTEGER NOT NULL DEFAULT 0,
    "enforcement_id" BIGINT,
    "event_id" BIGINT,
    "rule_ref" TEXT,
    "trigger_ref" TEXT,
    "requested_by" BIGINT,
    "idempotent" BOOLEAN NOT NULL DEFAULT false,
    "timeout_seconds" INTEGER,
    "cancel_requested" BOOLEAN NOT NULL DEFAULT false,
    "fence" BIGINT NOT NULL DEFAULT 0,
    "worker_id" BIGINT,
    "lease_until" TIMESTAMPTZ(3),
    "available_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deadline_at" TIMESTAMPTZ(3),
    "feed_seq" BIGINT NOT NULL DEFAULT 0,
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "updated" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "execution_pkey" PRIMARY KEY ("tenant_id","root_id","id")
) PARTITION BY RANGE ("root_id");

-- CreateTable
CREATE TABLE "workflow_run" (
    "tenant_id" BIGINT NOT NULL,
    "root_id" BIGINT NOT NULL,
    "execution_id" BIGINT NOT NULL,
    "workflow_id" BIGINT NOT NULL,
    "revision" INTEGER NOT NULL,
    "state" JSONB NOT NULL,
    "warnings" JSONB NOT NULL DEFAULT '[]',
    "updated" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workflow_run_pkey" PRIMARY KEY ("tenant_id","root_id","execution_id")
) PARTITION BY RANGE ("root_id");

-- CreateTable
CREATE TABLE "task_run" (
    "tenant_id" BIGINT NOT NULL,
    "root_id" BIGINT NOT NULL,
    "execution_id" BIGINT NOT NULL,
    "task" TEXT NOT NULL,
    "visit" INTEGER NOT NULL,
    "status" TEXT NOT NULL,
    "result" JSON,
    "error" TEXT,
    "transitions" JSONB NOT NULL DEFAULT '[]',
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "task_run_pkey" PRIMARY KEY ("tenant_id","root_id","execution_id","task","visit")
) PARTITION BY RANGE ("root_id");

-- CreateTable
CREATE TABLE "execution_log" (
    "tenant_id" BIGINT NOT NULL,
    "root_id" BIGINT NOT NULL,
    "execution_id" BIGINT NOT NULL,
    "seq" INTEGER NOT NULL,
    "stream" TEXT NOT NULL,
    "content" TEXT NOT NULL,
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "execution_log_pkey" PRIMARY KEY ("tenant_id","root_id","execution_id","seq")
) PARTITION BY RANGE ("root_id");

-- CreateTable
CREATE TABLE "inquiry" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" BIGINT NOT NULL,
    "root_id" BIGINT NOT NULL,
    "execution_id" BIGINT NOT NULL,
    "prompt" TEXT NOT NULL,
    "response_schema" JSON NOT NULL DEFAULT '{}',
    "assigned_to" JSONB NOT NULL DEFAULT '[]',
    "quorum" INTEGER NOT NULL DEFAULT 1,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "response" JSON,
    "responded_by" BIGINT,
    "responded_at" TIMESTAMPTZ(3),
    "timeout_at" TIMESTAMPTZ(3),
    "on_timeout" TEXT NOT NULL DEFAULT 'fail',
    "default_response" JSON,
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "inquiry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "inquiry_answer" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" BIGINT NOT NULL,
    "inquiry_id" BIGINT NOT NULL,
    "identity_id" BIGINT NOT NULL,
    "response" JSON NOT NULL,
    "comment" TEXT NOT NULL DEFAULT '',
    "ip" TEXT NOT NULL DEFAULT '',
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "inquiry_answer_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "change_feed" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" BIGINT NOT NULL,
    "root_id" BIGINT NOT NULL DEFAULT 0,
    "seq" BIGINT NOT NULL DEFAULT 0,
    "entity_type" TEXT NOT NULL,
    "entity_id" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "terminal" BOOLEAN NOT NULL DEFAULT false,
    "actor_id" BIGINT,
    "payload" JSONB NOT NULL DEFAULT '{}',
    "xid" xid8 NOT NULL DEFAULT pg_current_xact_id(),
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "change_feed_pkey" PRIMARY KEY ("tenant_id","root_id","id")
) PARTITION BY RANGE ("root_id");

-- CreateTable
CREATE TABLE "worker" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" BIGINT NOT NULL DEFAULT 1,
    "name" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "runtimes" JSONB NOT NULL DEFAULT '{}',
    "slots" INTEGER NOT NULL,
    "busy" INTEGER NOT NULL DEFAULT 0,
    "status" TEXT NOT NULL DEFAULT 'active',
    "sandbox" TEXT NOT NULL DEFAULT 'L1',
    "started" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "heartbeat_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "worker_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "tenant_slug_key" ON "tenant"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "identity_login_key" ON "identity"("login");

-- CreateIndex
CREATE INDEX "identity_tenant_id_login_idx" ON "identity"("tenant_id", "login");

-- CreateIndex
CREATE UNIQUE INDEX "session_token_hash_key" ON "session"("token_hash");

-- CreateIndex
CREATE INDEX "session_tenant_id_identity_id_idx" ON "session"("tenant_id", "identity_id");

-- CreateIndex
CREATE UNIQUE INDEX "permission_set_tenant_id_ref_key" ON "permission_set"("tenant_id", "ref");

-- CreateIndex
CREATE UNIQUE INDEX "permission_assignment_tenant_id_identity_id_permission_set__key" ON "permission_assignment"("tenant_id", "identity_id", "permission_set_id");

-- CreateIndex
CREATE UNIQUE INDEX "pack_tenant_id_ref_key" ON "pack"("tenant_id", "ref");

-- CreateIndex
CREATE INDEX "action_tenant_id_pack_id_idx" ON "action"("tenant_id", "pack_id");

-- CreateIndex
CREATE UNIQUE INDEX "action_tenant_id_ref_key" ON "action"("tenant_id", "ref");

-- CreateIndex
CREATE UNIQUE INDEX "action_revision_tenant_id_action_id_number_key" ON "action_revision"("tenant_id", "action_id", "number");

-- CreateIndex
CREATE UNIQUE INDEX "workflow_action_id_key" ON "workflow"("action_id");

-- CreateIndex
CREATE UNIQUE INDEX "workflow_tenant_id_ref_key" ON "workflow"("tenant_id", "ref");

-- CreateIndex
CREATE UNIQUE INDEX "workflow_revision_tenant_id_workflow_id_number_key" ON "workflow_revision"("tenant_id", "workflow_id", "number");

-- CreateIndex
CREATE UNIQUE INDEX "trigger_webhook_key_key" ON "trigger"("webhook_key");

-- CreateIndex
CREATE UNIQUE INDEX "trigger_tenant_id_ref_key" ON "trigger"("tenant_id", "ref");

-- CreateIndex
CREATE INDEX "rule_tenant_id_trigger_ref_idx" ON "rule"("tenant_id", "trigger_ref");

-- CreateIndex
CREATE UNIQUE INDEX "rule_tenant_id_ref_key" ON "rule"("tenant_id", "ref");

-- CreateIndex
CREATE INDEX "event_tenant_id_trigger_ref_id_idx" ON "event"("tenant_id", "trigger_ref", "id" DESC);

-- CreateIndex
CREATE INDEX "enforcement_tenant_id_id_idx" ON "enforcement"("tenant_id", "id" DESC);

-- CreateIndex
CREATE INDEX "enforcement_tenant_id_rule_id_id_idx" ON "enforcement"("tenant_id", "rule_id", "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "enforcement_tenant_id_event_id_rule_id_key" ON "enforcement"("tenant_id", "event_id", "rule_id");

-- CreateIndex
CREATE INDEX "execution_tenant_id_id_idx" ON "execution"("tenant_id", "id" DESC);

-- CreateIndex
CREATE INDEX "execution_tenant_id_root_id_parent_id_id_idx" ON "execution"("tenant_id", "root_id", "parent_id", "id");

-- CreateIndex
CREATE INDEX "execution_tenant_id_action_ref_id_idx" ON "execution"("tenant_id", "action_ref", "id" DESC);

-- CreateIndex
CREATE INDEX "execution_tenant_id_state_id_idx" ON "execution"("tenant_id", "state", "id" DESC);

-- CreateIndex
CREATE INDEX "inquiry_tenant_id_status_id_idx" ON "inquiry"("tenant_id", "status", "id" DESC);

-- CreateIndex
CREATE INDEX "inquiry_tenant_id_root_id_execution_id_idx" ON "inquiry"("tenant_id", "root_id", "execution_id");

-- CreateIndex
CREATE UNIQUE INDEX "inquiry_answer_tenant_id_inquiry_id_identity_id_key" ON "inquiry_answer"("tenant_id", "inquiry_id", "identity_id");

-- CreateIndex
CREATE INDEX "worker_tenant_id_status_idx" ON "worker"("tenant_id", "status");

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_identity_id_fkey" FOREIGN KEY ("identity_id") REFERENCES "identity"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "permission_assignment" ADD CONSTRAINT "permission_assignment_identity_id_fkey" FOREIGN KEY ("identity_id") REFERENCES "identity"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "permission_assignment" ADD CONSTRAINT "permission_assignment_permission_set_id_fkey" FOREIGN KEY ("permission_set_id") REFERENCES "permission_set"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "action" ADD CONSTRAINT "action_pack_id_fkey" FOREIGN KEY ("pack_id") REFERENCES "pack"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "action_revision" ADD CONSTRAINT "action_revision_action_id_fkey" FOREIGN KEY ("action_id") REFERENCES "action"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "workflow" ADD CONSTRAINT "workflow_pack_id_fkey" FOREIGN KEY ("pack_id") REFERENCES "pack"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "workflow" ADD CONSTRAINT "workflow_action_id_fkey" FOREIGN KEY ("action_id") REFERENCES "action"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "workflow_revision" ADD CONSTRAINT "workflow_revision_workflow_id_fkey" FOREIGN KEY ("workflow_id") REFERENCES "workflow"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "trigger" ADD CONSTRAINT "trigger_pack_id_fkey" FOREIGN KEY ("pack_id") REFERENCES "pack"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rule" ADD CONSTRAINT "rule_pack_id_fkey" FOREIGN KEY ("pack_id") REFERENCES "pack"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "inquiry_answer" ADD CONSTRAINT "inquiry_answer_inquiry_id_fkey" FOREIGN KEY ("inquiry_id") REFERENCES "inquiry"("id") ON DELETE CASCADE ON UPDATE CASCADE;


