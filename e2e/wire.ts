import type { APIRequestContext } from '@playwright/test';

/** The public API below `/api/v1`, as the person who is signed in. */
export class Wire {
  constructor(private readonly request: APIRequestContext) {}

  /** A list, all its pages. */
  async list<Item>(path: string, query: Record<string, string> = {}): Promise<Item[]> {
    const all: Item[] = [];
    for (let after: string | null = null; ;) {
      const response = await this.request.get(`/api/v1${path}`, {
        headers: { 'x-attune': '1' },
        params: { ...query, page_size: 1_000, ...(after === null ? {} : { after }) },
      });
      const page = (await response.json()) as { items: Item[]; pagination: { next: string | null } };
      all.push(...page.items);
      ({ next: after } = page.pagination);
      if (after === null) return all;
    }
  }
}
