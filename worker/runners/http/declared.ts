import { parse as parseYaml } from 'yaml';
import { ExpressionError, renderValue } from '@/engine/expression/expression';
import { WrittenHttpRequest } from '@/server/actions/http-request';
import type { Claim } from '@/server/executions/claims';
import { findSchemaProblem } from '../read-data';
import type { NativeEnd } from '../native';
import { ownWall, runHttp } from './http';

type HttpClaim = Pick<
  Claim,
  'code' | 'entrypoint' | 'actionRef' | 'parameters' | 'outSchema' | 'secretTexts' | 'executionId'
>;

/**
 * Sends the request that an HTTP action declares, with its templates filled in from the parameters (`{{ name }}` or
 * `{{ parameters.name }}`). What a parameter holds is put in as it is and never read as a template itself. An action
 * that declares no more than an address takes all else from its parameters, as `core.http_request` does.
 */
export async function runHttpAction(claim: HttpClaim, stop: AbortSignal): Promise<NativeEnd> {
  let request: Claim['parameters'];
  try {
    request = toRequest(claim);
  } catch (error) {
    const why = error instanceof ExpressionError ? error.message : 'it cannot be read. Save the action again';
    return { kind: 'failed', error: `The request of ${claim.actionRef} cannot be made: ${why}` };
  }
  const end = await runHttp(request, {
    wall: ownWall(),
    stop,
    secretTexts: claim.secretTexts,
    executionId: claim.executionId,
  });
  if (end.kind !== 'completed') return end;
  const problem = findSchemaProblem(claim.outSchema, end.data);
  return problem === null ? { ...end, stdout: '' } : { ...end, kind: 'failed', error: problem };
}

function toRequest({ code, entrypoint, parameters }: HttpClaim): Claim['parameters'] {
  if (code === null) return { ...parameters, url: entrypoint };
  const written = WrittenHttpRequest.parse(parseYaml(code, { maxAliasCount: 100 }));
  const scope = { names: { ...parameters, parameters } };
  return renderValue(JSON.parse(JSON.stringify(written)) as Claim['parameters'], scope)
    .value as Claim['parameters'];
}
