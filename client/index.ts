import createClient, { type Client, type Middleware } from 'openapi-fetch';
import type { components, paths } from './generated/api';

/** Every route of the public API with what it takes and gives, as the server's own description of it says. */
export type ApiClient = Client<paths>;
export type ApiError = components['schemas']['Error'];

/**
 * A client of the public REST API. Its types are made from the description that the server publishes at
 * `/api-spec/openapi.json` (`npm run check` makes them; docs/adr/0046).
 *
 * @param url where the studio is, such as `http://127.0.0.1:3000`
 * @param token gives the access token of the next call; null for a call without one
 */
export function createApi(url: string, token: () => Promise<string | null> | string | null): ApiClient {
  const client = createClient<paths>({ baseUrl: url.replace(/\/+$/, '') });
  const authorize: Middleware = {
    onRequest: async ({ request }) => {
      const bearer = await token();
      if (bearer !== null) request.headers.set('authorization', `Bearer ${bearer}`);
      return request;
    },
  };
  client.use(authorize);
  return client;
}
