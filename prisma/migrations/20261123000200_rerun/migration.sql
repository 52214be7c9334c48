-- Pause and resume (rule 15), rerun (rule 16), escalation (rule 13).

-- ── Pause ────────────────────────────────────────────────────────────────────────────────────────────────
-- Its run is paused: it does not start, whatever its state. Claims, timers and the reconciler pass it by.
ALTER TABLE execution ADD COLUMN on_hold boolean NOT NULL DEFAULT false;
DROP INDEX execution_due;
CREATE INDEX execution_due ON execution (available_at) WHERE state = 'delayed' AND NOT on_hold;
DROP INDEX execution_claimable;
CREATE INDEX execution_claimable ON execution (tenant_id, priority DESC, id) WHERE state IN ('requested', 'scheduled') AND NOT on_hold;

-- ── Rerun ────────────────────────────────────────────────────────────────────────────────────────────────
ALTER TABLE execution ADD CONSTRAINT execution_rerun_begins_somewhere CHECK (rerun_from IS NULL OR rerun_of IS NOT NULL);
CREATE INDEX execution_reruns ON execution (tenant_id, rerun_of) WHERE rerun_of IS NOT NULL;

-- What a rerun must know of the run before it: the order of events, who published what, and with which variables it
-- began (docs/adr/0013). In a rerun `kept_from` is the execution in which a task really ran.
ALTER TABLE task_run
  ADD COLUMN began int,
  ADD COLUMN routed int,
  ADD COLUMN published json,
  ADD COLUMN kept_from bigint;
ALTER TABLE workflow_run ADD COLUMN vars json NOT NULL DEFAULT '{}';

-- ── What steps and claims do more ────────────────────────────────────────────────────────────────────────
-- Changes a function by its text, so that what others change in it stays; a text that is not there is an error.
CREATE FUNCTION pg_temp.revise(p_function text, p_old text, p_new text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_text text := pg_get_functiondef(p_function::regproc);
BEGIN
  IF strpos(v_text, p_old) = 0 THEN RAISE EXCEPTION '% does not have: %', p_function, p_old; END IF;
  EXECUTE replace(v_text, p_old, p_new);
END $$;

SELECT pg_temp.revise('attune_claim', old, new) FROM (VALUES
  ('FROM execution WHERE state IN (''requested'', ''scheduled'')', 'FROM execution WHERE NOT on_hold AND state IN (''requested'', ''scheduled'')'),
  ('x.state IN (''requested'', ''scheduled'')', 'NOT x.on_hold AND x.state IN (''requested'', ''scheduled'')'),
  ('e.state IN (''requested'', ''scheduled'')', 'NOT e.on_hold AND e.state IN (''requested'', ''scheduled'')')
) AS revision(old, new);

SELECT pg_temp.revise('attune_step', old, new) FROM (VALUES
  -- A run begins with `vars`; one that goes on from a task has its row already, and gets its deadline all the same.
  ('workflow bigint, revision int, deadline double precision)', 'workflow bigint, revision int, deadline double precision, vars json)'),
  ('workflow_id, revision, head, variables, warnings)', 'workflow_id, revision, head, variables, vars, warnings)'),
  ('v_run.head, v_run.variables, COALESCE(v_run.warnings, ''[]''));
        IF v_run.deadline IS NOT NULL THEN
          UPDATE execution SET deadline_at = clock_timestamp() + make_interval(secs => v_run.deadline)
            WHERE tenant_id = p_tenant AND root_id = p_root AND id = v_run.id;
        END IF;
', 'v_run.head, v_run.variables, COALESCE(v_run.vars, ''{}''), COALESCE(v_run.warnings, ''[]''));
'),
  ('    FOR v_run IN SELECT * FROM json_to_recordset(p -> ''runs'')', '    UPDATE execution e SET deadline_at = clock_timestamp() + make_interval(secs => r.deadline)
      FROM json_to_recordset(p -> ''runs'') AS r(id bigint, deadline double precision)
      WHERE r.deadline IS NOT NULL AND e.tenant_id = p_tenant AND e.root_id = p_root AND e.id = r.id;
    FOR v_run IN SELECT * FROM json_to_recordset(p -> ''runs'')'),
  -- Of task runs: when they began, when their transitions were asked, and what those published.
  ('failure_error, is_tolerated, ended_at)', 'failure_error, is_tolerated, began, routed, published, ended_at)'),
  ('COALESCE(c.tolerated, false), CASE', 'COALESCE(c.tolerated, false), c.began, c.routed, c.published, CASE'),
  ('"failureError" text, tolerated boolean)', '"failureError" text, tolerated boolean, began int, routed int, published json)'),
  ('is_tolerated = excluded.is_tolerated, ended_at', 'is_tolerated = excluded.is_tolerated, began = COALESCE(excluded.began, t.began), routed = excluded.routed,
        published = excluded.published, ended_at'),
  -- A rerun says so as it is born.
  ('''revision'', revision, ''created''', '''revision'', revision, ''rerunOf'', rerun_of, ''rerunFrom'', rerun_from, ''created''')
) AS revision(old, new);

SELECT pg_temp.revise('attune_state_payload', '''error'', e.error,', '''error'', e.error, ''rerunOf'', e.rerun_of,');

-- ── Escalation ───────────────────────────────────────────────────────────────────────────────────────────
ALTER TABLE inquiry
  ADD COLUMN escalate_to jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN period_seconds double precision,
  ADD COLUMN escalated_at timestamptz(3),
  ADD COLUMN escalated_from jsonb,
  ADD CONSTRAINT inquiry_on_timeout_known CHECK (on_timeout IN ('default', 'fail', 'escalate')),
  ADD CONSTRAINT inquiry_escalates_to_somebody CHECK (on_timeout <> 'escalate' OR (escalate_to <> '[]' AND period_seconds > 0));
