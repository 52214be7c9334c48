import { conflict } from '@/engine/errors';
import { isUniqueViolation } from '../db';

/** Runs `work`; that the name exists already becomes a conflict at the field `ref`. */
export async function refusingDoubles<T>(thing: string, ref: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw conflict(
      `${thing}_exists`,
      `There is ${/^[aeiou]/.test(thing) ? 'an' : 'a'} ${thing} ${ref} already. Choose another name.`,
    );
  }
}
