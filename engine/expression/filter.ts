import { parseSignature, type Args, type Parameters } from './arguments';
import type { Evaluator } from './evaluator';
import { EvaluationFault } from './expression-error';
import { printValue } from './text';
import { Missing, typeName, type Value } from './value';

/** One filter: what it does, and what the editor says of it. */
export interface Filter {
  signature: string;
  parameters: Parameters;
  help: string;
  /** It has an answer for what is missing, so that is no warning. */
  acceptsMissing: boolean;
  apply: (input: Value, args: Args, evaluator: Evaluator) => Value;
}

export function filter(signature: string, help: string, apply: Filter['apply']): Filter {
  return { signature, parameters: parseSignature(signature), help, acceptsMissing: false, apply };
}

/** A filter for which what is missing is an input like any other. */
export function lenient(signature: string, help: string, apply: Filter['apply']): Filter {
  return { ...filter(signature, help, apply), acceptsMissing: true };
}

/** A filter over the text that its input prints as. */
export function textFilter(
  signature: string,
  help: string,
  apply: (text: string, args: Args, evaluator: Evaluator) => Value,
): Filter {
  return filter(signature, help, (input, args, evaluator) => {
    const text = printValue(input, evaluator);
    evaluator.fit(text.length);
    return apply(text, args, evaluator);
  });
}

/** As `textFilter`, for what makes sense with texts only: a number or null is an error. */
export function strictTextFilter(
  signature: string,
  help: string,
  apply: (text: string, args: Args, evaluator: Evaluator) => Value,
): Filter {
  const loose = textFilter(signature, help, apply);
  return {
    ...loose,
    apply: (input, args, evaluator) => {
      if (typeof input !== 'string' && !(input instanceof Missing))
        throw new EvaluationFault(
          'type',
          `A text is needed here, and this is ${typeName(input)}.`,
          'Use | string first.',
        );
      return loose.apply(input, args, evaluator);
    },
  };
}
