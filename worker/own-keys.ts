import { DomainError } from '@/engine/errors';
import { systemSql, type Claim } from '@/server/executions/claims';
import { readOwnKeys } from '@/server/keys/named';
import { persist } from './persist';

/** A claim with the keys that reach its action by name. */
export interface Supplied {
  /** The parameters and the keys together; a parameter hides a key of its name. */
  claim: Claim;
  /** Which of the parameters are keys. */
  keyNames: readonly string[];
  /** Why it cannot start, or null. */
  problem: string | null;
}

/**
 * The claim as its program gets it: the keys of the action and of its pack lie beside the parameters, and what is encrypted is
 * among the secrets that its output is searched for. Read at each attempt and never stored. Built-ins get none.
 */
export async function supplyKeys(claim: Claim): Promise<Supplied> {
  if (claim.runtime === 'native') return { claim, keyNames: [], problem: null };
  try {
    const { values, secretTexts } = await persist('keys', () => readOwnKeys(systemSql, claim));
    const { parameters } = claim;
    const keys = Object.entries(values).filter(([name]) => !Object.hasOwn(parameters, name));
    return {
      claim: {
        ...claim,
        // The keys first: where two names make the same shell variable, the parameter's is set last.
        parameters: { ...Object.fromEntries(keys), ...parameters },
        secretTexts: [...claim.secretTexts, ...secretTexts],
      },
      keyNames: keys.map(([name]) => name),
      problem: null,
    };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { claim, keyNames: [], problem: error.message };
  }
}
