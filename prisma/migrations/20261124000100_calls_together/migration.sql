-- Rings for new events: one bell for up to ten of a tenant. attune_ring_event is pg-boss's own insert, which `installQueues`
-- (server/queue.ts) makes a function of. p_events: [{tenant, id}].
CREATE FUNCTION attune_ring_for(p_events json) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  PERFORM attune_ring_event((
    SELECT json_agg(json_build_object('priority', 0, 'data',
      json_build_object('tenantId', b.tenant, 'rootId', 0, 'id', b.ids[1], 'others', to_json(b.ids[2:]))))
    FROM (
      SELECT n.tenant, array_agg(n.id ORDER BY n.id) AS ids
      FROM (
        SELECT m.tenant, m.id, (row_number() OVER (PARTITION BY m.tenant ORDER BY m.id) - 1) / 10 AS bell
        FROM json_to_recordset(p_events) AS m(tenant bigint, id bigint)
      ) n GROUP BY n.tenant, n.bell
    ) b)::text);
END $$;

-- Calls to webhooks that come at the same time are stored together: one transaction, one round trip (docs/adr/0035). Gives a row
-- for each that was accepted; none for a webhook that was switched off, or got another key, since its call began.
CREATE FUNCTION attune_accept_calls(p_tenants bigint[], p_triggers bigint[], p_keys text[], p_payloads json[], p_headers json[],
  p_executions bigint[], p_addresses text[], p_sizes bigint[])
RETURNS TABLE (place int, event_id bigint, received_at timestamptz)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_made json;
BEGIN
  WITH calls AS MATERIALIZED (
    SELECT c.*, t.ref, nextval('event_id_seq') AS new_id
    FROM unnest(p_tenants, p_triggers, p_keys, p_payloads, p_headers, p_executions, p_addresses, p_sizes)
      WITH ORDINALITY AS c(tenant, trigger, key, payload, headers, execution, address, size, place)
    JOIN trigger t ON t.tenant_id = c.tenant AND t.id = c.trigger AND t.webhook_key = c.key AND t.webhook_enabled AND t.enabled
  ), events AS (
    INSERT INTO event AS e (id, tenant_id, trigger_ref, trigger_id, source, payload, headers, execution_id)
    SELECT new_id, tenant, ref, trigger, 'webhook', payload, headers, execution FROM calls
    RETURNING e.id, e.created
  ), told AS (
    INSERT INTO change_feed (tenant_id, root_id, seq, entity_type, entity_id, kind, terminal, payload)
    SELECT tenant, 0, 0, 'event', new_id, 'created', false, jsonb_build_object('id', new_id, 'triggerRef', ref) FROM calls ORDER BY new_id
  ), written AS (
    INSERT INTO webhook_delivery (tenant_id, trigger_id, verdict, status, reason, address, size_bytes, event_id)
    SELECT tenant, trigger, 'accepted', 200, '', address, size, new_id FROM calls ORDER BY new_id
  )
  SELECT json_agg(json_build_object('place', c.place, 'tenant', c.tenant, 'id', e.id, 'created', e.created) ORDER BY e.id) INTO v_made
    FROM calls c JOIN events e ON e.id = c.new_id;
  IF v_made IS NULL THEN RETURN; END IF;
  PERFORM attune_ring_for(v_made);
  RETURN QUERY SELECT m.place, m.id, m.created FROM json_to_recordset(v_made) AS m(place int, id bigint, created timestamptz);
END $$;
GRANT EXECUTE ON FUNCTION attune_accept_calls(bigint[], bigint[], text[], json[], json[], bigint[], text[], bigint[]) TO attune_system;

-- The times of timers that have come, with their events, and when each timer comes next: as one statement, however many they are.
-- A time that somebody has fired for already makes no event. Gives how many events were made.
-- p_firings: [{tenant, timer, rule, trigger, trigger_ref, at, payload}]; p_moves: [{tenant, timer, next, last, missed}].
CREATE FUNCTION attune_fire_timers(p_firings json, p_moves json) RETURNS int
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_made json;
BEGIN
  WITH asked AS MATERIALIZED (
    SELECT f.*, nextval('event_id_seq') AS event_id
    FROM json_to_recordset(p_firings) AS f(tenant bigint, timer bigint, rule bigint, trigger bigint, trigger_ref text, at timestamptz, payload json)
  ), fired AS (
    INSERT INTO timer_firing AS t (tenant_id, timer_id, fire_at, event_id) SELECT tenant, timer, at, event_id FROM asked
    ON CONFLICT DO NOTHING RETURNING t.event_id
  ), fresh AS (
    SELECT a.* FROM asked a JOIN fired f ON f.event_id = a.event_id
  ), events AS (
    INSERT INTO event (id, tenant_id, trigger_ref, trigger_id, source, payload, headers, rule_id)
    SELECT event_id, tenant, trigger_ref, trigger, 'timer', payload, '{}', rule FROM fresh
  ), told AS (
    INSERT INTO change_feed (tenant_id, root_id, seq, entity_type, entity_id, kind, terminal, payload)
    SELECT tenant, 0, 0, 'event', event_id, 'created', false, jsonb_build_object('id', event_id, 'triggerRef', trigger_ref)
    FROM fresh ORDER BY event_id
  )
  SELECT json_agg(json_build_object('tenant', tenant, 'id', event_id) ORDER BY event_id) INTO v_made FROM fresh;
  UPDATE timer t SET state = CASE WHEN m.next IS NULL THEN 'done' ELSE 'active' END, next_at = m.next,
      last_at = COALESCE(m.last, t.last_at), missed = t.missed + m.missed, updated = clock_timestamp()
    FROM json_to_recordset(p_moves) AS m(tenant bigint, timer bigint, next timestamptz, last timestamptz, missed int)
    WHERE t.tenant_id = m.tenant AND t.id = m.timer;
  IF v_made IS NULL THEN RETURN 0; END IF;
  PERFORM attune_ring_for(v_made);
  RETURN json_array_length(v_made);
END $$;
GRANT EXECUTE ON FUNCTION attune_ring_for(json) TO attune_system;
GRANT EXECUTE ON FUNCTION attune_fire_timers(json, json) TO attune_system;
