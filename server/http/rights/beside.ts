import { otherPaths } from '../openapi/other-paths';
import type { Line } from './lines';

/** What is asked for at addresses that no declared route serves: something that only its caller has, or nothing. */
const needs: Record<string, string> = {
  'GET /health': 'nothing',
  'GET /health/live': 'nothing',
  'GET /health/ready': 'nothing',
  'GET /health/detailed': 'nothing',
  'POST /api/v1/webhooks/{key}': 'the key in the address, and what the webhook asks for',
  'GET /api/v1/agent/info': 'nothing',
  'GET /api/v1/agent/binary': 'a bootstrap token',
  'GET /ws': 'a token in the handshake; each message asks for the right to read',
  'GET /auth/oidc/login': 'nothing',
  'GET /auth/oidc/callback': 'the state that its browser was given',
  'GET /api-spec': 'nothing',
  'GET /api-spec/openapi.json': 'nothing',
};

/**
 * Each of them as a line of the matrix. @param key of a webhook that is on
 * @throws Error for one that the API’s description has and this does not
 */
export function linesBeside(key: string): Line[] {
  for (const [path, methods] of Object.entries(otherPaths))
    for (const method of Object.keys(methods)) {
      const name = `${method.toUpperCase()} ${path}`;
      if (needs[name] === undefined) throw new Error(`${name} is not said what it needs`);
    }
  return Object.entries(needs).map(([name, need]) => {
    const [method = '', path = ''] = name.split(' ');
    return {
      ...{ name, needs: need, rights: [], noun: null, kind: 'rest', method, isUpload: false },
      path: path.replace('{key}', key),
      input: method === 'POST' ? { type: 'object', properties: {} } : null,
    };
  });
}
