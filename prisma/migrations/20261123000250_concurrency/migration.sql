-- Concurrency policies: how many executions of an action may run at a time, and who waits for a slot (docs/adr/0014).

ALTER TABLE "action" ADD COLUMN "concurrency" JSON;
ALTER TABLE "rule" ADD COLUMN "priority" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "execution" ADD COLUMN IF NOT EXISTS "slot_key" TEXT;
ALTER TABLE "execution" ADD CONSTRAINT "execution_priority_in_range" CHECK ("priority" BETWEEN -100 AND 100);
ALTER TABLE "rule" ADD CONSTRAINT "rule_priority_in_range" CHECK ("priority" BETWEEN -100 AND 100);

-- One row per execution that holds a slot or waits for one: an index over all partitions that triggers keep, so that
-- whoever ends an execution, by whatever way, frees its slot in the same transaction.
CREATE TABLE "execution_slot" (
  "tenant_id" BIGINT NOT NULL,
  "execution_id" BIGINT NOT NULL,
  "root_id" BIGINT NOT NULL,
  "parent_id" BIGINT,
  "slot_key" TEXT NOT NULL,
  "is_held" BOOLEAN NOT NULL,
  "rank" INTEGER NOT NULL,
  PRIMARY KEY ("tenant_id", "execution_id")
);
CREATE INDEX "execution_slot_held" ON "execution_slot" ("tenant_id", "slot_key", "execution_id") WHERE "is_held";
CREATE INDEX "execution_slot_queue" ON "execution_slot" ("tenant_id", "slot_key", "rank", "execution_id") WHERE NOT "is_held";

ALTER TABLE "execution_slot" ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON "execution_slot" TO attune_app
  USING (tenant_id = (SELECT attune_tenant())) WITH CHECK (tenant_id = (SELECT attune_tenant()));
CREATE POLICY all_tenants ON "execution_slot" TO attune_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON "execution_slot" TO attune_app, attune_system;

-- One whose run is paused leaves its queue until the run goes on: it would get a slot, not start, and keep it from others.
CREATE FUNCTION attune_keep_slot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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
CREATE TRIGGER execution_slot_begin AFTER INSERT ON "execution" FOR EACH ROW
  WHEN (NEW.slot_key IS NOT NULL AND NEW.ended_at IS NULL AND NEW.state <> 'delayed')
  EXECUTE FUNCTION attune_keep_slot();
CREATE TRIGGER execution_slot_move AFTER UPDATE OF "state", "slot_key", "ended_at", "priority", "on_hold" ON "execution" FOR EACH ROW
  WHEN ((OLD.slot_key IS NOT NULL OR NEW.slot_key IS NOT NULL)
    AND (OLD.slot_key, OLD.state = 'queued', OLD.state = 'delayed', OLD.ended_at, OLD.priority, OLD.on_hold)
      IS DISTINCT FROM (NEW.slot_key, NEW.state = 'queued', NEW.state = 'delayed', NEW.ended_at, NEW.priority, NEW.on_hold))
  EXECUTE FUNCTION attune_keep_slot();

-- How things stand with a slot: whether the caller has its lock now (with p_wait it waits for it, else it only tries), how
-- many are held and how many wait, counted up to p_most, both without those of p_ending. The counts see what was committed
-- before the lock was had; who holds the lock may give out what is free.
CREATE FUNCTION attune_slot(p_tenant bigint, p_key text, p_wait boolean, p_most int, p_ending bigint[],
  OUT is_locked boolean, OUT held int, OUT queued int) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_hash int := hashtext(p_tenant || ' ' || p_key);
BEGIN
  is_locked := true;
  IF p_wait THEN
    PERFORM pg_advisory_xact_lock(72707371, v_hash);
  ELSE
    is_locked := pg_try_advisory_xact_lock(72707371, v_hash);
  END IF;
  SELECT count(*) INTO held FROM execution_slot s
    WHERE s.tenant_id = p_tenant AND s.slot_key = p_key AND s.is_held AND s.execution_id <> ALL (p_ending);
  SELECT count(*) INTO queued FROM (SELECT FROM execution_slot s
    WHERE s.tenant_id = p_tenant AND s.slot_key = p_key AND NOT s.is_held AND s.execution_id <> ALL (p_ending) LIMIT p_most) AS first;
END $$;
