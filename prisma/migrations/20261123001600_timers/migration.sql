-- Timers (docs/adr/0025): one for each rule on a timer's trigger, kept in step with it by the database itself, whoever writes the rule.

CREATE TABLE "timer" (
  "id" BIGSERIAL PRIMARY KEY,
  "tenant_id" BIGINT NOT NULL,
  "rule_id" BIGINT NOT NULL REFERENCES "rule" ("id") ON DELETE CASCADE,
  "trigger_ref" TEXT NOT NULL,
  "params" JSON NOT NULL,
  -- new: its next time is still to be worked out; active; done: nothing comes any more; invalid: its parameters do not fit.
  "state" TEXT NOT NULL DEFAULT 'new',
  "problem" TEXT,
  -- Since when an interval is counted.
  "anchor" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  "next_at" TIMESTAMPTZ(3),
  "last_at" TIMESTAMPTZ(3),
  "missed" BIGINT NOT NULL DEFAULT 0,
  "updated" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "timer_state_known" CHECK ("state" IN ('new', 'active', 'done', 'invalid')),
  CONSTRAINT "timer_active_has_a_time" CHECK (("state" = 'active') = ("next_at" IS NOT NULL))
);
CREATE UNIQUE INDEX "timer_of_rule" ON "timer" ("tenant_id", "rule_id");
CREATE INDEX "timer_due" ON "timer" ("next_at") WHERE "next_at" IS NOT NULL;
CREATE INDEX "timer_new" ON "timer" ("id") WHERE "state" = 'new';

-- Each firing once, whoever fires.
CREATE TABLE "timer_firing" (
  "tenant_id" BIGINT NOT NULL,
  "timer_id" BIGINT NOT NULL REFERENCES "timer" ("id") ON DELETE CASCADE,
  "fire_at" TIMESTAMPTZ(3) NOT NULL,
  "event_id" BIGINT NOT NULL,
  "fired_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "timer_firing_pkey" PRIMARY KEY ("tenant_id", "timer_id", "fire_at")
);
CREATE INDEX "timer_firing_old" ON "timer_firing" ("fired_at");
CREATE INDEX "timer_firing_timer" ON "timer_firing" ("timer_id");

DO $$
DECLARE
  v_table text;
BEGIN
  FOREACH v_table IN ARRAY ARRAY['timer', 'timer_firing'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', v_table);
    EXECUTE format('CREATE POLICY own_tenant ON %I TO attune_app USING (tenant_id = (SELECT attune_tenant())) WITH CHECK (tenant_id = (SELECT attune_tenant()))', v_table);
    EXECUTE format('CREATE POLICY all_tenants ON %I TO attune_system USING (true) WITH CHECK (true)', v_table);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO attune_app, attune_system', v_table);
  END LOOP;
END $$;
GRANT USAGE ON SEQUENCE "timer_id_seq" TO attune_app, attune_system;

-- A rule that is switched off, or goes, stops its timer with the same commit; one that is switched on, or asks for other times,
-- has its times worked out anew by the next worker that looks.
CREATE FUNCTION attune_keep_timer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT NEW.enabled OR NEW.trigger_ref NOT IN ('core.intervaltimer', 'core.crontimer', 'core.datetimetimer', 'core.rruletimer') THEN
    DELETE FROM timer WHERE tenant_id = NEW.tenant_id AND rule_id = NEW.id;
  ELSIF TG_OP = 'INSERT' OR NOT OLD.enabled OR OLD.trigger_ref <> NEW.trigger_ref OR OLD.trigger_params::jsonb <> NEW.trigger_params::jsonb THEN
    DELETE FROM timer WHERE tenant_id = NEW.tenant_id AND rule_id = NEW.id;
    INSERT INTO timer (tenant_id, rule_id, trigger_ref, params) VALUES (NEW.tenant_id, NEW.id, NEW.trigger_ref, NEW.trigger_params);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER rule_keeps_timer AFTER INSERT OR UPDATE OF enabled, trigger_ref, trigger_params ON "rule"
  FOR EACH ROW EXECUTE FUNCTION attune_keep_timer();
INSERT INTO timer (tenant_id, rule_id, trigger_ref, params)
  SELECT tenant_id, id, trigger_ref, trigger_params FROM rule
  WHERE enabled AND trigger_ref IN ('core.intervaltimer', 'core.crontimer', 'core.datetimetimer', 'core.rruletimer');
