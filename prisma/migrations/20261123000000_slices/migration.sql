-- Runs in slices, steps as one statement, claims by rows (docs/adr/0012).

-- ── Executions ───────────────────────────────────────────────────────────────────────────────────────────
ALTER TABLE "execution" ADD COLUMN "runtime" TEXT NOT NULL DEFAULT '';
ALTER TABLE "execution" ADD COLUMN "slot_key" TEXT;
ALTER TABLE "execution" ADD COLUMN "sealed" BYTEA;
ALTER TABLE "execution" ADD COLUMN "rerun_of" BIGINT;
ALTER TABLE "execution" ADD COLUMN "rerun_from" TEXT;
-- A timeout may be a part of a second.
ALTER TABLE "execution" ALTER COLUMN "timeout_seconds" TYPE DOUBLE PRECISION;

-- Every index that a state moves through is written twice per execution: only those that are read stay.
DROP INDEX "execution_claimable";
CREATE INDEX "execution_claimable" ON "execution" ("tenant_id", "priority" DESC, "id") WHERE "state" IN ('requested', 'scheduled');
DROP INDEX "execution_tenant_id_state_id_idx";
CREATE INDEX "execution_not_completed" ON "execution" ("tenant_id", "state", "id" DESC) WHERE "state" <> 'completed';
-- Children are found by execution_once_per_token, which begins with (tenant, root, parent).
DROP INDEX "execution_tenant_id_root_id_parent_id_id_idx";

-- ── The feed: the number within the tree leads its key, so one index serves both ─────────────────────────
ALTER TABLE "change_feed" DROP CONSTRAINT "change_feed_pkey";
ALTER TABLE "change_feed" ADD CONSTRAINT "change_feed_pkey" PRIMARY KEY ("tenant_id", "root_id", "seq", "id");
DROP INDEX "change_feed_order";
DROP INDEX "change_feed_entity";

-- ── Runs: a head of bounded size, and parts ──────────────────────────────────────────────────────────────
-- Runs that were under way are kept in the older form: they cannot go on, and say so.
ALTER TABLE "execution" DISABLE TRIGGER "execution_guard";
UPDATE "execution" SET "state" = 'failed', "ended_at" = now(), "updated" = now(), "lease_until" = NULL,
  "error" = 'Attune was upgraded while this ran, and its state is kept in another form now. Run it again.'
WHERE "ended_at" IS NULL AND "root_id" IN (SELECT "root_id" FROM "workflow_run");
ALTER TABLE "execution" ENABLE TRIGGER "execution_guard";

ALTER TABLE "workflow_run" ADD COLUMN "version" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "workflow_run" ADD COLUMN "head" JSON NOT NULL DEFAULT '{}';
ALTER TABLE "workflow_run" ADD COLUMN "variables" JSON NOT NULL DEFAULT '{}';
UPDATE "workflow_run" SET "variables" = COALESCE("state" -> 'variables', '{}')::json;
ALTER TABLE "workflow_run" DROP COLUMN "state";

ALTER TABLE "task_run" ADD COLUMN "open" JSON;
ALTER TABLE "task_run" ADD COLUMN "result_from" TEXT;
ALTER TABLE "task_run" ADD COLUMN "leaf_order" INTEGER;
ALTER TABLE "task_run" ADD COLUMN "failure_order" INTEGER;
ALTER TABLE "task_run" ADD COLUMN "failure_error" TEXT;
ALTER TABLE "task_run" ADD COLUMN "is_tolerated" BOOLEAN NOT NULL DEFAULT false;
CREATE INDEX "task_run_open" ON "task_run" ("tenant_id", "root_id", "execution_id") WHERE "status" = 'running';

CREATE TABLE "run_join" (
  "tenant_id" BIGINT NOT NULL, "root_id" BIGINT NOT NULL, "execution_id" BIGINT NOT NULL, "task" TEXT NOT NULL,
  "state" JSON NOT NULL,
  PRIMARY KEY ("tenant_id", "root_id", "execution_id", "task")
) PARTITION BY RANGE ("root_id");
CREATE TABLE "run_token" (
  "tenant_id" BIGINT NOT NULL, "root_id" BIGINT NOT NULL, "execution_id" BIGINT NOT NULL, "task" TEXT NOT NULL, "source" TEXT NOT NULL,
  "count" INTEGER NOT NULL,
  PRIMARY KEY ("tenant_id", "root_id", "execution_id", "task", "source")
) PARTITION BY RANGE ("root_id");
-- What items that wait for their turn will be given.
CREATE TABLE "item_input" (
  "tenant_id" BIGINT NOT NULL, "root_id" BIGINT NOT NULL, "execution_id" BIGINT NOT NULL, "task" TEXT NOT NULL, "visit" INTEGER NOT NULL,
  "item" INTEGER NOT NULL, "input" JSON NOT NULL, "sealed" BYTEA,
  PRIMARY KEY ("tenant_id", "root_id", "execution_id", "task", "visit", "item")
) PARTITION BY RANGE ("root_id");
-- What a run is to hear of, stored by a process that does not take steps itself; a worker takes the step and deletes it.
CREATE TABLE "run_news" (
  "tenant_id" BIGINT NOT NULL, "root_id" BIGINT NOT NULL, "id" BIGSERIAL NOT NULL, "execution_id" BIGINT NOT NULL,
  "event" JSON NOT NULL, "created" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  PRIMARY KEY ("tenant_id", "root_id", "id")
);
CREATE INDEX "run_news_created_idx" ON "run_news" ("created");

CREATE OR REPLACE FUNCTION attune_ensure_partitions(partition_size bigint DEFAULT 200000) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  made int := 0;
  item record;
  newest bigint;
  from_id bigint;
  name text;
BEGIN
  PERFORM pg_advisory_xact_lock(72707370);
  FOR item IN SELECT * FROM (VALUES
      ('execution', 'execution'), ('workflow_run', 'execution'), ('task_run', 'execution'), ('run_join', 'execution'),
      ('run_token', 'execution'), ('item_input', 'execution'), ('execution_log', 'execution'), ('change_feed', 'execution'),
      ('event', 'event'), ('rule_evaluation', 'event'), ('enforcement', 'event')) AS t(parent, counter)
  LOOP
    EXECUTE format('SELECT last_value FROM %I', item.counter || '_id_seq') INTO newest;
    from_id := ((newest - 1) / partition_size) * partition_size + 1;
    FOR step IN 0..1 LOOP
      name := format('%s_p%s', item.parent, from_id);
      IF to_regclass(name) IS NULL THEN
        -- Room in each page for the rows that a step rewrites, so that they stay where they are.
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%s) TO (%s) WITH (fillfactor = %s)', name, item.parent,
          from_id, from_id + partition_size,
          CASE WHEN item.parent IN ('execution', 'workflow_run', 'task_run', 'run_join') THEN 80 ELSE 100 END);
        made := made + 1;
      END IF;
      from_id := from_id + partition_size;
    END LOOP;
  END LOOP;
  RETURN made;
END $$;
SELECT attune_ensure_partitions();
CREATE TABLE "run_join_rest" PARTITION OF "run_join" DEFAULT;
CREATE TABLE "run_token_rest" PARTITION OF "run_token" DEFAULT;
CREATE TABLE "item_input_rest" PARTITION OF "item_input" DEFAULT;

DO $$ DECLARE t text; BEGIN
  FOREACH t IN ARRAY ARRAY['run_join', 'run_token', 'item_input', 'run_news'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_tenant ON %I TO attune_app USING (tenant_id = (SELECT attune_tenant())) WITH CHECK (tenant_id = (SELECT attune_tenant()))', t);
    EXECUTE format('CREATE POLICY all_tenants ON %I TO attune_system USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO attune_app, attune_system', t);
  END LOOP;
END $$;
GRANT USAGE ON SEQUENCE run_news_id_seq TO attune_app, attune_system;

-- ── A step, as one statement ─────────────────────────────────────────────────────────────────────────────
-- Writes what a step of one tree decided: changes of state in order, what runs and their tasks have become, and new
-- executions, with one feed row per change. A new execution has fence 1: one that runs with it was claimed at its birth. Whoever finds that a row, a run or an action is not as the decision saw it
-- gets AT010, AT011 or AT012, and nothing is written. Gives the ids of the new executions in order, and the time.
--   checks:  [{tenant, id, revision, published}]                             actions as the decision knew them
--   changes: [{id, from, fence, state, reason, result, error, cancel}]       one state to another
--   runs:    [{id, version, head, variables, warnings, workflow, revision, deadline}]   version null: a new run
--   tasks:   [{run, task, visit, status, result, resultFrom, error, open, transitions, leaf, failure, failureError, tolerated}]
--   joins:   [{run, task, state}]   tokens: [{run, task, source, count}]   items: [{run, task, visit, item, input, sealed}]
--   births:  [{…the columns of an execution, login, claim}]
CREATE FUNCTION attune_step(p_tenant bigint, p_root bigint, p_worker bigint, p_lease double precision, p json) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
  v_seq bigint := 0;
  v_now timestamptz;
  v_changed execution%ROWTYPE;
  v_change record;
  v_run record;
  v_ids bigint[];
  v_count int;
BEGIN
  PERFORM set_config('attune.tenant', p_tenant::text, true);
  IF p_root IS NOT NULL THEN
    SELECT feed_seq INTO v_seq FROM execution WHERE tenant_id = p_tenant AND root_id = p_root AND id = p_root FOR UPDATE;
    IF NOT FOUND THEN RAISE EXCEPTION 'the tree % is gone', p_root USING ERRCODE = 'AT010'; END IF;
  END IF;

  IF p -> 'checks' IS NOT NULL THEN
    SELECT count(*) INTO v_count FROM json_to_recordset(p -> 'checks') AS c(tenant bigint, id bigint, revision int, published int)
      WHERE NOT EXISTS (SELECT FROM action a LEFT JOIN workflow w ON w.action_id = a.id
        WHERE a.tenant_id = c.tenant AND a.id = c.id AND a.revision = c.revision AND w.published IS NOT DISTINCT FROM c.published);
    IF v_count > 0 THEN RAISE EXCEPTION 'an action has changed' USING ERRCODE = 'AT012'; END IF;
  END IF;

  IF p -> 'changes' IS NOT NULL THEN
    FOR v_change IN SELECT * FROM json_to_recordset(p -> 'changes')
      AS c(id bigint, "from" text, fence bigint, state text, reason text, result json, error text, cancel boolean)
    LOOP
      v_now := clock_timestamp();
      UPDATE execution e SET state = v_change.state, state_reason = v_change.reason, result = COALESCE(v_change.result, e.result),
          error = COALESCE(v_change.error, e.error), updated = v_now,
          started_at = CASE WHEN v_change.state = 'running' THEN COALESCE(e.started_at, v_now) ELSE e.started_at END,
          ended_at = CASE WHEN v_change.state IN ('completed', 'failed', 'timeout', 'cancelled', 'abandoned') THEN v_now END,
          lease_until = CASE WHEN v_change.state = 'canceling' THEN e.lease_until END,
          cancel_requested = e.cancel_requested OR COALESCE(v_change.cancel, false),
          feed_seq = CASE WHEN e.id = p_root THEN v_seq + 1 ELSE e.feed_seq END
        WHERE e.tenant_id = p_tenant AND e.root_id = p_root AND e.id = v_change.id AND e.state = v_change."from" AND e.fence = v_change.fence
        RETURNING * INTO v_changed;
      IF NOT FOUND THEN RAISE EXCEPTION 'execution % has moved on', v_change.id USING ERRCODE = 'AT010'; END IF;
      v_seq := v_seq + 1;
      INSERT INTO change_feed (tenant_id, root_id, seq, entity_type, entity_id, kind, terminal, payload)
        VALUES (p_tenant, p_root, v_seq, 'execution', v_change.id, 'state', v_changed.ended_at IS NOT NULL, attune_state_payload(v_changed));
    END LOOP;
  END IF;

  IF p -> 'runs' IS NOT NULL THEN
    FOR v_run IN SELECT * FROM json_to_recordset(p -> 'runs') AS r(id bigint, version int, head json, variables json, warnings jsonb,
      workflow bigint, revision int, deadline double precision)
    LOOP
      IF v_run.version IS NULL THEN
        INSERT INTO workflow_run (tenant_id, root_id, execution_id, workflow_id, revision, head, variables, warnings)
          VALUES (p_tenant, p_root, v_run.id, v_run.workflow, v_run.revision, v_run.head, v_run.variables, COALESCE(v_run.warnings, '[]'));
        IF v_run.deadline IS NOT NULL THEN
          UPDATE execution SET deadline_at = clock_timestamp() + make_interval(secs => v_run.deadline)
            WHERE tenant_id = p_tenant AND root_id = p_root AND id = v_run.id;
        END IF;
      ELSIF v_run.variables IS NULL AND v_run.warnings IS NULL THEN
        UPDATE workflow_run w SET version = version + 1, head = v_run.head
          WHERE w.tenant_id = p_tenant AND w.root_id = p_root AND w.execution_id = v_run.id AND w.version = v_run.version;
        IF NOT FOUND THEN RAISE EXCEPTION 'run % has moved on', v_run.id USING ERRCODE = 'AT011'; END IF;
      ELSE
        UPDATE workflow_run w SET version = version + 1, head = v_run.head, variables = COALESCE(v_run.variables, w.variables),
            warnings = CASE WHEN v_run.warnings IS NULL OR jsonb_array_length(w.warnings) >= 100 THEN w.warnings ELSE w.warnings || v_run.warnings END
          WHERE w.tenant_id = p_tenant AND w.root_id = p_root AND w.execution_id = v_run.id AND w.version = v_run.version;
        IF NOT FOUND THEN RAISE EXCEPTION 'run % has moved on', v_run.id USING ERRCODE = 'AT011'; END IF;
      END IF;
    END LOOP;
  END IF;

  IF p -> 'tasks' IS NOT NULL THEN
    INSERT INTO task_run AS t (tenant_id, root_id, execution_id, task, visit, status, result, result_from, error, open, transitions,
        leaf_order, failure_order, failure_error, is_tolerated, ended_at)
      SELECT p_tenant, p_root, c.run, c.task, c.visit, c.status, c.result, c."resultFrom", c.error, c.open, COALESCE(c.transitions, '[]'),
        c.leaf, c.failure, c."failureError", COALESCE(c.tolerated, false), CASE WHEN c.status <> 'running' THEN clock_timestamp() END
      FROM json_to_recordset(p -> 'tasks') AS c(run bigint, task text, visit int, status text, result json, "resultFrom" text, error text,
        open json, transitions jsonb, leaf int, failure int, "failureError" text, tolerated boolean)
      ON CONFLICT (tenant_id, root_id, execution_id, task, visit) DO UPDATE SET status = excluded.status, result = excluded.result,
        result_from = excluded.result_from, error = excluded.error, open = excluded.open, transitions = excluded.transitions,
        leaf_order = excluded.leaf_order, failure_order = excluded.failure_order, failure_error = excluded.failure_error,
        is_tolerated = excluded.is_tolerated, ended_at = excluded.ended_at;
  END IF;

  IF p -> 'joins' IS NOT NULL THEN
    INSERT INTO run_join AS j (tenant_id, root_id, execution_id, task, state)
      SELECT p_tenant, p_root, c.run, c.task, c.state FROM json_to_recordset(p -> 'joins') AS c(run bigint, task text, state json)
      WHERE c.state IS NOT NULL
      ON CONFLICT (tenant_id, root_id, execution_id, task) DO UPDATE SET state = excluded.state;
    DELETE FROM run_join j USING json_to_recordset(p -> 'joins') AS c(run bigint, task text, state json)
      WHERE c.state IS NULL AND j.tenant_id = p_tenant AND j.root_id = p_root AND j.execution_id = c.run AND j.task = c.task;
  END IF;
  IF p -> 'tokens' IS NOT NULL THEN
    INSERT INTO run_token AS t (tenant_id, root_id, execution_id, task, source, count)
      SELECT p_tenant, p_root, c.run, c.task, c.source, c.count
      FROM json_to_recordset(p -> 'tokens') AS c(run bigint, task text, source text, count int) WHERE c.count > 0
      ON CONFLICT (tenant_id, root_id, execution_id, task, source) DO UPDATE SET count = excluded.count;
    DELETE FROM run_token t USING json_to_recordset(p -> 'tokens') AS c(run bigint, task text, source text, count int)
      WHERE c.count = 0 AND t.tenant_id = p_tenant AND t.root_id = p_root AND t.execution_id = c.run AND t.task = c.task AND t.source = c.source;
  END IF;
  IF p -> 'items' IS NOT NULL THEN
    INSERT INTO item_input (tenant_id, root_id, execution_id, task, visit, item, input, sealed)
      SELECT p_tenant, p_root, c.run, c.task, c.visit, c.item, c.input, decode(c.sealed, 'base64')
      FROM json_to_recordset(p -> 'items') AS c(run bigint, task text, visit int, item int, input json, sealed text);
  END IF;

  IF p -> 'births' IS NOT NULL THEN
    v_now := clock_timestamp();
    WITH given AS (
      SELECT b.*, row_number() OVER () AS place, nextval('execution_id_seq') AS new_id
      FROM json_to_recordset(p -> 'births') AS b(parent_id bigint, original_id bigint, action_ref text, kind text, revision int, state text,
        state_reason text, runtime text, priority int, parameters json, sealed text, result json, error text, task_name text, visit int,
        item_index int, attempt int, max_retries int, enforcement_id bigint, event_id bigint, rule_ref text, trigger_ref text,
        requested_by bigint, login text, idempotent boolean, timeout_seconds double precision, delay_seconds double precision, slot_key text,
        rerun_of bigint, rerun_from text, claim boolean)
    ), born AS (
      INSERT INTO execution (id, tenant_id, root_id, parent_id, original_id, action_ref, kind, revision, state, state_reason, runtime, priority,
        parameters, sealed, result, error, task_name, visit, item_index, attempt, max_retries, enforcement_id, event_id, rule_ref, trigger_ref,
        requested_by, idempotent, timeout_seconds, slot_key, rerun_of, rerun_from, available_at, created, updated, feed_seq,
        fence, worker_id, lease_until, started_at, deadline_at, ended_at)
      SELECT new_id, p_tenant, COALESCE(p_root, new_id), parent_id, original_id, action_ref, kind, revision, state, state_reason, runtime, priority,
        parameters, decode(sealed, 'base64'), result, error, task_name, visit, item_index, attempt, max_retries, enforcement_id, event_id, rule_ref,
        trigger_ref, requested_by, idempotent, timeout_seconds, slot_key, rerun_of, rerun_from, v_now + make_interval(secs => delay_seconds),
        v_now, v_now, CASE WHEN p_root IS NULL THEN 1 ELSE 0 END,
        1, CASE WHEN claim THEN p_worker END, CASE WHEN claim THEN v_now + make_interval(secs => p_lease) END,
        CASE WHEN claim THEN v_now END, CASE WHEN claim AND timeout_seconds IS NOT NULL THEN v_now + make_interval(secs => timeout_seconds) END,
        CASE WHEN state IN ('failed', 'cancelled') THEN v_now END
      FROM given ORDER BY place
    ), told AS (
      INSERT INTO change_feed (tenant_id, root_id, seq, entity_type, entity_id, kind, terminal, payload)
      SELECT p_tenant, COALESCE(p_root, new_id), CASE WHEN p_root IS NULL THEN 1 ELSE v_seq + place END, 'execution', new_id, 'created',
        state IN ('failed', 'cancelled'),
        jsonb_build_object('id', new_id, 'rootId', COALESCE(p_root, new_id), 'parentId', parent_id, 'actionRef', action_ref, 'kind', kind,
          'state', state, 'stateReason', state_reason, 'error', error, 'taskName', task_name, 'visit', visit, 'itemIndex', item_index,
          'attempt', attempt, 'maxRetries', max_retries, 'ruleRef', rule_ref, 'triggerRef', trigger_ref, 'eventId', event_id,
          'enforcementId', enforcement_id, 'requestedBy', login, 'revision', revision, 'created', attune_iso(v_now),
          'startedAt', CASE WHEN claim THEN attune_iso(v_now) END, 'endedAt', CASE WHEN state IN ('failed', 'cancelled') THEN attune_iso(v_now) END)
      FROM given ORDER BY place
    )
    SELECT array_agg(new_id ORDER BY place), count(*) INTO v_ids, v_count FROM given;
    v_seq := v_seq + v_count;
  END IF;

  IF p_root IS NOT NULL THEN
    UPDATE execution SET feed_seq = v_seq WHERE tenant_id = p_tenant AND root_id = p_root AND id = p_root AND feed_seq <> v_seq;
  END IF;
  RETURN json_build_object('ids', v_ids, 'at', attune_iso(COALESCE(v_now, clock_timestamp())));
END $$;

-- A time as the wire has it.
CREATE FUNCTION attune_iso(at timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;

-- What the feed says of a change of state: the delta, and what a reader needs to place it and to ask for its right.
CREATE FUNCTION attune_state_payload(e execution) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT jsonb_build_object('id', e.id, 'rootId', e.root_id, 'parentId', e.parent_id, 'actionRef', e.action_ref, 'kind', e.kind,
    'taskName', e.task_name, 'itemIndex', e.item_index,
    'state', e.state, 'stateReason', e.state_reason, 'error', e.error, 'startedAt', attune_iso(e.started_at), 'endedAt', attune_iso(e.ended_at))
$$;

-- ── Claims by rows ───────────────────────────────────────────────────────────────────────────────────────
-- Takes up to p_limit executions that wait, fair between tenants: each in turn gives its next by priority, then by age,
-- beginning after p_after. Actions become running with a lease; workflows are given as they stand (their first step takes
-- them). Locks trees in order of their roots, so that two claims never wait for each other.
CREATE FUNCTION attune_claim(p_worker bigint, p_lease double precision, p_limit int, p_runtimes text[], p_after bigint, p_without bigint[])
RETURNS SETOF execution LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_tenants bigint[] := '{}';
  v_tenant bigint;
  v_picks bigint[][];
  v_ids bigint[];
  v_tree record;
  v_seq bigint;
  v_count int;
BEGIN
  -- At most 100 tenants a time; the next call goes on after them.
  v_tenant := COALESCE(p_after, 0);
  FOR lap IN 1..2 LOOP
    LOOP
      SELECT tenant_id INTO v_tenant FROM execution WHERE state IN ('requested', 'scheduled') AND tenant_id > v_tenant
        AND (lap = 1 OR tenant_id <= COALESCE(p_after, 0)) ORDER BY tenant_id LIMIT 1;
      EXIT WHEN v_tenant IS NULL OR cardinality(v_tenants) >= 100;
      v_tenants := v_tenants || v_tenant;
    END LOOP;
    EXIT WHEN COALESCE(p_after, 0) = 0 OR cardinality(v_tenants) >= 100;
    v_tenant := 0;
  END LOOP;
  IF cardinality(v_tenants) = 0 THEN RETURN; END IF;

  SELECT array_agg(ARRAY[picked.tenant_id, picked.root_id, picked.id, picked.is_workflow]) INTO v_picks FROM (
    SELECT c.tenant_id, c.root_id, c.id, c.is_workflow FROM unnest(v_tenants) WITH ORDINALITY AS t(id, turn)
      CROSS JOIN LATERAL (
        SELECT e.*, row_number() OVER (ORDER BY e.priority DESC, e.id) AS round FROM (
          SELECT x.tenant_id, x.root_id, x.id, x.priority, CASE WHEN x.kind = 'workflow' THEN 1 ELSE 0 END AS is_workflow FROM execution x
          WHERE x.tenant_id = t.id AND x.state IN ('requested', 'scheduled') AND x.runtime = ANY (p_runtimes) AND x.id <> ALL (p_without)
          ORDER BY x.priority DESC, x.id LIMIT p_limit) e) c
    ORDER BY c.round, t.turn LIMIT p_limit) picked;
  IF v_picks IS NULL THEN RETURN; END IF;

  -- Workflows, as they stand.
  RETURN QUERY SELECT e.* FROM generate_subscripts(v_picks, 1) AS n
    JOIN execution e ON e.tenant_id = v_picks[n][1] AND e.root_id = v_picks[n][2] AND e.id = v_picks[n][3]
    WHERE v_picks[n][4] = 1 AND e.state IN ('requested', 'scheduled');

  -- Executions of their own: whoever holds one is claiming it.
  RETURN QUERY WITH open AS (
      SELECT e.tenant_id, e.root_id, e.id FROM generate_subscripts(v_picks, 1) AS n
        JOIN execution e ON e.tenant_id = v_picks[n][1] AND e.root_id = v_picks[n][2] AND e.id = v_picks[n][3]
      WHERE v_picks[n][4] = 0 AND v_picks[n][2] = v_picks[n][3] AND e.state IN ('requested', 'scheduled')
      FOR UPDATE OF e SKIP LOCKED
    ), claimed AS (
      UPDATE execution e SET state = 'running', state_reason = NULL, updated = clock_timestamp(),
        started_at = COALESCE(e.started_at, clock_timestamp()), fence = e.fence + 1, worker_id = p_worker,
        lease_until = clock_timestamp() + make_interval(secs => p_lease), feed_seq = e.feed_seq + 1,
        deadline_at = CASE WHEN e.timeout_seconds IS NULL THEN e.deadline_at ELSE clock_timestamp() + make_interval(secs => e.timeout_seconds) END
      FROM open WHERE e.tenant_id = open.tenant_id AND e.root_id = open.root_id AND e.id = open.id RETURNING e.*
    ), told AS (
      INSERT INTO change_feed (tenant_id, root_id, seq, entity_type, entity_id, kind, payload)
      SELECT c.tenant_id, c.root_id, c.feed_seq, 'execution', c.id, 'state', attune_state_payload(c) FROM claimed c
    )
    SELECT * FROM claimed;

  -- Children, tree by tree.
  FOR v_tree IN SELECT v_picks[n][1] AS tenant_id, v_picks[n][2] AS root_id, array_agg(v_picks[n][3]) AS ids
    FROM generate_subscripts(v_picks, 1) AS n WHERE v_picks[n][4] = 0 AND v_picks[n][2] <> v_picks[n][3] GROUP BY 1, 2 ORDER BY 1, 2
  LOOP
    SELECT feed_seq INTO v_seq FROM execution
      WHERE tenant_id = v_tree.tenant_id AND root_id = v_tree.root_id AND id = v_tree.root_id FOR UPDATE;
    CONTINUE WHEN NOT FOUND;
    WITH claimed AS (
      UPDATE execution e SET state = 'running', state_reason = NULL, updated = clock_timestamp(),
        started_at = COALESCE(e.started_at, clock_timestamp()), fence = e.fence + 1, worker_id = p_worker,
        lease_until = clock_timestamp() + make_interval(secs => p_lease),
        deadline_at = CASE WHEN e.timeout_seconds IS NULL THEN e.deadline_at ELSE clock_timestamp() + make_interval(secs => e.timeout_seconds) END
      WHERE e.tenant_id = v_tree.tenant_id AND e.root_id = v_tree.root_id AND e.id = ANY (v_tree.ids) AND e.state IN ('requested', 'scheduled')
      RETURNING e.*
    ), told AS (
      INSERT INTO change_feed (tenant_id, root_id, seq, entity_type, entity_id, kind, payload)
      SELECT c.tenant_id, c.root_id, v_seq + row_number() OVER (ORDER BY c.id), 'execution', c.id, 'state', attune_state_payload(c) FROM claimed c
    )
    SELECT array_agg(id), count(*) INTO v_ids, v_count FROM claimed;
    CONTINUE WHEN v_count = 0;
    UPDATE execution SET feed_seq = v_seq + v_count
      WHERE tenant_id = v_tree.tenant_id AND root_id = v_tree.root_id AND id = v_tree.root_id;
    RETURN QUERY SELECT e.* FROM execution e
      WHERE e.tenant_id = v_tree.tenant_id AND e.root_id = v_tree.root_id AND e.id = ANY (v_ids) ORDER BY e.id;
  END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION attune_claim(bigint, double precision, int, text[], bigint, bigint[]) TO attune_system;
