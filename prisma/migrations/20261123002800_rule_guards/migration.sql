-- Guards of rules, sampling of what they leave alone, replays and the retention of events (docs/adr/0033).

-- cooldown_seconds, dedupe {key, window_seconds}, rate {count, window_seconds}; each may be missing.
ALTER TABLE "rule" ADD COLUMN "guards" JSON NOT NULL DEFAULT '{}';
-- Until then what the rule leaves alone is kept too, all of it.
ALTER TABLE "rule" ADD COLUMN "keep_evaluations_until" TIMESTAMPTZ(3);

ALTER TABLE "event" ADD COLUMN "replay_of" BIGINT;
-- How the rules answered, so that no list counts rows that are only kept for a while. Null: from before that was so.
ALTER TABLE "event" ADD COLUMN "matched" INTEGER;
ALTER TABLE "event" ADD COLUMN "silent" INTEGER;
ALTER TABLE "event" ADD COLUMN "failed" INTEGER;

-- Which guard held a match back.
ALTER TABLE "rule_evaluation" ADD COLUMN "held" TEXT;
ALTER TABLE "rule_evaluation" ADD CONSTRAINT "rule_evaluation_held_known" CHECK ("held" IS NULL OR ("verdict" = 'matched' AND "held" IN ('cooldown', 'dedupe', 'rate')));

-- The last events that a rule left alone; small, unlike what is stored per event.
CREATE TABLE "silent_evaluation" (
  "tenant_id" BIGINT NOT NULL,
  "rule_id" BIGINT NOT NULL,
  "event_id" BIGINT NOT NULL,
  "rule_ref" TEXT NOT NULL,
  "clauses" JSON NOT NULL DEFAULT '[]',
  "reason" TEXT NOT NULL DEFAULT '',
  "created" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  CONSTRAINT "silent_evaluation_pkey" PRIMARY KEY ("tenant_id", "rule_id", "event_id")
);
CREATE INDEX "silent_evaluation_of_event" ON "silent_evaluation" ("tenant_id", "event_id");

-- One row per rule with guards: who holds it decides.
CREATE TABLE "rule_guard" (
  "tenant_id" BIGINT NOT NULL,
  "rule_id" BIGINT NOT NULL REFERENCES "rule" ("id") ON DELETE CASCADE,
  -- When its rate held the last match back; a storm has ended when none was for a window.
  "rate_held_at" TIMESTAMPTZ(3),
  CONSTRAINT "rule_guard_pkey" PRIMARY KEY ("tenant_id", "rule_id")
);
CREATE UNIQUE INDEX "rule_guard_rule" ON "rule_guard" ("rule_id");
-- The enforcements that its guards still look at.
CREATE TABLE "rule_firing" (
  "tenant_id" BIGINT NOT NULL,
  "rule_id" BIGINT NOT NULL REFERENCES "rule" ("id") ON DELETE CASCADE,
  "id" BIGSERIAL NOT NULL,
  "fired_at" TIMESTAMPTZ(3) NOT NULL,
  -- A digest: the key itself may hold a secret.
  "dedupe_hash" BYTEA,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "rule_firing_pkey" PRIMARY KEY ("tenant_id", "rule_id", "id")
);
CREATE INDEX "rule_firing_times" ON "rule_firing" ("tenant_id", "rule_id", "fired_at" DESC);
CREATE INDEX "rule_firing_keys" ON "rule_firing" ("tenant_id", "rule_id", "dedupe_hash", "fired_at" DESC) WHERE "dedupe_hash" IS NOT NULL;
CREATE INDEX "rule_firing_rule" ON "rule_firing" ("rule_id");
CREATE INDEX "rule_firing_expired" ON "rule_firing" ("expires_at");

DO $$ DECLARE t text; BEGIN
  FOREACH t IN ARRAY ARRAY['silent_evaluation', 'rule_guard', 'rule_firing'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_tenant ON %I TO attune_app USING (tenant_id = (SELECT attune_tenant())) WITH CHECK (tenant_id = (SELECT attune_tenant()))', t);
    EXECUTE format('CREATE POLICY all_tenants ON %I TO attune_system USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO attune_app, attune_system', t);
  END LOOP;
END $$;
GRANT USAGE ON SEQUENCE rule_firing_id_seq TO attune_app, attune_system;

-- Asks the guards of rules that matched an event, in the caller's transaction, by the database's clock. Whoever matches
-- another event of the same rule meanwhile waits for this transaction to end, so no two can both be let through.
--   asks: [{rule, cooldown, hash, dedupe, count, rate}]    seconds; hash in hex; null where the rule has no such guard
-- Gives one row per ask: by what it is held back (null: let through, and remembered), until when, and whether a storm begins.
CREATE FUNCTION attune_ask_guards(p_tenant bigint, p_asks json)
RETURNS TABLE (rule bigint, held text, until timestamptz, begins boolean)
LANGUAGE plpgsql AS $$
DECLARE
  v_ask record;
  v_now timestamptz;
  v_last timestamptz;
  v_before timestamptz;
BEGIN
  -- In the order of their ids, as everybody does.
  FOR v_ask IN SELECT * FROM json_to_recordset(p_asks)
    AS a(rule bigint, cooldown double precision, hash text, dedupe double precision, count int, rate double precision) ORDER BY a.rule
  LOOP
    rule := v_ask.rule; held := NULL; until := NULL; begins := false;
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

-- Drops the oldest range of events where all of it is older than so many days, and nothing of it is still needed. It does not
-- queue for its lock: where anybody is at work it gives null, and is called again later. Gives what it dropped, or ''.
CREATE FUNCTION attune_drop_old_events(keep_days double precision) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_range text;
  v_is_old boolean;
BEGIN
  SELECT substring(c.relname FROM 8) INTO v_range FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'event'::regclass AND c.relname ~ '^event_p[0-9]+$'
      -- Ranges that are still to be filled stay.
      AND substring(c.relname FROM 8)::bigint + 200000 <= (SELECT last_value FROM event_id_seq)
    ORDER BY substring(c.relname FROM 8)::bigint LIMIT 1;
  IF v_range IS NULL THEN RETURN ''; END IF;
  -- The newest of each tenant, by the key: only where all are old is the whole looked through.
  EXECUTE format('SELECT NOT EXISTS (SELECT FROM tenant t CROSS JOIN LATERAL (
      SELECT e.created FROM event_p%1$s e WHERE e.tenant_id = t.id ORDER BY e.id DESC LIMIT 1) n
    WHERE n.created >= clock_timestamp() - make_interval(secs => $1 * 86400))', v_range) INTO v_is_old USING keep_days;
  IF NOT v_is_old THEN RETURN ''; END IF;
  EXECUTE format('SELECT NOT EXISTS (SELECT FROM event_p%1$s e WHERE e.processed_at IS NULL)
    AND NOT EXISTS (SELECT FROM event_p%1$s e WHERE e.created >= clock_timestamp() - make_interval(secs => $1 * 86400))
    AND NOT EXISTS (SELECT FROM enforcement_p%1$s f JOIN execution x ON x.tenant_id = f.tenant_id AND x.root_id = f.execution_id AND x.id = f.execution_id
      WHERE x.ended_at IS NULL)', v_range) INTO v_is_old USING keep_days;
  IF NOT v_is_old THEN RETURN ''; END IF;
  BEGIN
    LOCK TABLE event, rule_evaluation, enforcement IN ACCESS EXCLUSIVE MODE NOWAIT;
  EXCEPTION WHEN lock_not_available THEN RETURN NULL;
  END;
  EXECUTE format('DROP TABLE event_p%1$s, rule_evaluation_p%1$s, enforcement_p%1$s', v_range);
  RETURN 'event_p' || v_range;
END $$;
REVOKE EXECUTE ON FUNCTION attune_drop_old_events(double precision) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attune_drop_old_events(double precision) TO attune_system;
