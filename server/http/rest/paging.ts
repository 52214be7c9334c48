import { z } from 'zod';

const defaultSize = 100;
const largestSize = 1_000;
/** Lists count so far; a longer one says that there is more, and not how much. */
export const mostCounted = 10_000;
const furthestPage = 1_000_000;

const bounded = (text: string | undefined, from: number, to: number) => {
  const number = Number(text);
  return text === undefined || text === '' || Number.isNaN(number)
    ? null
    : Math.min(Math.max(Math.trunc(number), from), to);
};

/** Which part of a list is asked for. What is out of range is brought into it, never refused. */
export interface Paging {
  page: number;
  size: number;
  /** Rows before the first one. */
  offset: number;
  /** Where the page before it said to go on; it wins over the offset. */
  after: string | null;
}

const texts = z.string().max(100).optional();
/** The query of every list. */
export const PagingQuery = z.object({
  page: texts.describe('Which page, from 1 (Default: 1)'),
  page_size: texts.describe(`Rows of a page, at most ${largestSize} (Default: ${defaultSize})`),
  per_page: texts.describe('The same as page_size'),
  limit: texts.describe('The same as page_size, beside offset'),
  offset: texts.describe('Rows to pass by'),
  after: z.string().max(1_000).optional().describe('What the page before this gave as next'),
});

export function toPaging(query: z.infer<typeof PagingQuery>): Paging {
  const size = bounded(query.page_size ?? query.per_page ?? query.limit, 1, largestSize) ?? defaultSize;
  const given = bounded(query.offset, 0, furthestPage);
  const page = bounded(query.page, 1, furthestPage);
  const offset = page === null ? (given ?? 0) : (page - 1) * size;
  return { page: Math.floor(offset / size) + 1, size, offset, after: query.after ?? null };
}

/** A part of a list, as a service found it. */
export interface Part<Item> {
  items: Item[];
  /** How many there are in all; null where they are too many to count. */
  total: number | null;
  hasMore: boolean;
  /** What leads to the part after it. */
  next: string | null;
}

export const Pagination = z.object({
  page: z.number().int(),
  page_size: z.number().int(),
  total_items: z.number().int().nullable(),
  total_pages: z.number().int().nullable(),
  has_next: z.boolean(),
  has_previous: z.boolean(),
  next: z.string().nullable(),
});

export function toPagination(paging: Paging, part: Part<unknown>): z.infer<typeof Pagination> {
  return {
    page: paging.page,
    page_size: paging.size,
    total_items: part.total,
    total_pages: part.total === null ? null : Math.ceil(part.total / paging.size),
    has_next: part.hasMore,
    has_previous: paging.offset > 0 || paging.after !== null,
    next: part.hasMore ? part.next : null,
  };
}

/** The part of a list that is at hand as a whole. */
export function partOf<Item>(all: readonly Item[], paging: Paging): Part<Item> {
  const from = paging.after === null ? paging.offset : (bounded(paging.after, 0, furthestPage) ?? 0);
  const end = from + paging.size;
  return { items: all.slice(from, end), total: all.length, hasMore: end < all.length, next: String(end) };
}
