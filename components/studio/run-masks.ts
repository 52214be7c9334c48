import type { FormValue } from '../schema-form/form-value';
import { masksIn, starsIn } from '../schema-form/masks';

/**
 * The places that hold the mask of a secret and that nothing stands behind: no run may take those for values. Of a run
 * whose secrets are kept (`earlier`) the masks that stand where they stood are no such places.
 */
export function unfoundedMasks(value: FormValue, earlier: FormValue | null): string[] {
  const kept = new Set(earlier ? masksIn(earlier) : []);
  const whole = new Set(masksIn(value));
  return starsIn(value).filter((path) => !(whole.has(path) && kept.has(path)));
}
