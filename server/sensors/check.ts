import { invalid } from '@/engine/errors';
import { checkAgainst } from '@/engine/json-schema';
import type { ConfigurationTx } from '../db';
import type { JsonObject } from '../fields';
import { may, type Actor } from '../identities/actor';
import { targetOf } from '../packs/refs';
import { findTrigger } from '../triggers/store';

/** What a sensor emits must be there, and be seen by whoever names it. @throws DomainError invalid */
export async function requireTriggers(
  tx: ConfigurationTx,
  actor: Actor,
  refs: readonly string[],
): Promise<void> {
  const missing = [];
  for (const ref of refs) {
    const trigger = await findTrigger(tx, actor.tenantId, ref);
    if (!trigger || !may(actor, 'read', 'triggers', targetOf(ref))) missing.push(ref);
  }
  if (missing.length > 0)
    throw invalid(
      `There is no trigger ${missing.join(', ')}. Make it first, or name another.`,
      missing.map((ref) => ({ path: 'triggerRefs', message: `there is no trigger ${ref}` })),
    );
}

/** Its config must fit its parameters; what is missing may come with the rules. @throws DomainError invalid */
export function requireFit({ paramSchema, config }: { paramSchema: JsonObject; config: JsonObject }): void {
  const details = checkAgainst(paramSchema, config)
    .filter(({ message }) => message !== 'is required')
    .map(({ path, message }) => ({ path: path === '' ? 'config' : `config.${path}`, message }));
  if (details.length === 0) return;
  const told = details.map(({ path, message }) => `${path} ${message}`).join('; ');
  throw invalid(`The configuration does not fit the parameters: ${told}.`, details);
}
