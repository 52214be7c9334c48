-- An event, its feed row and its bell as one statement; the same for a call to a webhook, with its delivery (docs/adr/0033).

-- attune_ring_event is pg-boss's own insert, which `installQueues` (server/queue.ts) makes a function of.
CREATE FUNCTION attune_record_event(p_tenant bigint, p_trigger_ref text, p_trigger bigint, p_source text, p_payload json, p_headers json,
  p_execution bigint, p_rule bigint, p_sensor bigint, p_actor bigint)
RETURNS TABLE (event_id bigint, received_at timestamptz)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  INSERT INTO event AS e (tenant_id, trigger_ref, trigger_id, source, payload, headers, execution_id, rule_id, sensor_id)
    VALUES (p_tenant, p_trigger_ref, p_trigger, p_source, p_payload, p_headers, p_execution, p_rule, p_sensor)
    RETURNING e.id, e.created INTO event_id, received_at;
  INSERT INTO change_feed (tenant_id, root_id, seq, entity_type, entity_id, kind, terminal, actor_id, payload)
    VALUES (p_tenant, 0, 0, 'event', event_id, 'created', false, p_actor, jsonb_build_object('id', event_id, 'triggerRef', p_trigger_ref));
  PERFORM attune_ring_event(json_build_array(json_build_object('priority', 0, 'data',
    json_build_object('tenantId', p_tenant, 'rootId', 0, 'id', event_id)))::text);
  RETURN NEXT;
END $$;

-- Gives no row where the webhook was switched off, or got another key, since the call began: then nothing is stored.
CREATE FUNCTION attune_accept_call(p_tenant bigint, p_trigger bigint, p_key text, p_payload json, p_headers json, p_execution bigint,
  p_address text, p_size bigint)
RETURNS TABLE (event_id bigint, received_at timestamptz)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_ref text;
BEGIN
  SELECT t.ref INTO v_ref FROM trigger t
    WHERE t.tenant_id = p_tenant AND t.id = p_trigger AND t.webhook_key = p_key AND t.webhook_enabled AND t.enabled;
  IF NOT FOUND THEN RETURN; END IF;
  SELECT r.event_id, r.received_at INTO event_id, received_at
    FROM attune_record_event(p_tenant, v_ref, p_trigger, 'webhook', p_payload, p_headers, p_execution, NULL, NULL, NULL) r;
  INSERT INTO webhook_delivery (tenant_id, trigger_id, verdict, status, reason, address, size_bytes, event_id)
    VALUES (p_tenant, p_trigger, 'accepted', 200, '', p_address, p_size, event_id);
  RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION attune_record_event(bigint, text, bigint, text, json, json, bigint, bigint, bigint, bigint) TO attune_app, attune_system;
GRANT EXECUTE ON FUNCTION attune_accept_call(bigint, bigint, text, json, json, bigint, text, bigint) TO attune_system;

-- The rules that an event asks, by the index on tenant and trigger whatever the planner knows of the table: rules on other
-- triggers are never looked at.
CREATE FUNCTION attune_rules_of(p_tenant bigint, p_event bigint)
RETURNS TABLE (id bigint, ref text, action_ref text, conditions json, action_params json, guards json, priority int, config json, keeps_all boolean)
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_trigger text;
  v_rule bigint;
BEGIN
  SELECT e.trigger_ref, e.rule_id INTO v_trigger, v_rule FROM event e WHERE e.tenant_id = p_tenant AND e.id = p_event;
  RETURN QUERY SELECT r.id, r.ref, r.action_ref, r.conditions, r.action_params, r.guards, r.priority, p.config::json,
      COALESCE(r.keep_evaluations_until > clock_timestamp(), false)
    FROM rule r JOIN pack p ON p.id = r.pack_id
    WHERE r.tenant_id = p_tenant AND r.trigger_ref = v_trigger AND r.enabled AND (v_rule IS NULL OR r.id = v_rule) ORDER BY r.id;
END $$;
GRANT EXECUTE ON FUNCTION attune_rules_of(bigint, bigint) TO attune_app, attune_system;
-- With the id, so that the order comes with it: else the primary key, in order, looked cheaper, over all rules there are.
CREATE INDEX "rule_tenant_id_trigger_ref_id_idx" ON "rule" ("tenant_id", "trigger_ref", "id");
DROP INDEX "rule_tenant_id_trigger_ref_idx";
