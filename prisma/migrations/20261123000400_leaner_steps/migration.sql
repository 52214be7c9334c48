-- What a step costs in the database (docs/adr/0012, "What a step is made of"): plans that are made once, JSON that is read
-- once, and rules of a row that are checked without being compiled anew for each statement.

-- ── The rules of an execution's row ──────────────────────────────────────────────────────────────────────
-- Postgres reads the text of every CHECK, and of every trigger's WHEN, again for each statement that writes the table; a
-- trigger's function keeps its plan. The names and the code of what is refused are those of constraints.
ALTER TABLE execution
  DROP CONSTRAINT execution_state_known,
  DROP CONSTRAINT execution_ended_is_stamped,
  DROP CONSTRAINT execution_running_has_lease,
  DROP CONSTRAINT execution_kind_known,
  DROP CONSTRAINT execution_failure_has_reason,
  DROP CONSTRAINT execution_priority_in_range,
  DROP CONSTRAINT execution_rerun_begins_somewhere;

CREATE OR REPLACE FUNCTION attune_guard_execution() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_broken text;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.ended_at IS NOT NULL THEN
      RAISE EXCEPTION 'execution % has ended as %: it cannot change any more', OLD.id, OLD.state USING ERRCODE = 'AT001';
    END IF;
    IF NEW.state IS DISTINCT FROM OLD.state AND NOT attune_legal_transition(OLD.state, NEW.state) THEN
      RAISE EXCEPTION 'execution % cannot go from % to %', OLD.id, OLD.state, NEW.state USING ERRCODE = 'AT002';
    END IF;
    IF NEW.fence < OLD.fence THEN
      RAISE EXCEPTION 'execution %: fence % is older than %', OLD.id, NEW.fence, OLD.fence USING ERRCODE = 'AT003';
    END IF;
  END IF;
  CASE NEW.state
    WHEN 'running' THEN
      IF NEW.kind <> 'workflow' AND NEW.lease_until IS NULL THEN v_broken := 'execution_running_has_lease'; END IF;
    WHEN 'completed', 'cancelled' THEN
      IF NEW.ended_at IS NULL THEN v_broken := 'execution_ended_is_stamped'; END IF;
    WHEN 'failed', 'timeout', 'abandoned' THEN
      IF NEW.ended_at IS NULL THEN v_broken := 'execution_ended_is_stamped';
      ELSIF COALESCE(NEW.error, '') = '' THEN v_broken := 'execution_failure_has_reason'; END IF;
    WHEN 'requested', 'delayed', 'queued', 'scheduled', 'waiting', 'paused', 'canceling' THEN NULL;
    ELSE v_broken := 'execution_state_known';
  END CASE;
  IF NEW.ended_at IS NOT NULL AND NEW.state IN ('requested', 'delayed', 'queued', 'scheduled', 'running', 'waiting', 'paused', 'canceling') THEN
    v_broken := 'execution_ended_is_stamped';
  ELSIF NEW.kind NOT IN ('action', 'workflow') THEN
    v_broken := 'execution_kind_known';
  ELSIF NEW.priority NOT BETWEEN -100 AND 100 THEN
    v_broken := 'execution_priority_in_range';
  ELSIF NEW.rerun_from IS NOT NULL AND NEW.rerun_of IS NULL THEN
    v_broken := 'execution_rerun_begins_somewhere';
  END IF;
  IF v_broken IS NOT NULL THEN
    RAISE EXCEPTION 'execution % breaks %: state %, kind %, priority %', NEW.id, v_broken, NEW.state, NEW.kind, NEW.priority
      USING ERRCODE = 'check_violation', CONSTRAINT = v_broken, TABLE = 'execution';
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER execution_guard ON execution;
CREATE TRIGGER execution_guard BEFORE INSERT OR UPDATE OF state, kind, result, error, fence, ended_at, started_at, updated, parameters,
  lease_until, priority, rerun_of, rerun_from ON execution FOR EACH ROW EXECUTE FUNCTION attune_guard_execution();

CREATE OR REPLACE FUNCTION attune_keep_slot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (OLD.slot_key, OLD.state = 'queued', OLD.state = 'delayed', OLD.ended_at, OLD.priority, OLD.on_hold)
    IS NOT DISTINCT FROM (NEW.slot_key, NEW.state = 'queued', NEW.state = 'delayed', NEW.ended_at, NEW.priority, NEW.on_hold) THEN
    RETURN NULL;
  END IF;
  IF NEW.slot_key IS NULL OR NEW.ended_at IS NOT NULL OR NEW.state = 'delayed' OR (NEW.state = 'queued' AND NEW.on_hold) THEN
    DELETE FROM execution_slot WHERE tenant_id = NEW.tenant_id AND execution_id = NEW.id;
  ELSE
    INSERT INTO execution_slot (tenant_id, execution_id, root_id, parent_id, slot_key, is_held, rank)
      VALUES (NEW.tenant_id, NEW.id, NEW.root_id, NEW.parent_id, NEW.slot_key, NEW.state <> 'queued', -NEW.priority)
      ON CONFLICT (tenant_id, execution_id) DO UPDATE
        SET slot_key = excluded.slot_key, is_held = excluded.is_held, rank = excluded.rank;
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER execution_slot_begin ON execution;
DROP TRIGGER execution_slot_move ON execution;
CREATE TRIGGER execution_slot_begin AFTER INSERT ON execution FOR EACH ROW
  WHEN (NEW.slot_key IS NOT NULL) EXECUTE FUNCTION attune_keep_slot();
CREATE TRIGGER execution_slot_move AFTER UPDATE OF state, slot_key, ended_at, priority, on_hold ON execution FOR EACH ROW
  WHEN (OLD.slot_key IS NOT NULL OR NEW.slot_key IS NOT NULL) EXECUTE FUNCTION attune_keep_slot();

-- ── A step, as one statement ─────────────────────────────────────────────────────────────────────────────
-- Writes what a step of one tree decided: changes of state in order, what runs and their tasks have become, and new
-- executions, with one feed row per change. A new execution has fence 1: one that runs with it was claimed at its birth, and
-- one that has ended with `claim` was carried out at its birth.
-- Whoever finds that a row, a run or an action is not as the decision saw it gets AT010, AT011 or AT012, and nothing is
-- written. Gives the ids of the new executions in order, and the time.
-- `place` is where its feed row comes among those of the step.
--   checks:  [{tenant, id, revision, published}]                             actions as the decision knew them
--   changes: [{place, id, from, fence, state, reason, result, error, cancel}]   one state to another, each execution once
--   runs:    [{id, version, head, variables, warnings}]                      those that had begun
--   tasks:   [{run, task, visit, status, result, resultFrom, error, open, transitions, leaf, failure, failureError, tolerated,
--              began, routed, published}]
--   births:  [{place, nth, …the columns of an execution, login, claim}]
--   rare:    {later: [{changes} or {births}]   what comes after the first of both
--             begun: [{id, head, variables, vars, warnings, workflow, revision}]   deadlines: [{id, deadline}]
--             joins: [{run, task, state}]   tokens: [{run, task, source, count}]   items: [{run, task, visit, item, input, sealed}]}
--   how many changes, runs and births of these there are; p_rows: how many feed rows there will be, with those of `later`
DROP FUNCTION attune_step(bigint, bigint, bigint, double precision, json);
CREATE FUNCTION attune_step(p_tenant bigint, p_root bigint, p_worker bigint, p_lease double precision, p_checks json, p_changes json,
  p_runs json, p_tasks json, p_births json, p_rare json, p_rows int, p_changed int, p_ran int, p_born int) RETURNS json
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_seq bigint := 0;
  v_later json;
  v_count int;
  v_ids bigint[];
BEGIN
  PERFORM set_config('attune.tenant', p_tenant::text, true);
  -- The root's lock, and the numbers of the feed rows that follow.
  IF p_root IS NOT NULL THEN
    UPDATE execution SET feed_seq = feed_seq + p_rows WHERE tenant_id = p_tenant AND root_id = p_root AND id = p_root
      RETURNING feed_seq - p_rows INTO v_seq;
    IF NOT FOUND THEN RAISE EXCEPTION 'the tree % is gone', p_root USING ERRCODE = 'AT010'; END IF;
  END IF;

  IF p_checks IS NOT NULL THEN
    PERFORM FROM json_to_recordset(p_checks) AS c(tenant bigint, id bigint, revision int, published int)
      LEFT JOIN action a ON a.tenant_id = c.tenant AND a.id = c.id AND a.revision = c.revision
      LEFT JOIN workflow w ON w.action_id = c.id
      WHERE a.id IS NULL OR w.published IS DISTINCT FROM c.published;
    IF FOUND THEN RAISE EXCEPTION 'an action has changed' USING ERRCODE = 'AT012'; END IF;
  END IF;

  IF p_changes IS NOT NULL THEN
    PERFORM attune_step_changes(p_tenant, p_root, v_seq, p_changes, p_changed);
  END IF;

  IF p_runs IS NOT NULL THEN
    UPDATE workflow_run w SET version = w.version + 1, head = r.head, variables = COALESCE(r.variables, w.variables),
        warnings = CASE WHEN r.warnings IS NULL OR jsonb_array_length(w.warnings) >= 100 THEN w.warnings ELSE w.warnings || r.warnings END
      FROM json_to_recordset(p_runs) AS r(id bigint, version int, head json, variables json, warnings jsonb)
      WHERE w.tenant_id = p_tenant AND w.root_id = p_root AND w.execution_id = r.id AND w.version = r.version;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    IF v_count <> p_ran THEN RAISE EXCEPTION 'a run of the tree % has moved on', p_root USING ERRCODE = 'AT011'; END IF;
  END IF;

  IF p_rare IS NOT NULL THEN
    PERFORM attune_step_rare(p_tenant, p_root, p_rare);
  END IF;

  IF p_tasks IS NOT NULL THEN
    INSERT INTO task_run AS t (tenant_id, root_id, execution_id, task, visit, status, result, result_from, error, open, transitions,
        leaf_order, failure_order, failure_error, is_tolerated, began, routed, published, ended_at)
      SELECT p_tenant, p_root, c.run, c.task, c.visit, c.status, c.result, c."resultFrom", c.error, c.open, COALESCE(c.transitions, '[]'),
        c.leaf, c.failure, c."failureError", COALESCE(c.tolerated, false), c.began, c.routed, c.published,
        CASE WHEN c.status <> 'running' THEN clock_timestamp() END
      FROM json_to_recordset(p_tasks) AS c(run bigint, task text, visit int, status text, result json, "resultFrom" text, error text,
        open json, transitions jsonb, leaf int, failure int, "failureError" text, tolerated boolean, began int, routed int, published json)
      ON CONFLICT (tenant_id, root_id, execution_id, task, visit) DO UPDATE SET status = excluded.status, result = excluded.result,
        result_from = excluded.result_from, error = excluded.error, open = excluded.open, transitions = excluded.transitions,
        leaf_order = excluded.leaf_order, failure_order = excluded.failure_order, failure_error = excluded.failure_error,
        is_tolerated = excluded.is_tolerated, began = COALESCE(excluded.began, t.began), routed = excluded.routed,
        published = excluded.published, ended_at = excluded.ended_at;
  END IF;

  IF p_births IS NOT NULL THEN
    v_ids := attune_step_births(p_tenant, p_root, p_worker, p_lease, v_seq, p_births, p_born);
  END IF;

  IF p_rare IS NOT NULL THEN
    FOR v_later IN SELECT * FROM json_array_elements(p_rare -> 'later') LOOP
      IF v_later -> 'changes' IS NOT NULL THEN
        PERFORM attune_step_changes(p_tenant, p_root, v_seq, v_later -> 'changes', json_array_length(v_later -> 'changes'));
      ELSE
        v_ids := v_ids || attune_step_births(p_tenant, p_root, p_worker, p_lease, v_seq, v_later -> 'births', json_array_length(v_later -> 'births'));
      END IF;
    END LOOP;
  END IF;
  RETURN json_build_object('ids', v_ids, 'at', attune_iso(clock_timestamp()));
END $$;

-- One wave of changes.
CREATE FUNCTION attune_step_changes(p_tenant bigint, p_root bigint, p_seq bigint, p_changes json, p_count int) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_now timestamptz := clock_timestamp();
  v_count int;
BEGIN
  WITH changed AS (
    UPDATE execution e SET state = c.state, state_reason = c.reason, result = COALESCE(c.result, e.result),
        error = COALESCE(c.error, e.error), updated = v_now,
        started_at = CASE WHEN c.state = 'running' THEN COALESCE(e.started_at, v_now) ELSE e.started_at END,
        ended_at = CASE WHEN c.state IN ('completed', 'failed', 'timeout', 'cancelled', 'abandoned') THEN v_now END,
        lease_until = CASE WHEN c.state = 'canceling' THEN e.lease_until END,
        cancel_requested = e.cancel_requested OR COALESCE(c.cancel, false)
      FROM json_to_recordset(p_changes) AS c(place int, id bigint, "from" text, fence bigint, state text, reason text, result json,
        error text, cancel boolean)
      WHERE e.tenant_id = p_tenant AND e.root_id = p_root AND e.id = c.id AND e.state = c."from" AND e.fence = c.fence
      RETURNING c.place, e.id, e.parent_id, e.action_ref, e.kind, e.task_name, e.item_index, e.state, e.state_reason, e.error, e.rerun_of,
        e.started_at, e.ended_at
  )
  INSERT INTO change_feed (tenant_id, root_id, seq, entity_type, entity_id, kind, terminal, payload)
    SELECT p_tenant, p_root, p_seq + place, 'execution', id, 'state', ended_at IS NOT NULL,
      -- As attune_state_payload says it; written out, it is part of this statement's plan.
      jsonb_build_object('id', id, 'rootId', p_root, 'parentId', parent_id, 'actionRef', action_ref, 'kind', kind,
        'taskName', task_name, 'itemIndex', item_index, 'state', state, 'stateReason', state_reason, 'error', error, 'rerunOf', rerun_of,
        'startedAt', attune_iso(started_at), 'endedAt', attune_iso(ended_at))
    FROM changed ORDER BY place;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  IF v_count <> p_count THEN RAISE EXCEPTION 'an execution of the tree % has moved on', p_root USING ERRCODE = 'AT010'; END IF;
END $$;

-- New executions; gives their ids in order (`nth`: from 1).
CREATE FUNCTION attune_step_births(p_tenant bigint, p_root bigint, p_worker bigint, p_lease double precision, p_seq bigint, p_births json,
  p_count int) RETURNS bigint[]
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_now timestamptz := clock_timestamp();
  v_ids bigint[];
BEGIN
  IF p_count = 1 THEN
    v_ids := ARRAY[nextval('execution_id_seq')];
  ELSE
    v_ids := ARRAY(SELECT nextval('execution_id_seq') FROM generate_series(1, p_count));
  END IF;
  WITH given AS MATERIALIZED (
    SELECT v_ids[b.nth] AS new_id, COALESCE(p_root, v_ids[b.nth]) AS root_id, b.*
    FROM json_to_recordset(p_births) AS b(place int, nth int, parent_id bigint, original_id bigint, action_ref text, kind text, revision int, state text,
      state_reason text, runtime text, priority int, parameters json, sealed text, result json, error text, task_name text, visit int,
      item_index int, attempt int, max_retries int, enforcement_id bigint, event_id bigint, rule_ref text, trigger_ref text,
      requested_by bigint, login text, idempotent boolean, timeout_seconds double precision, delay_seconds double precision, slot_key text,
      rerun_of bigint, rerun_from text, claim boolean)
  ), born AS (
    INSERT INTO execution (id, tenant_id, root_id, parent_id, original_id, action_ref, kind, revision, state, state_reason, runtime, priority,
      parameters, sealed, result, error, task_name, visit, item_index, attempt, max_retries, enforcement_id, event_id, rule_ref, trigger_ref,
      requested_by, idempotent, timeout_seconds, slot_key, rerun_of, rerun_from, available_at, created, updated, feed_seq,
      fence, worker_id, lease_until, started_at, deadline_at, ended_at)
    SELECT new_id, p_tenant, root_id, parent_id, original_id, action_ref, kind, revision, state, state_reason, runtime, priority,
      parameters, decode(sealed, 'base64'), result, error, task_name, visit, item_index, attempt, max_retries, enforcement_id, event_id, rule_ref,
      trigger_ref, requested_by, idempotent, timeout_seconds, slot_key, rerun_of, rerun_from, v_now + make_interval(secs => delay_seconds),
      v_now, v_now, CASE WHEN p_root IS NULL THEN 1 ELSE 0 END,
      1, CASE WHEN claim THEN p_worker END, CASE WHEN state = 'running' THEN v_now + make_interval(secs => p_lease) END,
      CASE WHEN claim THEN v_now END,
      CASE WHEN state = 'running' AND timeout_seconds IS NOT NULL THEN v_now + make_interval(secs => timeout_seconds) END,
      CASE WHEN state IN ('completed', 'failed', 'cancelled') THEN v_now END
    FROM given
  )
  INSERT INTO change_feed (tenant_id, root_id, seq, entity_type, entity_id, kind, terminal, payload)
    SELECT p_tenant, root_id, CASE WHEN p_root IS NULL THEN 1 ELSE p_seq + place END, 'execution', new_id, 'created',
      state IN ('completed', 'failed', 'cancelled'),
      jsonb_build_object('id', new_id, 'rootId', root_id, 'parentId', parent_id, 'actionRef', action_ref, 'kind', kind,
        'state', state, 'stateReason', state_reason, 'error', error, 'taskName', task_name, 'visit', visit, 'itemIndex', item_index,
        'attempt', attempt, 'maxRetries', max_retries, 'ruleRef', rule_ref, 'triggerRef', trigger_ref, 'eventId', event_id,
        'enforcementId', enforcement_id, 'requestedBy', login, 'revision', revision, 'rerunOf', rerun_of, 'rerunFrom', rerun_from,
        'created', attune_iso(v_now), 'startedAt', CASE WHEN claim THEN attune_iso(v_now) END,
        'endedAt', CASE WHEN state IN ('completed', 'failed', 'cancelled') THEN attune_iso(v_now) END)
    FROM given;
  RETURN v_ids;
END $$;

CREATE FUNCTION attune_step_rare(p_tenant bigint, p_root bigint, p json) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF p -> 'begun' IS NOT NULL THEN
    INSERT INTO workflow_run (tenant_id, root_id, execution_id, workflow_id, revision, head, variables, vars, warnings)
      SELECT p_tenant, p_root, r.id, r.workflow, r.revision, r.head, r.variables, COALESCE(r.vars, '{}'), COALESCE(r.warnings, '[]')
      FROM json_to_recordset(p -> 'begun') AS r(id bigint, workflow bigint, revision int, head json, variables json, vars json, warnings jsonb);
  END IF;
  IF p -> 'deadlines' IS NOT NULL THEN
    UPDATE execution e SET deadline_at = clock_timestamp() + make_interval(secs => r.deadline)
      FROM json_to_recordset(p -> 'deadlines') AS r(id bigint, deadline double precision)
      WHERE e.tenant_id = p_tenant AND e.root_id = p_root AND e.id = r.id;
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
END $$;
