-- What changes with a trigger's row and with that of its secret: a web process that remembers a webhook stores a call by it only
-- while it is so still (docs/adr/0035).
CREATE FUNCTION attune_webhook_version(p_trigger xid, p_secret xid) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT p_trigger::text || ':' || COALESCE(p_secret::text, '') $$;

-- As before, and a call may name the version of its webhook by which it was checked; and whoever waits is woken by it. The one before stays for web processes that
-- are older than this.
CREATE FUNCTION attune_accept_calls(p_tenants bigint[], p_triggers bigint[], p_keys text[], p_versions text[], p_payloads json[], p_headers json[],
  p_executions bigint[], p_addresses text[], p_sizes bigint[])
RETURNS TABLE (place int, event_id bigint, received_at timestamptz)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_made json;
BEGIN
  WITH calls AS MATERIALIZED (
    SELECT c.*, t.ref, nextval('event_id_seq') AS new_id
    FROM unnest(p_tenants, p_triggers, p_keys, p_versions, p_payloads, p_headers, p_executions, p_addresses, p_sizes)
      WITH ORDINALITY AS c(tenant, trigger, key, version, payload, headers, execution, address, size, place)
    JOIN trigger t ON t.tenant_id = c.tenant AND t.id = c.trigger AND t.webhook_key = c.key AND t.webhook_enabled AND t.enabled
    LEFT JOIN webhook_secret s ON s.tenant_id = t.tenant_id AND s.trigger_id = t.id
    WHERE c.version = '' OR c.version = attune_webhook_version(t.xmin, s.xmin)
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
  -- With the commit: one lot of a process is under way at a time, so there are few who would wait for one another.
  PERFORM pg_notify('attune_job', 'event'), pg_notify('attune_feed', '');
  RETURN QUERY SELECT m.place, m.id, m.created FROM json_to_recordset(v_made) AS m(place int, id bigint, created timestamptz);
END $$;
GRANT EXECUTE ON FUNCTION attune_accept_calls(bigint[], bigint[], text[], text[], json[], json[], bigint[], text[], bigint[]) TO attune_system;
