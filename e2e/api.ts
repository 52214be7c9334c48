import { request, type APIRequestContext } from '@playwright/test';
import type { Json } from './records';

/** What a call of the public API answered. */
export interface Answered {
  status: number;
  body: { data?: { [name: string]: Json }; items?: { [name: string]: Json }[]; [name: string]: unknown };
}

let count = 0;

/** A client of the public REST API, as any program on another machine is one: with a token, and nothing else of ours. */
export class Api {
  private constructor(
    private readonly context: APIRequestContext,
    private readonly token: string | null,
    readonly login: string,
    readonly userId: number,
  ) {}

  /** Without a token. */
  static async open(baseURL: string): Promise<Api> {
    return new Api(await request.newContext({ baseURL }), null, '', 0);
  }

  async call(method: string, path: string, body?: object): Promise<Answered> {
    const response = await this.context.fetch(path.startsWith('/auth') ? path : `/api/v1${path}`, {
      method,
      headers: this.token === null ? {} : { authorization: `Bearer ${this.token}` },
      ...(body === undefined ? {} : { data: body }),
    });
    return { status: response.status(), body: (await response.json()) as Answered['body'] };
  }

  /** The same client, signed in by what the route answers with. @throws Error with the answer where it gives no token */
  async signedIn(route: string, body: object): Promise<Api> {
    const { status, body: answer } = await this.call('POST', route, body);
    const token = answer.data?.['access_token'];
    const user = answer.data?.['user'] as { id: number; login: string } | undefined;
    if (status !== 200 || typeof token !== 'string' || !user)
      throw new Error(`no token: ${status} ${JSON.stringify(answer)}`);
    return new Api(this.context, token, user.login, user.id);
  }

  /** The administrator of a tenant that is made for it. */
  registerTenant(name: string): Promise<Api> {
    const unique = `${name}-${Date.now().toString(36)}-${process.pid}-${(count += 1)}`;
    const account = { login: unique, password: 'a-tenant-of-the-scenarios' };
    return this.signedIn('/auth/register', { ...account, tenant: { name: unique } });
  }

  /** A new person of this client's tenant, who holds these permission sets, signed in. */
  async person(name: string, permissionSets: readonly string[]): Promise<Api> {
    const account = { login: `${this.login}-${name}`, password: 'a-person-of-the-scenarios' };
    await this.made('/identities', account);
    for (const ref of permissionSets)
      await this.made('/permissions/assignments', { identity_login: account.login, permission_set_ref: ref });
    return this.signedIn('/auth/login', account);
  }

  /** What a POST made. @throws Error with the answer where it made nothing */
  async made(path: string, body: object): Promise<{ [name: string]: Json } & { id: number }> {
    const { status, body: answer } = await this.call('POST', path, body);
    if (status !== 201 || !answer.data) throw new Error(`POST ${path}: ${status} ${JSON.stringify(answer)}`);
    return answer.data as { [name: string]: Json } & { id: number };
  }

  async close(): Promise<void> {
    await this.context.dispose();
  }
}
