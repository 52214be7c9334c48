-- Claims whose plans are made once, and are right whatever the planner's statistics say (docs/adr/0012).
--
-- The settings leave one plan to choose: rows that wait come from execution_claimable in its order (any other index would
-- need a sort, which is off), and rows that are named come by their keys. So the state is asked of a row that was found,
-- never in the search for it: a condition on it would let a partial index stand in for the key.
CREATE OR REPLACE FUNCTION attune_claim(p_worker bigint, p_lease double precision, p_limit int, p_runtimes text[], p_after bigint, p_without bigint[])
RETURNS SETOF execution LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_sort = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_tenants bigint[] := '{}';
  v_tenant bigint;
  v_picks bigint[][];
  v_workflows bigint[][];
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

  SELECT array_agg(ARRAY[picked.tenant_id, picked.root_id, picked.id, picked.is_workflow]) INTO v_picks FROM (
    SELECT c.tenant_id, c.root_id, c.id, c.is_workflow FROM unnest(v_tenants) WITH ORDINALITY AS t(id, turn)
      CROSS JOIN LATERAL (
        SELECT e.*, row_number() OVER (ORDER BY e.priority DESC, e.id) AS round FROM (
          SELECT x.tenant_id, x.root_id, x.id, x.priority, CASE WHEN x.kind = 'workflow' THEN 1 ELSE 0 END AS is_workflow FROM execution x
          WHERE x.tenant_id = t.id AND NOT x.on_hold AND x.state IN ('requested', 'scheduled') AND x.runtime = ANY (p_runtimes)
            AND x.id <> ALL (p_without)
          ORDER BY x.priority DESC, x.id LIMIT p_limit) e) c
    ORDER BY c.round, t.turn LIMIT p_limit) picked;
  IF v_picks IS NULL THEN RETURN; END IF;

  -- Workflows, as they stand; the step that begins one finds out whether it still can.
  SELECT array_agg(v_picks[n:n]) FILTER (WHERE v_picks[n][4] = 1),
      array_agg(v_picks[n:n]) FILTER (WHERE v_picks[n][4] = 0 AND v_picks[n][2] = v_picks[n][3])
    INTO v_workflows, v_own FROM generate_subscripts(v_picks, 1) AS n;
  IF v_workflows IS NOT NULL THEN
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
  IF COALESCE(cardinality(v_workflows), 0) + COALESCE(cardinality(v_own), 0) = cardinality(v_picks) THEN RETURN; END IF;

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
