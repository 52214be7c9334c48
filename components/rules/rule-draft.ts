import type { RouterInputs, RouterOutputs } from '@/components/trpc';
import type { FormValue } from '@/components/schema-form/form-value';
import { toConditions, toCriteria, type Criteria } from './criteria';
import { noGuards, toGuards, toGuardsDraft, type GuardsDraft } from './guards';

type Rule = RouterOutputs['rules']['get'];

/** A rule while it is being edited. */
export interface RuleDraft {
  packRef: string;
  name: string;
  label: string;
  description: string;
  triggerRef: string;
  actionRef: string;
  criteria: Criteria;
  actionParams: FormValue;
  triggerParams: FormValue;
  guards: GuardsDraft;
  priority: number;
  enabled: boolean;
}

export function newRuleDraft(triggerRef: string): RuleDraft {
  const packRef = triggerRef.split('.')[0] ?? '';
  return {
    packRef: packRef === 'core' ? '' : packRef,
    name: '',
    label: '',
    description: '',
    triggerRef,
    actionRef: '',
    criteria: { kind: 'always' },
    actionParams: {},
    triggerParams: {},
    guards: noGuards,
    priority: 0,
    enabled: true,
  };
}

export function toRuleDraft(rule: Rule): RuleDraft {
  return {
    packRef: rule.packRef,
    name: rule.ref.slice(rule.packRef.length + 1),
    label: rule.label,
    description: rule.description,
    triggerRef: rule.triggerRef,
    actionRef: rule.actionRef,
    criteria: toCriteria(rule.conditions),
    actionParams: rule.actionParams,
    triggerParams: rule.triggerParams,
    guards: toGuardsDraft(rule.guards),
    priority: rule.priority,
    enabled: rule.enabled,
  };
}

/** What is asked of the server to try a draft out; an error where its criteria cannot be read. */
export function toTrial(draft: RuleDraft, ruleRef: string | null) {
  const conditions = toConditions(draft.criteria);
  if ('error' in conditions) return conditions;
  return {
    value: {
      ...(ruleRef === null ? {} : { ref: ruleRef }),
      ...(draft.packRef === '' ? {} : { packRef: draft.packRef }),
      triggerRef: draft.triggerRef,
      conditions: conditions.value,
      actionParams: draft.actionParams,
    },
  };
}

/** What is sent to the server, or the fields that keep it from being sent. */
export function toRuleInput(
  draft: RuleDraft,
  required: string,
): { value: RouterInputs['rules']['update'] & { packRef: string } } | { errors: Record<string, string> } {
  const conditions = toConditions(draft.criteria);
  const guards = toGuards(draft.guards, required);
  const errors = {
    ...(draft.packRef ? {} : { packRef: required }),
    ...(draft.name.trim() ? {} : { ref: required }),
    ...(draft.label.trim() ? {} : { label: required }),
    ...(draft.triggerRef ? {} : { triggerRef: required }),
    ...(draft.actionRef ? {} : { actionRef: required }),
    ...('error' in conditions ? { conditions: conditions.error } : {}),
    ...('errors' in guards ? guards.errors : {}),
  };
  if ('error' in conditions || 'errors' in guards || Object.keys(errors).length > 0) return { errors };
  const { name, criteria: _, ...fields } = draft;
  return {
    value: {
      ...fields,
      ref: `${draft.packRef}.${name.trim()}`,
      conditions: conditions.value,
      guards: guards.value,
    },
  };
}
