-- An execution of its own that takes no time (core.noop, core.set, core.fail) is carried out in the transaction that takes
-- it, and what asks for an execution is one statement (docs/adr/0012, "Roots at once").

-- ── A step that rings ────────────────────────────────────────────────────────────────────────────────────
-- attune_step, and a bell for some of the new executions in the same transaction. `p_bells`: [{nth, priority}], nth from 1.
-- Where a bell waits already that nobody hears at this moment, it does for these as well: locked until the commit, it cannot
-- be heard before the new rows are to be seen (pg-boss fetches FOR UPDATE SKIP LOCKED).
-- attune_ring_execution is pg-boss's own insert, which `installQueues` (server/queue.ts) makes a function of.
CREATE FUNCTION attune_step_ringing(p_tenant bigint, p_root bigint, p_worker bigint, p_lease double precision, p_checks json, p_changes json,
  p_runs json, p_tasks json, p_births json, p_rare json, p_rows int, p_changed int, p_ran int, p_born int, p_bells json) RETURNS json
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_written json := attune_step(p_tenant, p_root, p_worker, p_lease, p_checks, p_changes, p_runs, p_tasks, p_births, p_rare, p_rows,
    p_changed, p_ran, p_born);
BEGIN
  PERFORM FROM pgboss.job WHERE name = 'execution' AND state < 'active' AND NOT blocked
    ORDER BY priority DESC, created_on LIMIT 1 FOR KEY SHARE SKIP LOCKED;
  IF FOUND THEN RETURN v_written; END IF;
  PERFORM attune_ring_execution((
    SELECT json_agg(json_build_object('priority', b.priority, 'data',
      json_build_object('tenantId', p_tenant, 'rootId', COALESCE(p_root, born.id), 'id', born.id)))::text
    FROM json_to_recordset(p_bells) AS b(nth int, priority int)
      CROSS JOIN LATERAL (SELECT (v_written -> 'ids' ->> (b.nth - 1))::bigint AS id) AS born));
  RETURN v_written;
END $$;

-- ── Roots at once ────────────────────────────────────────────────────────────────────────────────────────
-- Ends executions of their own that `attune_claim` named and a worker has carried out, each with one feed row. One that
-- somebody else holds, has taken or has stopped meanwhile is passed by. Gives the ids of those that ended here.
--   p_ends: [{tenant, id, from, fence, state, result, error}]
CREATE FUNCTION attune_end_roots(p_worker bigint, p_ends json) RETURNS bigint[]
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_now timestamptz := clock_timestamp();
  v_ids bigint[];
BEGIN
  WITH open AS MATERIALIZED (
    SELECT c.*, e.feed_seq + 1 AS seq FROM json_to_recordset(p_ends) AS c(tenant bigint, id bigint, "from" text, fence bigint, state text,
        result json, error text)
      CROSS JOIN LATERAL (SELECT x.state AS now_state, x.fence AS now_fence, x.on_hold, x.feed_seq FROM execution x
        WHERE x.tenant_id = c.tenant AND x.root_id = c.id AND x.id = c.id FOR UPDATE SKIP LOCKED) e
    WHERE e.now_state = c."from" AND e.now_fence = c.fence AND NOT e.on_hold
  ), ended AS (
    UPDATE execution e SET state = open.state, state_reason = NULL, result = open.result, error = open.error, updated = v_now,
        started_at = COALESCE(e.started_at, v_now), ended_at = v_now, fence = e.fence + 1, worker_id = p_worker, feed_seq = open.seq
      FROM open WHERE e.tenant_id = open.tenant AND e.root_id = open.id AND e.id = open.id
      RETURNING e.id, e.tenant_id, e.root_id, e.action_ref, e.kind, e.state, e.error, e.rerun_of, e.started_at, e.ended_at, open.seq
  ), told AS (
    INSERT INTO change_feed (tenant_id, root_id, seq, entity_type, entity_id, kind, terminal, payload)
      SELECT tenant_id, root_id, seq, 'execution', id, 'state', true,
        jsonb_build_object('id', id, 'rootId', root_id, 'parentId', NULL, 'actionRef', action_ref, 'kind', kind, 'taskName', NULL,
          'itemIndex', NULL, 'state', state, 'stateReason', NULL, 'error', error, 'rerunOf', rerun_of,
          'startedAt', attune_iso(started_at), 'endedAt', attune_iso(ended_at))
      FROM ended
  )
  SELECT array_agg(id) INTO v_ids FROM ended;
  RETURN v_ids;
END $$;
REVOKE EXECUTE ON FUNCTION attune_end_roots(bigint, json) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attune_end_roots(bigint, json) TO attune_system;

-- As before, and `p_named`: actions whose executions of their own are only named, like workflows.
DROP FUNCTION attune_claim(bigint, double precision, int, text[], bigint, bigint[]);
CREATE FUNCTION attune_claim(p_worker bigint, p_lease double precision, p_limit int, p_runtimes text[], p_after bigint, p_without bigint[],
  p_named text[])
RETURNS SETOF execution LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_sort = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_tenants bigint[] := '{}';
  v_tenant bigint;
  v_picks bigint[][];
  v_named bigint[][];
  v_own bigint[][];
  v_tree record;
  v_seq bigint;
  v_ids bigint[];
  v_count int;
BEGIN
  -- At most 100 tenants a time; the next call goes on after them.
  v_tenant := COALESCE(p_after, 0);
  FOR lap IN 1..2 LOOP
    LOOP
      SELECT tenant_id INTO v_tenant FROM execution WHERE state IN ('requested', 'scheduled') AND NOT on_hold AND tenant_id > v_tenant
        AND (lap = 1 OR tenant_id <= p_after) ORDER BY tenant_id, priority DESC, id LIMIT 1;
      EXIT WHEN v_tenant IS NULL OR cardinality(v_tenants) >= 100;
      v_tenants := v_tenants || v_tenant;
    END LOOP;
    EXIT WHEN COALESCE(p_after, 0) = 0 OR cardinality(v_tenants) >= 100;
    v_tenant := 0;
  END LOOP;
  IF cardinality(v_tenants) = 0 THEN RETURN; END IF;

  SELECT array_agg(ARRAY[picked.tenant_id, picked.root_id, picked.id, picked.is_named]) INTO v_picks FROM (
    SELECT c.tenant_id, c.root_id, c.id, c.is_named FROM unnest(v_tenants) WITH ORDINALITY AS t(id, turn)
      CROSS JOIN LATERAL (
        SELECT e.*, row_number() OVER (ORDER BY e.priority DESC, e.id) AS round FROM (
          SELECT x.tenant_id, x.root_id, x.id, x.priority, CASE WHEN x.kind = 'workflow'
              OR (x.id = x.root_id AND x.runtime = 'native' AND x.action_ref = ANY (p_named) AND x.slot_key IS NULL AND x.sealed IS NULL)
            THEN 1 ELSE 0 END AS is_named FROM execution x
          WHERE x.tenant_id = t.id AND NOT x.on_hold AND x.state IN ('requested', 'scheduled') AND x.runtime = ANY (p_runtimes)
            AND x.id <> ALL (p_without)
          ORDER BY x.priority DESC, x.id LIMIT p_limit) e) c
    ORDER BY c.round, t.turn LIMIT p_limit) picked;
  IF v_picks IS NULL THEN RETURN; END IF;

  -- Workflows, and what is carried out in the transaction that takes it, as they stand: that transaction finds out whether it
  -- still can.
  SELECT array_agg(v_picks[n:n]) FILTER (WHERE v_picks[n][4] = 1),
      array_agg(v_picks[n:n]) FILTER (WHERE v_picks[n][4] = 0 AND v_picks[n][2] = v_picks[n][3])
    INTO v_named, v_own FROM generate_subscripts(v_picks, 1) AS n;
  IF v_named IS NOT NULL THEN
    RETURN QUERY SELECT e.* FROM generate_subscripts(v_picks, 1) AS n
      CROSS JOIN LATERAL (SELECT x.* FROM execution x
        WHERE x.tenant_id = v_picks[n][1] AND x.root_id = v_picks[n][2] AND x.id = v_picks[n][3] OFFSET 0) e
      WHERE v_picks[n][4] = 1 AND e.state IN ('requested', 'scheduled') AND NOT e.on_hold;
  END IF;

  -- Executions of their own: whoever holds one is claiming it.
  IF v_own IS NOT NULL THEN
    RETURN QUERY WITH open AS MATERIALIZED (
        SELECT e.tenant_id, e.root_id, e.id FROM generate_subscripts(v_picks, 1) AS n
          CROSS JOIN LATERAL (SELECT x.tenant_id, x.root_id, x.id, x.state, x.on_hold FROM execution x
            WHERE x.tenant_id = v_picks[n][1] AND x.root_id = v_picks[n][2] AND x.id = v_picks[n][3] FOR UPDATE SKIP LOCKED) e
        WHERE v_picks[n][4] = 0 AND v_picks[n][2] = v_picks[n][3] AND e.state IN ('requested', 'scheduled') AND NOT e.on_hold
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
  END IF;
  IF COALESCE(cardinality(v_named), 0) + COALESCE(cardinality(v_own), 0) = cardinality(v_picks) THEN RETURN; END IF;

  -- Children, tree by tree, in order of their roots, so that two claims never wait for each other.
  FOR v_tree IN SELECT v_picks[n][1] AS tenant_id, v_picks[n][2] AS root_id, array_agg(v_picks[n][3]) AS ids
    FROM generate_subscripts(v_picks, 1) AS n WHERE v_picks[n][4] = 0 AND v_picks[n][2] <> v_picks[n][3] GROUP BY 1, 2 ORDER BY 1, 2
  LOOP
    SELECT feed_seq INTO v_seq FROM execution
      WHERE tenant_id = v_tree.tenant_id AND root_id = v_tree.root_id AND id = v_tree.root_id FOR UPDATE;
    CONTINUE WHEN NOT FOUND;
    SELECT array_agg(e.id) INTO v_ids FROM unnest(v_tree.ids) AS u(id)
      CROSS JOIN LATERAL (SELECT x.id, x.state, x.on_hold FROM execution x
        WHERE x.tenant_id = v_tree.tenant_id AND x.root_id = v_tree.root_id AND x.id = u.id OFFSET 0) e
      WHERE e.state IN ('requested', 'scheduled') AND NOT e.on_hold;
    CONTINUE WHEN v_ids IS NULL;
    v_count := cardinality(v_ids);
    UPDATE execution SET feed_seq = v_seq + v_count
      WHERE tenant_id = v_tree.tenant_id AND root_id = v_tree.root_id AND id = v_tree.root_id;
    -- Under the root's lock nobody else moves them on.
    RETURN QUERY WITH claimed AS (
        UPDATE execution e SET state = 'running', state_reason = NULL, updated = clock_timestamp(),
          started_at = COALESCE(e.started_at, clock_timestamp()), fence = e.fence + 1, worker_id = p_worker,
          lease_until = clock_timestamp() + make_interval(secs => p_lease),
          deadline_at = CASE WHEN e.timeout_seconds IS NULL THEN e.deadline_at ELSE clock_timestamp() + make_interval(secs => e.timeout_seconds) END
        FROM unnest(v_ids) AS u(id)
        WHERE e.tenant_id = v_tree.tenant_id AND e.root_id = v_tree.root_id AND e.id = u.id RETURNING e.*
      ), told AS (
        INSERT INTO change_feed (tenant_id, root_id, seq, entity_type, entity_id, kind, payload)
        SELECT c.tenant_id, c.root_id, v_seq + row_number() OVER (ORDER BY c.id), 'execution', c.id, 'state', attune_state_payload(c) FROM claimed c
      )
      SELECT * FROM claimed;
  END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION attune_claim(bigint, double precision, int, text[], bigint, bigint[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attune_claim(bigint, double precision, int, text[], bigint, bigint[], text[]) TO attune_system;
