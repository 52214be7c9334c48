import type { z } from 'zod';
import type { Actor } from '../../identities/actor';
import type { Resource, RightAction } from '../../identities/schema';
import type { SentEvent } from './event-stream';
import { toPagination, type Paging, type Part } from './paging';

/**
 * Who may call: holders of a right (which the service asks for again, of the very thing), everybody who is signed in, or all.
 * `orSelf`: people also about themselves, where `{id}` is theirs. `also`: a right to another kind of thing, beside it.
 */
export type Access = (Right & { orSelf?: true; also?: Right }) | 'signed in' | 'anyone';

interface Right {
  resource: Resource;
  action: RightAction;
}

/** What every handler is given beside its input. */
export interface Caller<Who> {
  actor: Who;
  address: string;
  userAgent: string;
  /** The caller with the rights of a later moment; null once they may not call any more. */
  refresh: () => Promise<Who | null>;
}

interface Inputs {
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
}
type Parsed<Given> = Given extends z.ZodType ? z.output<Given> : undefined;
type Call<Given extends Inputs, Who> = Caller<Who> & {
  params: Parsed<Given['params']>;
  query: Parsed<Given['query']>;
  body: Parsed<Given['body']>;
};

/** What a request carried, as its declaration has checked it. */
export interface Checked {
  caller: Caller<Actor | null>;
  params: unknown;
  query: unknown;
  body: unknown;
  paging: Paging;
  /** The bytes of an upload, and what they are. */
  upload: { bytes: Uint8Array; type: string } | null;
  /** The body as it came. */
  bytes: Uint8Array;
  /** Where a reader of a stream stopped before. */
  lastEventId: string | null;
}

/** A stream that begins once it is opened. */
export type OpenStream = (signal: AbortSignal) => AsyncGenerator<SentEvent, void, void>;

/** What is sent back: the status and the body, in its envelope. */
export interface Sent {
  status: 200 | 201;
  /** A list only where the contract says so. */
  body: object;
}

/** A file that is sent as it is, to be saved and never to be opened as a page. */
export interface SentFile {
  fileName: string;
  contentType: string;
  /** null where it is only known once it is sent. */
  sizeBytes: number | null;
  content: AsyncIterable<Uint8Array>;
  /** What belongs to it and is not in it, as sentences. */
  leftOut?: readonly string[];
}

interface Form {
  file: string;
  fields?: z.ZodType;
}

/** A route as data: what it takes, gives and asks for. The API's description is made of these, too. */
export interface Route extends Inputs {
  method: 'get' | 'post' | 'put' | 'delete';
  /** With `{name}` for what varies. */
  path: string;
  summary: string;
  access: Access;
  /** How the answer is wrapped: data, items and pagination, nothing but success, not at all, as a file, or as events. */
  envelope: 'one' | 'list' | 'deleted' | 'bare' | 'file' | 'stream';
  answer: z.ZodType | null;
  status: 200 | 201;
  /** 422 for `/auth`. */
  invalidStatus: 400 | 422;
  /** Statuses beside those that its shape brings. */
  alsoAnswers: readonly number[];
  /** The longest body; of an upload the whole form. */
  maxBodyBytes: number;
  /** The body is multipart/form-data, and read by the route itself. */
  isUpload: boolean;
  /** Of an upload: the field with the file, and the fields of text beside it. */
  form: Form | null;
  /** A POST whose first answer is given again for the same Idempotency-Key: all but those that tell a secret once. */
  isRepeatable: boolean;
  run: (checked: Checked) => Promise<Sent | { file: SentFile } | { stream: OpenStream }>;
}

interface Common<Given extends Inputs> {
  path: string;
  summary: string;
  access: Access;
  params?: Given['params'];
  query?: Given['query'];
  body?: Given['body'];
  status?: 200 | 201;
  invalidStatus?: 400 | 422;
  alsoAnswers?: readonly number[];
  maxBodyBytes?: number;
  /** The answer holds a secret that is told once and kept nowhere. */
  tellsSecret?: true;
}

const mostBytes = 2 * 1024 * 1024;

function toRoute<Given extends Inputs>(
  method: Route['method'],
  envelope: Route['envelope'],
  declared: Common<Given>,
  answer: z.ZodType | null,
  run: Route['run'],
  form: Form | null = null,
): Route {
  const { path, summary, access, params, query, body, status = 200 } = declared;
  return {
    ...{ method, path, summary, access, envelope, answer, status, run, form, isUpload: form !== null },
    ...(params && { params }),
    ...(query && { query }),
    ...(body && { body }),
    invalidStatus: declared.invalidStatus ?? 400,
    alsoAnswers: declared.alsoAnswers ?? [],
    maxBodyBytes: declared.maxBodyBytes ?? mostBytes,
    isRepeatable: method === 'post' && access !== 'anyone' && !declared.tellsSecret,
  };
}

type WhoOf<Given extends { access: Access }> = Given['access'] extends 'anyone' ? Actor | null : Actor;

function toCall<Given extends Inputs, Who>({ caller, params, query, body }: Checked): Call<Given, Who> {
  // The types of what a declaration's schemas have let through are lost on the way through the list of routes.
  return { ...caller, params, query, body } as unknown as Call<Given, Who>;
}

/** A route that gives one thing. `answerWith`: another status than the declared one, such as 200 where nothing new was made. */
export function one<Answer extends z.ZodType, Given extends Inputs & { access: Access }>(
  method: Route['method'],
  declared: Common<Given> & Given & { answer: Answer },
  handle: (
    call: Call<Given, WhoOf<Given>> & { answerWith: (status: Sent['status']) => void },
  ) => Promise<z.input<Answer>>,
): Route {
  return toRoute(method, 'one', declared, declared.answer, async (checked) => {
    let { status = 200 } = declared;
    const answerWith = (other: Sent['status']) => void (status = other);
    const answer = await handle({ ...toCall<Given, WhoOf<Given>>(checked), answerWith });
    return { status, body: { data: declared.answer.parse(answer) } };
  });
}

/** A route whose answer stands alone, without an envelope: where the contract says so. */
export function bare<Answer extends z.ZodType, Given extends Inputs & { access: Access }>(
  method: Route['method'],
  declared: Common<Given> & Given & { answer: Answer },
  handle: (call: Call<Given, WhoOf<Given>>) => Promise<z.input<Answer>>,
): Route {
  const { status = 200 } = declared;
  return toRoute(method, 'bare', declared, declared.answer, async (checked) => ({
    status,
    body: declared.answer.parse(await handle(toCall(checked))) as object,
  }));
}

/** A route that gives a part of a list. */
export function list<Item extends z.ZodType, Given extends Inputs & { access: Access }>(
  declared: Common<Given> & Given & { item: Item },
  handle: (call: Call<Given, WhoOf<Given>> & { paging: Paging }) => Promise<Part<z.input<Item>>>,
): Route {
  return toRoute('get', 'list', declared, declared.item, async (checked) => {
    const part = await handle({ ...toCall<Given, WhoOf<Given>>(checked), paging: checked.paging });
    const items = part.items.map((item) => declared.item.parse(item));
    return { status: 200, body: { items, pagination: toPagination(checked.paging, part) } };
  });
}

/** A route that removes; `handle` gives the sentence that says so. */
export function remove<Given extends Inputs & { access: Access }>(
  declared: Common<Given> & Given,
  handle: (call: Call<Given, WhoOf<Given>>) => Promise<string>,
): Route {
  return toRoute('delete', 'deleted', declared, null, async (checked) => ({
    status: 200,
    body: { success: true, message: await handle(toCall(checked)) },
  }));
}

/** A route that gives a file. */
export function download<Given extends Inputs & { access: Access }>(
  declared: Common<Given> & Given,
  handle: (call: Call<Given, WhoOf<Given>>) => Promise<SentFile>,
): Route {
  return toRoute('get', 'file', declared, null, async (checked) => ({ file: await handle(toCall(checked)) }));
}

/** A route that gives events as they happen; `answer` is what each of them says. */
export function stream<Answer extends z.ZodType, Given extends Inputs & { access: Access }>(
  declared: Common<Given> & Given & { answer: Answer },
  handle: (call: Call<Given, WhoOf<Given>> & Pick<Checked, 'lastEventId'>) => Promise<OpenStream>,
): Route {
  return toRoute('get', 'stream', declared, declared.answer, async (checked) => {
    const { lastEventId } = checked;
    return { stream: await handle({ ...toCall<Given, WhoOf<Given>>(checked), lastEventId }) };
  });
}

/** A route that takes a form with a file. */
export function upload<Answer extends z.ZodType, Given extends Inputs & { access: Access }>(
  declared: Common<Given> & Given & { answer: Answer; maxBodyBytes: number; form: Form },
  handle: (
    call: Call<Given, WhoOf<Given>> & { upload: NonNullable<Checked['upload']> },
  ) => Promise<z.input<Answer>>,
): Route {
  return toRoute(
    'post',
    'one',
    declared,
    declared.answer,
    async (checked) => {
      const { upload: form } = checked;
      if (!form) throw new Error('an upload without a form');
      const call = { ...toCall<Given, WhoOf<Given>>(checked), upload: form };
      return { status: declared.status ?? 200, body: { data: declared.answer.parse(await handle(call)) } };
    },
    declared.form,
  );
}
