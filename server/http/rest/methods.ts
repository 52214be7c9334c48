import { authRoutes } from '../../identities/rest';
import { apiRoutes } from './routes';

const known = [
  ...apiRoutes.map(({ method, path }) => ({ method, path: `/api/v1${path}` })),
  ...authRoutes.map(({ method, path }) => ({ method, path: `/auth${path}` })),
  { method: 'post', path: '/api/v1/webhooks/{key}' },
].map(({ method, path }) => ({
  method: method.toUpperCase(),
  pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}));

/** The methods that an address takes, for who comes with another; none where there is no such address. */
export function methodsAt(path: string): string[] {
  return [...new Set(known.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))];
}
