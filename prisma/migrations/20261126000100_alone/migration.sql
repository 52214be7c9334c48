-- One execution that is asked for while nothing else is: told with its own commit, taken without being looked for, ended with its own
-- commit (docs/adr/0057). Several at once go the way of the batches, where a NOTIFY within each would make them commit one by one.

-- Stores a root that a person or a program asked for, as attune_step_ringing stores births, with nothing else to write: the same row,
-- the same feed row, the same bell (worker/handlers/request-root.test.ts compares them). Tells whoever waits for work with the commit. `p_news`: what a
-- worker needs to carry it out at once, as JSON text; NULL where it has to be claimed. Refuses with AT012 as that does.
CREATE FUNCTION attune_birth_alone(p_tenant bigint, p_check_tenant bigint, p_check_id bigint, p_check_revision int, p_check_published int,
  p_action_ref text, p_kind text, p_revision int, p_runtime text, p_priority int, p_parameters json, p_sealed text, p_requested_by bigint,
  p_login text, p_idempotent boolean, p_timeout double precision, p_news text) RETURNS json
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_now timestamptz := clock_timestamp();
  v_at text := attune_iso(v_now);
  v_id bigint := nextval('execution_id_seq');
BEGIN
  PERFORM set_config('attune.tenant', p_tenant::text, true);
  PERFORM FROM action a LEFT JOIN workflow w ON w.action_id = a.id
    WHERE a.tenant_id = p_check_tenant AND a.id = p_check_id AND a.revision = p_check_revision
      AND w.published IS NOT DISTINCT FROM p_check_published;
  IF NOT FOUND THEN RAISE EXCEPTION 'an action has changed' USING ERRCODE = 'AT012'; END IF;

  INSERT INTO execution (id, tenant_id, root_id, action_ref, kind, revision, state, runtime, priority, parameters, sealed, visit, attempt,
      max_retries, requested_by, idempotent, timeout_seconds, available_at, created, updated, feed_seq, fence)
    VALUES (v_id, p_tenant, v_id, p_action_ref, p_kind, p_revision, 'requested', p_runtime, p_priority, p_parameters,
      decode(p_sealed, 'base64'), 1, 1, 0, p_requested_by, p_idempotent, p_timeout, v_now, v_now, v_now, 1, 1);
  INSERT INTO change_feed (tenant_id, root_id, seq, entity_type, entity_id, kind, terminal, payload)
    VALUES (p_tenant, v_id, 1, 'execution', v_id, 'created', false,
      jsonb_build_object('id', v_id, 'rootId', v_id, 'parentId', NULL, 'actionRef', p_action_ref, 'kind', p_kind,
        'state', 'requested', 'stateReason', NULL, 'error', NULL, 'taskName', NULL, 'visit', 1, 'itemIndex', NULL,
        'attempt', 1, 'maxRetries', 0, 'ruleRef', NULL, 'triggerRef', NULL, 'eventId', NULL,
        'enforcementId', NULL, 'requestedBy', p_login, 'revision', p_revision, 'rerunOf', NULL, 'rerunFrom', NULL,
        'created', v_at, 'startedAt', NULL, 'endedAt', NULL));

  PERFORM FROM pgboss.job WHERE name = 'execution' AND state < 'active' AND NOT blocked
    ORDER BY priority DESC, created_on LIMIT 1 FOR KEY SHARE SKIP LOCKED;
  IF NOT FOUND THEN
    PERFORM attune_ring_execution(json_build_array(json_build_object('priority', p_priority, 'data',
      json_build_object('tenantId', p_tenant, 'rootId', v_id, 'id', v_id)))::text);
  END IF;
  PERFORM pg_notify('attune_job', COALESCE('root ' || p_tenant || ' ' || v_id || ' ' || p_news, 'execution'));
  RETURN json_build_object('ids', ARRAY[v_id], 'at', v_at);
END $$;
GRANT EXECUTE ON FUNCTION attune_birth_alone(bigint, bigint, bigint, int, int, text, text, int, text, int, json, text, bigint, text, boolean,
  double precision, text) TO attune_app, attune_system;

-- Ends one that was told of and carried out, as attune_end_roots does for several, and tells the feed's readers. False where it is not
-- any more as it was born: somebody else has taken it, or stopped it.
CREATE FUNCTION attune_end_root(p_worker bigint, p_tenant bigint, p_id bigint, p_state text, p_result json, p_error text) RETURNS boolean
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
  v_now timestamptz := clock_timestamp();
  e record;
BEGIN
  UPDATE execution x SET state = p_state, state_reason = NULL, result = p_result, error = p_error, updated = v_now, started_at = v_now,
      ended_at = v_now, fence = x.fence + 1, worker_id = p_worker, feed_seq = x.feed_seq + 1
    WHERE x.tenant_id = p_tenant AND x.root_id = p_id AND x.id = p_id AND x.state = 'requested' AND x.fence = 1 AND NOT x.on_hold
    RETURNING x.feed_seq, x.action_ref, x.kind, x.rerun_of, attune_iso(x.ended_at) AS at INTO e;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO change_feed (tenant_id, root_id, seq, entity_type, entity_id, kind, terminal, payload)
    VALUES (p_tenant, p_id, e.feed_seq, 'execution', p_id, 'state', true,
      jsonb_build_object('id', p_id, 'rootId', p_id, 'parentId', NULL, 'actionRef', e.action_ref, 'kind', e.kind, 'taskName', NULL,
        'itemIndex', NULL, 'state', p_state, 'stateReason', NULL, 'error', p_error, 'rerunOf', e.rerun_of,
        'startedAt', e.at, 'endedAt', e.at));
  PERFORM pg_notify('attune_feed', '');
  RETURN true;
END $$;
REVOKE EXECUTE ON FUNCTION attune_end_root(bigint, bigint, bigint, text, json, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attune_end_root(bigint, bigint, bigint, text, json, text) TO attune_system;
