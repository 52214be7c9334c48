'use client';

import { CodeEditor } from '@/components/code/code-editor';
import { ConcurrencyFields } from '@/components/concurrency/concurrency-fields';
import { PackPicker } from '@/components/packs/pack-picker';
import { strings } from '@/components/strings';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import { Switch } from '@/components/ui/switch';
import { Textarea } from '@/components/ui/textarea';
import { PermissionSetsField } from './permission-sets-field';
import { LimitsFields } from './limits-fields';
import { withRuntime, type ActionDraft, type CodeRuntime } from './action-draft';

const text = strings.actions;
const languages = {
  shell: 'shell',
  python: 'python',
  nodejs: 'javascript',
  http: 'yaml',
  container: 'yaml',
} as const;

interface Props {
  draft: ActionDraft;
  onChange: (draft: ActionDraft) => void;
  /** By field: `label`, `code`, `paramSchema`, `ref`, … */
  errors: Record<string, string>;
  readOnly: boolean;
  /** Name and pack are chosen once. */
  isNew: boolean;
}

/** Everything that an action says of itself: its code on the left, the rest beside it. */
export function ActionForm({ draft, onChange, errors, readOnly, isNew }: Props) {
  const set = <Key extends keyof ActionDraft>(key: Key, value: ActionDraft[Key]) =>
    onChange({ ...draft, [key]: value });
  const codeLabel = text.codeLabels[draft.runtime];
  const isProgram = draft.runtime !== 'http' && draft.runtime !== 'container';
  return (
    <div className="grid grid-cols-1 gap-6 px-4 pb-10 md:px-6 xl:grid-cols-[1fr_400px]">
      <div className="min-w-0 space-y-6">
        <Field label={codeLabel} hint={text.codeHints[draft.runtime]} error={errors['code']}>
          {() => (
            <CodeEditor
              label={codeLabel}
              language={languages[draft.runtime]}
              value={draft.code}
              onChange={(code) => set('code', code)}
              readOnly={readOnly}
              height="min(60vh, 560px)"
            />
          )}
        </Field>
        <Field label={text.parameters} hint={text.parametersHint} error={errors['paramSchema']}>
          {() => (
            <CodeEditor
              label={text.parameters}
              language="json"
              value={draft.parameters}
              onChange={(parameters) => set('parameters', parameters)}
              readOnly={readOnly}
              height={220}
            />
          )}
        </Field>
      </div>
      <fieldset disabled={readOnly} className="min-w-0 space-y-4">
        <legend className="sr-only">{text.settings}</legend>
        {isNew ? (
          <>
            <PackPicker
              value={draft.packRef}
              onChange={(packRef) => set('packRef', packRef)}
              error={errors['packRef']}
            />
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
          </>
        ) : null}
        <Field label={text.label} error={errors['label']} required>
          <Input value={draft.label} onChange={(event) => set('label', event.target.value)} />
        </Field>
        <Field label={text.whatItDoes} error={errors['description']}>
          <Textarea
            rows={3}
            value={draft.description}
            onChange={(event) => set('description', event.target.value)}
          />
        </Field>
        <Field label={text.runtime}>
          <Select
            aria-label={text.runtime}
            value={draft.runtime}
            onValueChange={(runtime) => onChange(withRuntime(draft, runtime as CodeRuntime))}
            options={(['python', 'nodejs', 'shell', 'http', 'container'] as const).map((value) => ({
              value,
              label: text.runtimes[value],
            }))}
            disabled={readOnly}
          />
        </Field>
        {isProgram ? (
          <>
            <Field label={text.parameterDelivery}>
              <Select
                aria-label={text.parameterDelivery}
                value={draft.parameterDelivery}
                onValueChange={(delivery) =>
                  set('parameterDelivery', delivery as ActionDraft['parameterDelivery'])
                }
                options={(['stdin', 'file'] as const).map((value) => ({
                  value,
                  label: text.parameterDeliveries[value],
                }))}
                disabled={readOnly}
              />
            </Field>
            <Field label={text.parameterFormat}>
              <Select
                aria-label={text.parameterFormat}
                value={draft.parameterFormat}
                onValueChange={(format) => set('parameterFormat', format as ActionDraft['parameterFormat'])}
                options={(['json', 'yaml', 'dotenv'] as const).map((value) => ({
                  value,
                  label: text.parameterFormats[value],
                }))}
                disabled={readOnly}
              />
            </Field>
          </>
        ) : null}
        <Field label={text.outputFormat}>
          <Select
            aria-label={text.outputFormat}
            value={draft.outputFormat}
            onValueChange={(format) => set('outputFormat', format as ActionDraft['outputFormat'])}
            options={(['json', 'text', 'jsonl', 'yaml'] as const).map((value) => ({
              value,
              label: text.outputFormats[value],
            }))}
            disabled={readOnly}
          />
        </Field>
        <Field label={text.timeout} error={errors['timeoutSeconds']}>
          <Input
            type="number"
            min={1}
            max={86_400}
            value={String(draft.timeoutSeconds)}
            onChange={(event) => set('timeoutSeconds', Number(event.target.value))}
          />
        </Field>
        <Switch
          label={text.idempotent}
          description={text.idempotentHint}
          checked={draft.idempotent}
          onCheckedChange={(idempotent) => set('idempotent', idempotent)}
          disabled={readOnly}
        />
        {draft.runtime === 'http' ? null : (
          <PermissionSetsField
            value={draft.defaultPermissionSetRefs}
            onChange={(refs) => set('defaultPermissionSetRefs', refs)}
            error={errors['defaultPermissionSetRefs']}
            readOnly={readOnly}
          />
        )}
        <ConcurrencyFields
          value={draft.concurrency}
          onChange={(concurrency) => set('concurrency', concurrency)}
          errors={errors}
          readOnly={readOnly}
        />
        {isProgram ? (
          <>
            <LimitsFields
              value={draft.limits}
              onChange={(limits) => set('limits', limits)}
              errors={errors}
              readOnly={readOnly}
            />
            <Field
              label={text.requiredRuntimes}
              hint={text.requiredRuntimesHint}
              error={errorBelow(errors, 'requiredRuntimes')}
            >
              <Textarea
                rows={2}
                value={draft.requiredRuntimes}
                placeholder="nodejs >=20"
                spellCheck={false}
                onChange={(event) => set('requiredRuntimes', event.target.value)}
              />
            </Field>
          </>
        ) : null}
      </fieldset>
    </div>
  );
}

/** The first problem of a field or of one of its entries. */
function errorBelow(errors: Record<string, string>, field: string): string | undefined {
  const key = Object.keys(errors).find((path) => path === field || path.startsWith(`${field}.`));
  return key === undefined ? undefined : errors[key];
}
