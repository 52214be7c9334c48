import type { APIRequestContext, APIResponse } from '@playwright/test';

/** What the studio answered instead of doing what it was asked. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly status: number,
    /** The error's own word, such as `already_decided`. */
    readonly word: string | null,
    readonly details: { path: string; message: string }[],
  ) {
    super(message);
    this.name = 'Refused';
  }
}

interface Answer {
  result?: { data: unknown };
  error?: { message: string; data?: Pick<Refused, 'word' | 'details'> };
}

/** Calls procedures over `/trpc` as the person whose session the request context holds. */
export class Trpc {
  constructor(private readonly request: APIRequestContext) {}

  async query<T>(path: string, input?: unknown): Promise<T> {
    const search = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
    return this.read<T>(await this.request.get(`/trpc/${path}${search}`));
  }

  async mutate<T>(path: string, input?: unknown): Promise<T> {
    return this.read<T>(
      await this.request.post(`/trpc/${path}`, { data: input ?? {}, headers: { 'x-attune': '1' } }),
    );
  }

  private async read<T>(response: APIResponse): Promise<T> {
    const { result, error } = (await response.json()) as Answer;
    if (!error) return result?.data as T;
    const place = new URL(response.url()).pathname;
    const { word = null, details = [] } = error.data ?? {};
    throw new Refused(`${place}: ${error.message}`, response.status(), word, details);
  }
}
