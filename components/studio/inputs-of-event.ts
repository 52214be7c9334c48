import type { Json } from '@/engine/expression/expression';
import type { JsonSchema } from '@/engine/json-schema';
import type { FormValue } from '../schema-form/form-value';
import { withoutMasks } from '../schema-form/masks';
import { matchNames } from '../schema-form/put-value';
import { runInputs as strings } from '../strings/run-inputs';
import type { RouterOutputs } from '../trpc';

/** What a form takes from an event, and what is said of it. */
export interface InputsOfEvent {
  parameters: FormValue;
  said: string;
  /** Whether a run with them is one that the rule would start. */
  isComplete: boolean;
}

/** What the payload holds under the names of fields, where no rule leads here. */
export function inputsByName(schema: JsonSchema, payload: Json): InputsOfEvent {
  const parameters = matchNames(schema, payload);
  const names = Object.keys(parameters);
  return { parameters, said: names.length > 0 ? strings.byName(names) : strings.noName, isComplete: true };
}

/** What a rule gives, as the server has rendered it; what holds the mask of a secret is left out and named. */
export function inputsByRule(
  ruleRef: string,
  eventId: number,
  { parameters, error, before, reason }: RouterOutputs['rules']['test'],
): InputsOfEvent {
  if (parameters === null)
    return { parameters: {}, said: strings.notRendered(ruleRef, error ?? reason), isComplete: false };
  const { value, masked } = withoutMasks(parameters);
  const isLeftAlone = before !== null && before.verdict !== 'matched';
  return {
    parameters: value,
    said: [
      strings.byRule(ruleRef, eventId),
      ...(isLeftAlone ? [strings.notFired(before.reason)] : []),
      ...(masked.length > 0 ? [strings.masked(masked)] : []),
    ].join(' '),
    isComplete: !isLeftAlone && masked.length === 0,
  };
}
