-- Events that wait are taken off their table together, tenant by tenant, as executions are; a bell only wakes (docs/adr/0053).

-- With the tenant first, so that each has its turn.
CREATE INDEX "event_tenant_id_waiting_idx" ON event (tenant_id, id) WHERE processed_at IS NULL;
DROP INDEX event_waiting;

-- A rule with what else the asking of it needs, as JSON.
CREATE FUNCTION attune_rule_facts(r rule, p_config json) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT json_build_object('id', r.id, 'ref', r.ref, 'triggerRef', r.trigger_ref, 'actionRef', r.action_ref, 'conditions', r.conditions,
    'actionParams', r.action_params, 'guards', r.guards, 'priority', r.priority, 'packConfig', p_config,
    'keepsAll', COALESCE(r.keep_evaluations_until > clock_timestamp(), false))
$$;

-- Takes events that wait, of the next tenant after `p_after` that has some which nobody else holds, for the caller's transaction,
-- which belongs to that tenant from here on: at most `p_limit`, none of `p_without`, with payloads of about 4 MB together. NULL where
-- none waits. Gives {tenant, mayBeMore, events: [{id, triggerRef, ruleId, payload, headers, created, executionId}], rules: [...]},
-- each in the order of their ids. As the owner, since the tenant is not known before.
CREATE FUNCTION attune_take_events(p_after bigint, p_limit int, p_without bigint[]) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_after bigint := p_after;
  v_tenant bigint;
  v_lap int := 1;
  v_ids bigint[];
  v_count int;
  v_taken int;
  v_triggers text[];
  v_events json;
BEGIN
  -- At most 100 tenants a time: those whose events others hold are passed by.
  FOR v_turn IN 1..100 LOOP
    SELECT e.tenant_id INTO v_tenant FROM event e WHERE e.processed_at IS NULL AND e.tenant_id > v_after
      AND (v_lap = 1 OR e.tenant_id <= p_after) ORDER BY e.tenant_id, e.id LIMIT 1;
    IF v_tenant IS NULL THEN
      IF v_lap = 2 OR p_after = 0 THEN RETURN NULL; END IF;
      v_lap := 2;
      v_after := 0;
      CONTINUE;
    END IF;
    v_after := v_tenant;
    SELECT array_agg(t.id), count(*) INTO v_ids, v_count FROM (
      SELECT e.id FROM event e WHERE e.tenant_id = v_tenant AND e.processed_at IS NULL AND e.id <> ALL (p_without)
      ORDER BY e.id LIMIT p_limit FOR UPDATE SKIP LOCKED) t;
    CONTINUE WHEN v_ids IS NULL;
    EXIT;
  END LOOP;
  IF v_ids IS NULL THEN RETURN NULL; END IF;

  PERFORM set_config('attune.tenant', v_tenant::text, true);
  SELECT json_agg(json_build_object('id', t.id, 'triggerRef', t.trigger_ref, 'ruleId', t.rule_id, 'payload', t.payload, 'headers', t.headers,
      'created', attune_iso(t.created), 'executionId', t.execution_id) ORDER BY t.id), array_agg(DISTINCT t.trigger_ref), count(*)
    INTO v_events, v_triggers, v_taken
    FROM (
      SELECT e.*, sum(pg_column_size(e.payload)) OVER (ORDER BY e.id) - pg_column_size(e.payload) AS before
      FROM unnest(v_ids) AS u(id)
        CROSS JOIN LATERAL (SELECT x.* FROM event x WHERE x.tenant_id = v_tenant AND x.id = u.id OFFSET 0) e
    ) t
    WHERE t.before < 4000000;
  RETURN json_build_object(
    'tenant', v_tenant,
    'mayBeMore', v_count = p_limit OR v_taken < v_count
      OR EXISTS (SELECT FROM event e WHERE e.processed_at IS NULL AND e.tenant_id > v_tenant)
      OR EXISTS (SELECT FROM event e WHERE e.processed_at IS NULL AND e.tenant_id < v_tenant),
    'events', v_events,
    'rules', COALESCE((
      SELECT json_agg(attune_rule_facts(r, p.config) ORDER BY r.id) FROM unnest(v_triggers) AS u(trigger_ref)
        JOIN rule r ON r.tenant_id = v_tenant AND r.trigger_ref = u.trigger_ref AND r.enabled
        JOIN pack p ON p.id = r.pack_id), '[]'));
END $$;
REVOKE EXECUTE ON FUNCTION attune_take_events(bigint, int, bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attune_take_events(bigint, int, bigint[]) TO attune_app;

-- The same facts for one event that is asked about by itself.
DROP FUNCTION attune_rules_of(bigint, bigint);
CREATE FUNCTION attune_rules_of(p_tenant bigint, p_event bigint) RETURNS SETOF json
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_trigger text;
  v_rule bigint;
BEGIN
  SELECT e.trigger_ref, e.rule_id INTO v_trigger, v_rule FROM event e WHERE e.tenant_id = p_tenant AND e.id = p_event;
  RETURN QUERY SELECT attune_rule_facts(r, p.config)
    FROM rule r JOIN pack p ON p.id = r.pack_id
    WHERE r.tenant_id = p_tenant AND r.trigger_ref = v_trigger AND r.enabled AND (v_rule IS NULL OR r.id = v_rule) ORDER BY r.id;
END $$;
GRANT EXECUTE ON FUNCTION attune_rules_of(bigint, bigint) TO attune_app, attune_system;

-- Notes of events that every rule on their triggers was asked.
CREATE FUNCTION attune_finish_events(p_tenant bigint, p_ids bigint[], p_matched int[], p_silent int[], p_failed int[]) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
  UPDATE event e SET processed_at = clock_timestamp(), matched = v.matched, silent = v.silent, failed = v.failed
    FROM unnest(p_ids, p_matched, p_silent, p_failed) AS v(id, matched, silent, failed)
    WHERE e.tenant_id = p_tenant AND e.id = v.id;
END $$;
GRANT EXECUTE ON FUNCTION attune_finish_events(bigint, bigint[], int[], int[], int[]) TO attune_app;

-- As before, for several events: `nth` says which of what was asked is answered.
DROP FUNCTION attune_ask_guards(bigint, json);
CREATE FUNCTION attune_ask_guards(p_tenant bigint, p_asks json)
RETURNS TABLE (nth int, held text, until timestamptz, begins boolean)
LANGUAGE plpgsql AS $$
DECLARE
  v_ask record;
  v_now timestamptz;
  v_last timestamptz;
  v_before timestamptz;
BEGIN
  -- In the order of the rules, as everybody does, and for each rule in the order of the events.
  FOR v_ask IN SELECT * FROM json_to_recordset(p_asks)
    AS a(nth int, rule bigint, cooldown double precision, hash text, dedupe double precision, count int, rate double precision) ORDER BY a.rule, a.nth
  LOOP
    nth := v_ask.nth; held := NULL; until := NULL; begins := false;
    INSERT INTO rule_guard AS g (tenant_id, rule_id) VALUES (p_tenant, v_ask.rule)
      ON CONFLICT (tenant_id, rule_id) DO UPDATE SET rate_held_at = g.rate_held_at RETURNING g.rate_held_at INTO v_before;
    v_now := clock_timestamp();
    IF v_ask.cooldown IS NOT NULL THEN
      SELECT f.fired_at INTO v_last FROM rule_firing f WHERE f.tenant_id = p_tenant AND f.rule_id = v_ask.rule ORDER BY f.fired_at DESC LIMIT 1;
      IF v_last + make_interval(secs => v_ask.cooldown) > v_now THEN
        held := 'cooldown'; until := v_last + make_interval(secs => v_ask.cooldown);
        RETURN NEXT; CONTINUE;
      END IF;
    END IF;
    IF v_ask.hash IS NOT NULL THEN
      SELECT f.fired_at INTO v_last FROM rule_firing f
        WHERE f.tenant_id = p_tenant AND f.rule_id = v_ask.rule AND f.dedupe_hash = decode(v_ask.hash, 'hex') ORDER BY f.fired_at DESC LIMIT 1;
      IF v_last + make_interval(secs => v_ask.dedupe) > v_now THEN
        held := 'dedupe'; until := v_last + make_interval(secs => v_ask.dedupe);
        RETURN NEXT; CONTINUE;
      END IF;
    END IF;
    IF v_ask.count IS NOT NULL THEN
      SELECT f.fired_at INTO v_last FROM rule_firing f WHERE f.tenant_id = p_tenant AND f.rule_id = v_ask.rule
        ORDER BY f.fired_at DESC OFFSET v_ask.count - 1 LIMIT 1;
      IF v_last + make_interval(secs => v_ask.rate) > v_now THEN
        held := 'rate'; until := v_last + make_interval(secs => v_ask.rate);
        begins := v_before IS NULL OR v_before + make_interval(secs => v_ask.rate) <= v_now;
        UPDATE rule_guard g SET rate_held_at = v_now WHERE g.tenant_id = p_tenant AND g.rule_id = v_ask.rule;
        RETURN NEXT; CONTINUE;
      END IF;
    END IF;
    INSERT INTO rule_firing (tenant_id, rule_id, fired_at, dedupe_hash, expires_at)
      VALUES (p_tenant, v_ask.rule, v_now, decode(v_ask.hash, 'hex'),
        v_now + make_interval(secs => GREATEST(v_ask.cooldown, v_ask.dedupe, v_ask.rate, 0)));
    RETURN NEXT;
  END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION attune_ask_guards(bigint, json) TO attune_app, attune_system;

-- A bell for new events. Where one waits already that nobody hears at this moment, it does for these as well (see attune_step_ringing).
-- attune_ring_event is pg-boss's own insert, which `installQueues` (server/queue.ts) makes a function of. p_events: [{tenant, id}].
CREATE OR REPLACE FUNCTION attune_ring_for(p_events json) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  PERFORM FROM pgboss.job WHERE name = 'event' AND state < 'active' AND NOT blocked
    ORDER BY priority DESC, created_on LIMIT 1 FOR KEY SHARE SKIP LOCKED;
  IF FOUND THEN RETURN; END IF;
  PERFORM attune_ring_event((
    SELECT json_agg(json_build_object('priority', 0, 'data', json_build_object('tenantId', n.tenant, 'rootId', 0, 'id', n.id)))
    FROM (SELECT * FROM json_to_recordset(p_events) AS m(tenant bigint, id bigint) LIMIT 1) n)::text);
END $$;
GRANT EXECUTE ON FUNCTION attune_ring_for(json) TO attune_app, attune_system;

CREATE OR REPLACE FUNCTION attune_record_event(p_tenant bigint, p_trigger_ref text, p_trigger bigint, p_source text, p_payload json, p_headers json,
  p_execution bigint, p_rule bigint, p_sensor bigint, p_actor bigint)
RETURNS TABLE (event_id bigint, received_at timestamptz)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  INSERT INTO event AS e (tenant_id, trigger_ref, trigger_id, source, payload, headers, execution_id, rule_id, sensor_id)
    VALUES (p_tenant, p_trigger_ref, p_trigger, p_source, p_payload, p_headers, p_execution, p_rule, p_sensor)
    RETURNING e.id, e.created INTO event_id, received_at;
  INSERT INTO change_feed (tenant_id, root_id, seq, entity_type, entity_id, kind, terminal, actor_id, payload)
    VALUES (p_tenant, 0, 0, 'event', event_id, 'created', false, p_actor, jsonb_build_object('id', event_id, 'triggerRef', p_trigger_ref));
  PERFORM attune_ring_for(json_build_array(json_build_object('tenant', p_tenant, 'id', event_id)));
  RETURN NEXT;
END $$;

-- As before, and births may bring the ids that their caller has drawn: all of one step, or none.
CREATE OR REPLACE FUNCTION attune_step_births(p_tenant bigint, p_root bigint, p_worker bigint, p_lease double precision, p_seq bigint, p_births json,
  p_count int) RETURNS bigint[]
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_now timestamptz := clock_timestamp();
  v_ids bigint[];
BEGIN
  IF p_births -> 0 -> 'id' IS NOT NULL THEN
    v_ids := ARRAY(SELECT (b.birth ->> 'id')::bigint FROM json_array_elements(p_births) WITH ORDINALITY AS b(birth, place) ORDER BY b.place);
  ELSIF p_count = 1 THEN
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
