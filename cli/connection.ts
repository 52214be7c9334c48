import { createApi, type ApiClient } from '../client';
import { answerOf } from './answer';
import { keep, readKept, type Credentials } from './credentials';
import { exitCodes, Failure } from './failure';

/** What every command takes beside its own. */
export interface Common {
  url?: string | undefined;
  json: boolean;
}

const homeUrl = 'http://127.0.0.1:3000';
/** An access token this near its end is renewed before it is used. */
const marginMs = 60_000;

/** The studio's address: as asked for, as the environment says, the one signed in to last, or one on this machine. */
export function studioUrl({ url }: Pick<Common, 'url'>, env = process.env): string {
  const given = url ?? env['ATTUNE_URL'] ?? readKept(env).current ?? homeUrl;
  const parsed = URL.parse(given);
  if (!parsed || !/^https?:$/.test(parsed.protocol))
    throw new Failure(`${given} is no address of a studio. Give one such as ${homeUrl}.`, exitCodes.usage);
  return parsed.origin;
}

interface TokenAnswer {
  access_token: string;
  refresh_token: string;
  expires_in: number;
  user: { login: string };
}

export function toCredentials({ access_token, refresh_token, expires_in, user }: TokenAnswer): Credentials {
  return {
    login: user.login,
    accessToken: access_token,
    accessEndsAt: Date.now() + expires_in * 1_000,
    refreshToken: refresh_token,
  };
}

/** A client of the studio as whoever signed in; `ATTUNE_TOKEN` (an API token) goes before what is kept. */
export function connect(common: Pick<Common, 'url'>, env = process.env): ApiClient {
  const url = studioUrl(common, env);
  const anonymous = createApi(url, () => null);
  const apiToken = env['ATTUNE_TOKEN'] ?? '';
  let held: Credentials | null = apiToken === '' ? (readKept(env).studios[url] ?? null) : null;
  const renew = async (): Promise<Credentials> => {
    if (apiToken !== '') {
      const { data } = await answerOf(anonymous.POST('/auth/token-login', { body: { token: apiToken } }));
      return toCredentials(data);
    }
    // Another command may have renewed it meanwhile; a refresh token counts once.
    const kept = readKept(env).studios[url];
    if (!kept)
      throw new Failure(
        `Nobody is signed in to ${url}. Sign in with: attune login --url ${url}`,
        exitCodes.notSignedIn,
      );
    if (kept.accessEndsAt > Date.now() + marginMs) return kept;
    const { data } = await answerOf(
      anonymous.POST('/auth/refresh', { body: { refresh_token: kept.refreshToken } }),
    );
    const renewed = toCredentials(data);
    keep(url, renewed, false, env);
    return renewed;
  };
  let renewing: Promise<Credentials> | null = null;
  return createApi(url, async () => {
    if (!held || held.accessEndsAt < Date.now() + marginMs)
      held = await (renewing ??= renew().finally(() => (renewing = null)));
    return held.accessToken;
  });
}
