-- What Prisma cannot say: partitions, legal transitions, single decisions, roles and row-level security.

-- ── Tenants that always exist ────────────────────────────────────────────────────────────────────────────
INSERT INTO tenant (id, slug, name) VALUES (1, 'standard', 'Standard packs'), (2, 'default', 'Default');
SELECT setval(pg_get_serial_sequence('tenant', 'id'), 2);

-- ── Partitions ───────────────────────────────────────────────────────────────────────────────────────────
-- Ranges of ids, made ahead of need. A default partition catches what a late maintenance would lose.
CREATE TABLE change_feed_root0 PARTITION OF change_feed FOR VALUES FROM (0) TO (1);

CREATE FUNCTION attune_ensure_partitions(partition_size bigint DEFAULT 200000) RETURNS int
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
      ('execution', 'execution'), ('workflow_run', 'execution'), ('task_run', 'execution'),
      ('execution_log', 'execution'), ('change_feed', 'execution'),
      ('event', 'event'), ('rule_evaluation', 'event'), ('enforcement', 'event')) AS t(parent, counter)
  LOOP
    EXECUTE format('SELECT last_value FROM %I', item.counter || '_id_seq') INTO newest;
    from_id := ((newest - 1) / partition_size) * partition_size + 1;
    FOR step IN 0..1 LOOP
      name := format('%s_p%s', item.parent, from_id);
      IF to_regclass(name) IS NULL THEN
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%s) TO (%s)',
          name, item.parent, from_id, from_id + partition_size);
        made := made + 1;
      END IF;
      from_id := from_id + partition_size;
    END LOOP;
  END LOOP;
  RETURN made;
END $$;
SELECT attune_ensure_partitions();
DO $$ DECLARE t text; BEGIN
  FOREACH t IN ARRAY ARRAY['execution','workflow_run','task_run','execution_log','change_feed','event','rule_evaluation','enforcement'] LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', t || '_rest', t);
  END LOOP;
END $$;

-- ── Executions: one table of legal changes (engine/execution/status.ts says the same; a test compares) ───
CREATE FUNCTION attune_legal_transition(old_state text, new_state text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT new_state = ANY (CASE old_state
    WHEN 'requested' THEN ARRAY['delayed','queued','scheduled','running','waiting','canceling','failed','completed','cancelled','timeout']
    WHEN 'delayed'   THEN ARRAY['queued','scheduled','cancelled','canceling','failed','timeout']
    WHEN 'queued'    THEN ARRAY['delayed','scheduled','running','canceling','cancelled','failed','timeout']
    WHEN 'scheduled' THEN ARRAY['queued','delayed','running','waiting','canceling','cancelled','failed','timeout','completed']
    WHEN 'running'   THEN ARRAY['waiting','paused','scheduled','delayed','canceling','completed','failed','timeout','cancelled','abandoned']
    WHEN 'waiting'   THEN ARRAY['running','canceling','completed','failed','timeout','cancelled']
    WHEN 'paused'    THEN ARRAY['running','canceling','cancelled','timeout','failed']
    WHEN 'canceling' THEN ARRAY['cancelled','completed','failed','timeout','abandoned']
    ELSE ARRAY[]::text[] END)
$$;
ALTER TABLE execution
  ADD CONSTRAINT execution_state_known CHECK (state IN ('requested','delayed','queued','scheduled','running','waiting','paused','canceling','completed','failed','timeout','cancelled','abandoned')),
  ADD CONSTRAINT execution_ended_is_stamped CHECK ((state IN ('completed','failed','timeout','cancelled','abandoned')) = (ended_at IS NOT NULL)),
  ADD CONSTRAINT execution_running_has_lease CHECK (kind = 'workflow' OR state <> 'running' OR lease_until IS NOT NULL),
  ADD CONSTRAINT execution_kind_known CHECK (kind IN ('action','workflow')),
  ADD CONSTRAINT execution_failure_has_reason CHECK (state NOT IN ('failed','timeout','abandoned') OR error <> '');

CREATE FUNCTION attune_guard_execution() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL THEN
    RAISE EXCEPTION 'execution % has ended as %: it cannot change any more', OLD.id, OLD.state USING ERRCODE = 'AT001';
  END IF;
  IF NEW.state IS DISTINCT FROM OLD.state AND NOT attune_legal_transition(OLD.state, NEW.state) THEN
    RAISE EXCEPTION 'execution % cannot go from % to %', OLD.id, OLD.state, NEW.state USING ERRCODE = 'AT002';
  END IF;
  IF NEW.fence < OLD.fence THEN
    RAISE EXCEPTION 'execution %: fence % is older than %', OLD.id, NEW.fence, OLD.fence USING ERRCODE = 'AT003';
  END IF;
  RETURN NEW;
END $$;
-- The root's feed counter moves after its end too (a late log mark, an answer): that column alone is free.
CREATE TRIGGER execution_guard BEFORE UPDATE OF state, result, error, fence, ended_at, started_at, updated, parameters ON execution
  FOR EACH ROW EXECUTE FUNCTION attune_guard_execution();

CREATE UNIQUE INDEX execution_once_per_token ON execution (tenant_id, root_id, parent_id, task_name, visit, item_index, attempt)
  NULLS NOT DISTINCT WHERE parent_id IS NOT NULL;
CREATE INDEX execution_due ON execution (available_at) WHERE state = 'delayed';
CREATE INDEX execution_lease ON execution (lease_until) WHERE lease_until IS NOT NULL AND state IN ('running','canceling');
CREATE INDEX execution_claimable ON execution (updated) WHERE state IN ('requested','scheduled');
CREATE INDEX execution_deadline ON execution (deadline_at) WHERE deadline_at IS NOT NULL AND ended_at IS NULL;
CREATE INDEX execution_live_roots ON execution (tenant_id, id DESC) WHERE parent_id IS NULL;

-- ── The feed ─────────────────────────────────────────────────────────────────────────────────────────────
CREATE UNIQUE INDEX change_feed_one_end ON change_feed (tenant_id, root_id, entity_id) WHERE terminal AND entity_type = 'execution';
CREATE INDEX change_feed_tail ON change_feed (xid, id);
CREATE INDEX change_feed_order ON change_feed (tenant_id, root_id, seq);
CREATE INDEX change_feed_entity ON change_feed (tenant_id, entity_type, entity_id, id DESC);

-- ── Events, inquiries, revisions ─────────────────────────────────────────────────────────────────────────
CREATE INDEX event_waiting ON event (id) WHERE processed_at IS NULL;
ALTER TABLE rule_evaluation ADD CONSTRAINT rule_evaluation_verdict_known CHECK (verdict IN ('matched','silent','error'));
ALTER TABLE enforcement ADD CONSTRAINT enforcement_status_known CHECK (status IN ('created','processed','disabled'));
ALTER TABLE inquiry ADD CONSTRAINT inquiry_status_known CHECK (status IN ('pending','responded','timeout','cancelled'));
CREATE INDEX inquiry_due ON inquiry (timeout_at) WHERE status = 'pending' AND timeout_at IS NOT NULL;
CREATE FUNCTION attune_guard_inquiry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> 'pending' THEN
    RAISE EXCEPTION 'inquiry % was decided already: %', OLD.id, OLD.status USING ERRCODE = 'AT004';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER inquiry_one_decision BEFORE UPDATE ON inquiry FOR EACH ROW EXECUTE FUNCTION attune_guard_inquiry();

CREATE FUNCTION attune_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% rows cannot be changed', TG_TABLE_NAME USING ERRCODE = 'AT005';
END $$;
CREATE TRIGGER workflow_revision_immutable BEFORE UPDATE ON workflow_revision FOR EACH ROW EXECUTE FUNCTION attune_refuse_change();
CREATE TRIGGER action_revision_immutable BEFORE UPDATE ON action_revision FOR EACH ROW EXECUTE FUNCTION attune_refuse_change();

-- ── Two roles that own nothing ───────────────────────────────────────────────────────────────────────────
-- attune_app sees one tenant per transaction (attune.tenant); attune_system sees all, for what is global by
-- nature: signing in, webhook keys, claims, leases, timers, the feed's tail.
DO $$ DECLARE r text; BEGIN
  FOREACH r IN ARRAY ARRAY['attune_app', 'attune_system'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
      BEGIN EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS', r);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;
    END IF;
    EXECUTE format('GRANT %I TO CURRENT_USER', r);
  END LOOP;
END $$;
CREATE FUNCTION attune_tenant() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT nullif(current_setting('attune.tenant', true), '')::bigint $$;

DO $$ DECLARE t text; BEGIN
  FOREACH t IN ARRAY ARRAY['identity','session','sign_in_failure','permission_set','permission_assignment','pack','action',
    'action_revision','workflow','workflow_revision','trigger','rule','event','rule_evaluation','enforcement','execution',
    'workflow_run','task_run','execution_log','inquiry','inquiry_answer','change_feed','worker'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_tenant ON %I TO attune_app USING (tenant_id = (SELECT attune_tenant())) WITH CHECK (tenant_id = (SELECT attune_tenant()))', t);
    EXECUTE format('CREATE POLICY all_tenants ON %I TO attune_system USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO attune_app, attune_system', t);
  END LOOP;
  -- What the standard packs hold is read by every tenant and written by none but their own.
  FOREACH t IN ARRAY ARRAY['permission_set','pack','action','action_revision','workflow','workflow_revision','trigger','rule','worker'] LOOP
    EXECUTE format('CREATE POLICY standard_is_read ON %I FOR SELECT TO attune_app USING (tenant_id = 1)', t);
  END LOOP;
END $$;
ALTER TABLE tenant ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON tenant FOR SELECT TO attune_app USING (id = (SELECT attune_tenant()));
CREATE POLICY all_tenants ON tenant TO attune_system USING (true) WITH CHECK (true);
GRANT SELECT ON tenant TO attune_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant TO attune_system;
REVOKE UPDATE, DELETE ON change_feed FROM attune_app, attune_system;
REVOKE UPDATE ON workflow_revision, action_revision FROM attune_app, attune_system;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO attune_app, attune_system;
GRANT USAGE ON SCHEMA public TO attune_app, attune_system;
REVOKE ALL ON FUNCTION attune_ensure_partitions(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attune_ensure_partitions(bigint) TO attune_system;
