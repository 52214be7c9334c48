import type { FormValue } from '@/components/schema-form/form-value';
import { readObject } from '@/components/schema-form/json-text';
import { strings } from '@/components/strings';
import type { RouterInputs, RouterOutputs } from '@/components/trpc';

const text = strings.sensors;
export type Sensor = RouterOutputs['sensors']['get'];
export const sensorRuntimes = ['python', 'nodejs', 'shell'] as const;
type SensorRuntime = (typeof sensorRuntimes)[number];

/** A sensor while it is being edited: what the form holds. */
export interface SensorDraft {
  packRef: string;
  name: string;
  label: string;
  description: string;
  runtime: SensorRuntime;
  code: string;
  triggerRefs: string[];
  /** JSON text, also while it is none yet. */
  parameters: string;
  config: string;
  enabled: boolean;
}

export function newSensorDraft(triggerRef: string | null): SensorDraft {
  return {
    ...{ packRef: triggerRef?.split('.', 1)[0] ?? '', name: '', label: '', description: '' },
    ...{ runtime: 'python', code: text.templates.python, enabled: true },
    triggerRefs: triggerRef === null ? [] : [triggerRef],
    parameters: '{\n  "every": { "type": "number", "default": 60 }\n}',
    config: '',
  };
}

const toText = (value: FormValue) => (Object.keys(value).length > 0 ? JSON.stringify(value, null, 2) : '');

export function toSensorDraft(sensor: Sensor): SensorDraft {
  const { packRef, ref, label, description, runtime, triggerRefs, enabled } = sensor;
  return {
    ...{ packRef, label, description, triggerRefs, enabled },
    name: ref.slice(packRef.length + 1),
    runtime: runtime === 'native' ? 'python' : runtime,
    // For shell an entrypoint that is no file is the code.
    code: sensor.code ?? (runtime === 'shell' ? sensor.entrypoint : ''),
    parameters: toText(sensor.paramSchema),
    config: toText(sensor.config),
  };
}

/** Another runtime; a template that nobody touched goes with it. */
export function withSensorRuntime(draft: SensorDraft, runtime: SensorRuntime): SensorDraft {
  const isTouched = draft.code.trim() !== '' && draft.code !== text.templates[draft.runtime];
  return { ...draft, runtime, code: isTouched ? draft.code : text.templates[runtime] };
}

/** What is sent, or what is wrong by field. */
export function toSensorInput(
  draft: SensorDraft,
): { value: RouterInputs['sensors']['create'] } | { errors: Record<string, string> } {
  const { packRef, name, parameters, config: written, ...rest } = draft;
  const paramSchema = readObject(parameters);
  const config = readObject(written);
  const { required } = strings.common;
  const errors = {
    ...(packRef ? {} : { packRef: strings.packs.choose }),
    ...(name.trim() ? {} : { ref: required }),
    ...(draft.label.trim() ? {} : { label: required }),
    ...(draft.code.trim() ? {} : { code: required }),
    ...(draft.triggerRefs.length > 0 ? {} : { triggerRefs: text.noTrigger }),
    ...('error' in paramSchema ? { paramSchema: paramSchema.error } : {}),
    ...('error' in config ? { config: config.error } : {}),
  };
  if ('error' in paramSchema || 'error' in config || Object.keys(errors).length > 0) return { errors };
  return {
    value: {
      ...{ ...rest, packRef, ref: `${packRef}.${name.trim()}` },
      ...{ paramSchema: paramSchema.value, config: config.value },
    },
  };
}
