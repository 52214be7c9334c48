import type { RouterOutputs } from '@/components/trpc';
import { readPolicy, type WrittenPolicy } from '@/components/concurrency/written-policy';
import { strings } from '@/components/strings';
import type { ConcurrencyPolicy } from '@/engine/definition/concurrency';
import type { Json } from '@/engine/expression/expression';
import { readLimits, toWritten, type WrittenLimits } from './written-limits';

type Action = RouterOutputs['actions']['get'];
export type CodeRuntime = 'shell' | 'python' | 'nodejs' | 'http' | 'container';
const codeRuntimes: readonly string[] = ['shell', 'python', 'nodejs', 'http', 'container'];

/** An action while it is being edited: what the form holds. */
export interface ActionDraft {
  packRef: string;
  name: string;
  label: string;
  description: string;
  runtime: CodeRuntime;
  code: string;
  /** The parameters as JSON text, also while they are not JSON yet. */
  parameters: string;
  outputFormat: Action['outputFormat'];
  parameterDelivery: Action['parameterDelivery'];
  parameterFormat: Action['parameterFormat'];
  timeoutSeconds: number;
  idempotent: boolean;
  defaultPermissionSetRefs: string[];
  concurrency: WrittenPolicy | null;
  limits: WrittenLimits;
  /** One to a line, such as `nodejs >=20`. */
  requiredRuntimes: string;
}

export function newDraft(): ActionDraft {
  return {
    packRef: '',
    name: '',
    label: '',
    description: '',
    runtime: 'python',
    code: strings.actions.templates.python,
    parameters: '{\n  "name": { "type": "string", "description": "Whom to greet" }\n}',
    outputFormat: 'json',
    parameterDelivery: 'stdin',
    parameterFormat: 'json',
    timeoutSeconds: 300,
    idempotent: false,
    defaultPermissionSetRefs: [],
    concurrency: null,
    limits: toWritten({}),
    requiredRuntimes: '',
  };
}

function isCodeRuntime(runtime: string): runtime is CodeRuntime {
  return codeRuntimes.includes(runtime);
}

export function toDraft(action: Action): ActionDraft {
  return {
    packRef: action.packRef,
    name: action.ref.slice(action.packRef.length + 1),
    label: action.label,
    description: action.description,
    runtime: isCodeRuntime(action.runtime) ? action.runtime : 'python',
    code: action.code ?? (action.runtime === 'http' ? `url: ${action.entrypoint}\n` : ''),
    parameters: JSON.stringify(action.paramSchema, null, 2),
    outputFormat: action.outputFormat,
    parameterDelivery: action.parameterDelivery,
    parameterFormat: action.parameterFormat,
    timeoutSeconds: action.timeoutSeconds,
    idempotent: action.idempotent,
    defaultPermissionSetRefs: action.defaultPermissionSetRefs,
    concurrency: action.concurrency,
    limits: toWritten(action.limits),
    requiredRuntimes: Object.entries(action.requiredRuntimes)
      .map(([name, range]) => `${name} ${range}`)
      .join('\n'),
  };
}

/** The parameters as JSON, or what keeps them from being it. */
function parseParameters(text: string): { value: { [key: string]: Json } } | { error: string } {
  if (text.trim() === '') return { value: {} };
  try {
    const value = JSON.parse(text) as Json;
    if (value === null || typeof value !== 'object' || Array.isArray(value))
      return { error: strings.actions.mustBeObject };
    return { value };
  } catch (error) {
    return { error: `${strings.actions.notJson} ${(error as Error).message}` };
  }
}

/** The parts of a draft that are typed as text, read; or what is wrong with them by field. */
export function readDraft(draft: ActionDraft):
  | {
      value: {
        paramSchema: { [key: string]: Json };
        concurrency: ConcurrencyPolicy | null;
        limits: Action['limits'];
        requiredRuntimes: Action['requiredRuntimes'];
      };
    }
  | { errors: Record<string, string> } {
  const parameters = parseParameters(draft.parameters);
  const policy = readPolicy(draft.concurrency, 'value' in parameters ? parameters.value : {});
  const limits = readLimits(draft.limits);
  if ('value' in parameters && 'value' in policy && 'value' in limits)
    return {
      value: {
        paramSchema: parameters.value,
        concurrency: policy.value,
        limits: limits.value,
        requiredRuntimes: readRequired(draft.requiredRuntimes),
      },
    };
  return {
    errors: {
      ...('error' in parameters ? { paramSchema: parameters.error } : {}),
      ...('errors' in policy ? policy.errors : {}),
      ...('errors' in limits ? limits.errors : {}),
    },
  };
}

/** Whether a range can be used, the server says. */
function readRequired(text: string): Action['requiredRuntimes'] {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', ...range] = line.split(/[\s:]+/);
      return [name, range.join(' ') || '*'];
    }),
  );
}

/** The code to start with in another language, unless the person has written something of their own. */
export function withRuntime(draft: ActionDraft, runtime: CodeRuntime): ActionDraft {
  const isTemplate =
    Object.values(strings.actions.templates).some((template) => template === draft.code) ||
    draft.code.trim() === '';
  return {
    ...draft,
    runtime,
    code: isTemplate ? strings.actions.templates[runtime] : draft.code,
    outputFormat: isTemplate
      ? runtime === 'shell' || runtime === 'container'
        ? 'text'
        : 'json'
      : draft.outputFormat,
  };
}
