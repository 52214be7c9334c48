'use client';

import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { CodeEditor } from '@/components/code/code-editor';
import { PackPicker } from '@/components/packs/pack-picker';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { Combobox } from '@/components/ui/combobox';
import { Field } from '@/components/ui/field';
import { IconButton } from '@/components/ui/icon-button';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import { Switch } from '@/components/ui/switch';
import { Textarea } from '@/components/ui/textarea';
import { sensorRuntimes, withSensorRuntime, type SensorDraft } from './sensor-draft';

const text = strings.sensors;
const languages = { python: 'python', nodejs: 'javascript', shell: 'shell' } as const;

interface Props {
  draft: SensorDraft;
  onChange: (draft: SensorDraft) => void;
  /** By field: `label`, `code`, `triggerRefs`, `config.every`, … */
  errors: Record<string, string>;
  /** Name and pack are chosen once. */
  isNew: boolean;
}

/** Everything that a sensor says of itself: its code on the left, the rest beside it. */
export function SensorForm({ draft, onChange, errors, isNew }: Props) {
  const set = <Key extends keyof SensorDraft>(key: Key, value: SensorDraft[Key]) =>
    onChange({ ...draft, [key]: value });
  return (
    <div className="grid grid-cols-1 gap-6 px-4 pb-10 md:px-6 xl:grid-cols-[1fr_400px]">
      <div className="min-w-0 space-y-6">
        <Field label={text.code} hint={text.codeHint} error={errors['code']}>
          {() => (
            <CodeEditor
              label={text.code}
              language={languages[draft.runtime]}
              value={draft.code}
              onChange={(code) => set('code', code)}
              height="min(50vh, 480px)"
            />
          )}
        </Field>
        <div className="grid gap-6 lg:grid-cols-2">
          <Field
            label={text.parameters}
            hint={text.parametersHint}
            error={errorOf(errors, 'paramSchema')}
            className="min-w-0"
          >
            <Textarea
              mono
              rows={6}
              value={draft.parameters}
              spellCheck={false}
              onChange={(event) => set('parameters', event.target.value)}
            />
          </Field>
          <Field
            label={text.configuration}
            hint={text.configurationHint}
            error={errorOf(errors, 'config')}
            className="min-w-0"
          >
            <Textarea
              mono
              rows={6}
              value={draft.config}
              spellCheck={false}
              placeholder={'{\n  "every": 30\n}'}
              onChange={(event) => set('config', event.target.value)}
            />
          </Field>
        </div>
      </div>
      <fieldset className="min-w-0 space-y-4">
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
        <Field label={text.whatItWatches} error={errors['description']}>
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
            onValueChange={(runtime) => onChange(withSensorRuntime(draft, runtime as SensorDraft['runtime']))}
            options={sensorRuntimes.map((value) => ({ value, label: text.runtimes[value] }))}
          />
        </Field>
        <TriggersField
          value={draft.triggerRefs}
          onChange={(refs) => set('triggerRefs', refs)}
          error={errorOf(errors, 'triggerRefs')}
        />
        <Switch
          label={text.enabled}
          description={text.enabledAtOnce}
          checked={draft.enabled}
          onCheckedChange={(enabled) => set('enabled', enabled)}
        />
      </fieldset>
    </div>
  );
}

/** The triggers that it may emit, in their order. */
function TriggersField({
  value,
  onChange,
  error,
}: {
  value: readonly string[];
  onChange: (refs: string[]) => void;
  error: string | undefined;
}) {
  const trpc = useTRPC();
  const triggers = useQuery(trpc.triggers.list.queryOptions());
  const options = (triggers.data ?? [])
    .filter(({ ref }) => !value.includes(ref))
    .map(({ ref, label, packRef }) => ({ value: ref, label: ref, description: label, group: packRef }));
  return (
    <div className="space-y-2">
      <Field label={text.triggers} hint={text.triggersHint} error={error} required>
        {(control) => (
          <Combobox
            id={control.id}
            label={text.addTrigger}
            placeholder={value.length > 0 ? text.addTrigger : text.chooseTrigger}
            value={null}
            onValueChange={(ref) => ref && onChange([...value, ref])}
            options={options}
            invalid={error !== undefined}
          />
        )}
      </Field>
      {value.length > 0 ? (
        <ul aria-label={text.triggers} className="divide-y divide-border rounded-md border border-border">
          {value.map((ref) => (
            <li key={ref} className="flex items-center gap-2 py-1 pr-1 pl-3 text-sm">
              <span className="min-w-0 flex-1 truncate">{ref}</span>
              <IconButton
                size="sm"
                icon={<X />}
                label={text.removeTrigger(ref)}
                onClick={() => onChange(value.filter((one) => one !== ref))}
              />
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

/** The first problem of a field or of one of its entries. */
function errorOf(errors: Record<string, string>, field: string): string | undefined {
  const found = Object.entries(errors).find(([path]) => path === field || path.startsWith(`${field}.`));
  if (!found) return undefined;
  const [path, message] = found;
  return path === field ? message : `${path.slice(field.length + 1)} ${message}`;
}
