import { z } from 'zod';
import { Ref } from '../fields';
import { needs, router } from '../trpc';
import { backtestRule, testRule } from './backtest';
import {
  Backtest,
  BacktestRule,
  CreateRule,
  KeepEvaluations,
  Rule,
  RuleSummary,
  RuleTest,
  TestRule,
  UpdateRule,
} from './schema';
import * as service from './service';

export const rulesRouter = router({
  list: needs('rules', 'read')
    .output(z.array(RuleSummary))
    .query(({ ctx }) => service.listRules(ctx.actor)),
  get: needs('rules', 'read')
    .input(z.strictObject({ ref: Ref }))
    .output(Rule)
    .query(({ ctx, input }) => service.getRule(ctx.actor, input.ref)),
  create: needs('rules', 'create')
    .input(CreateRule)
    .output(Rule)
    .mutation(({ ctx, input }) => service.createRule(ctx.actor, input)),
  update: needs('rules', 'update')
    .input(UpdateRule)
    .output(Rule)
    .mutation(({ ctx, input }) => service.updateRule(ctx.actor, input)),
  setEnabled: needs('rules', 'update')
    .input(z.strictObject({ ref: Ref, enabled: z.boolean() }))
    .output(Rule)
    .mutation(({ ctx, input }) => service.setRuleEnabled(ctx.actor, input.ref, input.enabled)),
  /** Everything that it says, also of events that it leaves alone, for some hours. */
  keepEvaluations: needs('rules', 'update')
    .input(KeepEvaluations)
    .output(Rule)
    .mutation(({ ctx, input }) => service.keepEvaluations(ctx.actor, input.ref, input.hours)),
  remove: needs('rules', 'delete')
    .input(z.strictObject({ ref: Ref }))
    .output(z.null())
    .mutation(({ ctx, input }) => service.removeRule(ctx.actor, input.ref)),
  /** A draft rule over a payload or a stored event, without side effects. */
  test: needs('rules', 'read')
    .input(TestRule)
    .output(RuleTest)
    .query(({ ctx, input }) => testRule(ctx.actor, input)),
  /** The same over the newest stored events of its trigger. */
  backtest: needs('rules', 'read')
    .input(BacktestRule)
    .output(Backtest)
    .query(({ ctx, input }) => backtestRule(ctx.actor, input)),
});
