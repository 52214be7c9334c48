'use client';

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { PriorityField } from '@/components/concurrency/priority-field';
import { PackPicker } from '@/components/packs/pack-picker';
import { SchemaForm } from '@/components/schema-form/schema-form';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { Card } from '@/components/ui/card';
import { Combobox } from '@/components/ui/combobox';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Switch } from '@/components/ui/switch';
import { Textarea } from '@/components/ui/textarea';
import { CriteriaEditor } from './criteria-editor';
import { GuardsFields } from './guards-fields';
import type { RuleDraft } from './rule-draft';
import { TriggerParams } from './trigger-params';
import { RuleBacktest } from './rule-backtest';
import { RuleTry } from './rule-try';
import { useRuleScope } from './use-rule-scope';

const text = strings.rules;

interface Props {
  draft: RuleDraft;
  onChange: (draft: RuleDraft) => void;
  errors: Record<string, string>;
  isNew: boolean;
  /** Below what is tried out. */
  aside?: ReactNode;
}

/** When, if, then: a rule on one page, and beside it what it would say of an event. */
export function RuleForm({ draft, onChange, errors, isNew, aside }: Props) {
  const trpc = useTRPC();
  const triggers = useQuery(trpc.triggers.list.queryOptions());
  const catalog = useQuery(trpc.actions.catalog.queryOptions());
  const set = <Key extends keyof RuleDraft>(key: Key, value: RuleDraft[Key]) =>
    onChange({ ...draft, [key]: value });
  const ruleRef = isNew ? null : `${draft.packRef}.${draft.name}`;
  const scope = useRuleScope(draft.triggerRef, ruleRef);
  const action = catalog.data?.find(({ ref }) => ref === draft.actionRef);
  return (
    <div className="grid grid-cols-1 gap-6 px-4 pb-10 md:px-6 xl:grid-cols-[1fr_440px]">
      <div className="min-w-0 space-y-6">
        <Card>
          <div className="grid gap-4 sm:grid-cols-2">
            {isNew ? (
              <PackPicker
                value={draft.packRef}
                onChange={(packRef) => set('packRef', packRef)}
                error={errors['packRef']}
              />
            ) : null}
            {isNew ? (
              <Field
                label={text.name}
                hint={text.nameHint(`${draft.packRef || 'pack'}.${draft.name || 'name'}`)}
                error={errors['ref']}
                required
              >
                <Input
                  value={draft.name}
                  onChange={(event) => set('name', event.target.value)}
                  autoComplete="off"
                  spellCheck={false}
                />
              </Field>
            ) : null}
            <Field label={text.label} error={errors['label']} required>
              <Input value={draft.label} onChange={(event) => set('label', event.target.value)} />
            </Field>
            <div className="self-center pt-5">
              <Switch
                label={text.enabled}
                checked={draft.enabled}
                onCheckedChange={(enabled) => set('enabled', enabled)}
              />
            </div>
          </div>
          <Field label={text.whatItDoes} error={errors['description']} className="mt-4">
            <Textarea
              rows={2}
              value={draft.description}
              onChange={(event) => set('description', event.target.value)}
            />
          </Field>
        </Card>
        <Card title={text.when}>
          <Field label={text.trigger} error={errors['triggerRef']} required>
            {(control) => (
              <Combobox
                id={control.id}
                label={text.trigger}
                placeholder={text.chooseTrigger}
                value={draft.triggerRef || null}
                onValueChange={(ref) => onChange({ ...draft, triggerRef: ref ?? '', triggerParams: {} })}
                options={(triggers.data ?? []).map(({ ref, label }) => ({
                  value: ref,
                  label: ref,
                  description: label,
                }))}
                invalid={Boolean(errors['triggerRef'])}
              />
            )}
          </Field>
          <TriggerParams
            triggerRef={draft.triggerRef}
            value={draft.triggerParams}
            onChange={(triggerParams) => set('triggerParams', triggerParams)}
            errors={paramErrors(errors, 'triggerParams.')}
          />
        </Card>
        <Card title={text.if}>
          <CriteriaEditor
            criteria={draft.criteria}
            onChange={(criteria) => set('criteria', criteria)}
            scope={scope}
            error={errors['conditions']}
          />
        </Card>
        <Card title={text.then}>
          <div className="space-y-5">
            <Field label={text.action} error={errors['actionRef']} required>
              {(control) => (
                <Combobox
                  id={control.id}
                  label={text.action}
                  placeholder={text.chooseAction}
                  value={draft.actionRef || null}
                  onValueChange={(ref) => onChange({ ...draft, actionRef: ref ?? '', actionParams: {} })}
                  options={(catalog.data ?? []).map(({ ref, label, packRef }) => ({
                    value: ref,
                    label: ref,
                    description: label,
                    group: packRef,
                  }))}
                  invalid={Boolean(errors['actionRef'])}
                />
              )}
            </Field>
            {action ? (
              <section aria-label={text.inputs} className="space-y-3">
                <h3 className="text-sm font-semibold">{text.inputs}</h3>
                <p className="text-xs text-text-2">{text.inputsHint}</p>
                <SchemaForm
                  mode="expressions"
                  schema={action.paramSchema}
                  value={draft.actionParams}
                  onChange={(actionParams) => set('actionParams', actionParams)}
                  errors={paramErrors(errors, 'actionParams.')}
                  scope={scope}
                  idPrefix="rule-input"
                />
              </section>
            ) : null}
            <PriorityField
              value={draft.priority}
              onChange={(priority) => set('priority', priority)}
              error={errors['priority']}
            />
          </div>
        </Card>
        <Card title={text.guards.title}>
          <GuardsFields value={draft.guards} onChange={(guards) => set('guards', guards)} errors={errors} />
        </Card>
      </div>
      <div className="min-w-0 space-y-6">
        <RuleTry draft={draft} ruleRef={ruleRef} />
        <RuleBacktest draft={draft} ruleRef={ruleRef} />
        {aside}
      </div>
    </div>
  );
}

function paramErrors(errors: Record<string, string>, prefix: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(errors).flatMap(([path, message]) =>
      path.startsWith(prefix) ? [[path.slice(prefix.length), message]] : [],
    ),
  );
}
