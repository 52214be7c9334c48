import { readAccess, setsOf } from '@/server/executions/access';
import { systemSql } from '@/server/executions/claims';
import { signExecutionToken } from '@/server/identities/execution-token';
import type { Supplied } from './own-keys';
import { persist } from './persist';

/** A claim with what it may call the API with, and what its request wants its process to have. */
export interface Granted extends Supplied {
  apiToken: string | null;
  requestVariables: Readonly<Record<string, string>>;
}

/** What is done in the worker itself calls nobody. */
const isProcess = (runtime: string) => runtime !== 'native' && runtime !== 'http';

/**
 * The claim with a token, where it has permission sets: made for this attempt, kept nowhere, and among the secrets that its
 * output is searched for.
 */
export async function supplyAccess(supplied: Supplied): Promise<Granted> {
  const { claim } = supplied;
  if (!isProcess(claim.runtime) || supplied.problem !== null)
    return { ...supplied, apiToken: null, requestVariables: {} };
  const access = await persist('access', () => readAccess(systemSql, claim));
  const requestVariables = access?.envVars ?? {};
  const sets = setsOf(access, claim);
  if (sets.length === 0) return { ...supplied, apiToken: null, requestVariables };
  const apiToken = await signExecutionToken(claim, sets);
  return {
    ...supplied,
    claim: { ...claim, secretTexts: [...claim.secretTexts, apiToken] },
    apiToken,
    requestVariables,
  };
}
