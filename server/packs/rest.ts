import { Hono, type Context } from 'hono';
import { DomainError, forbidden, invalid } from '@/engine/errors';
import type { HttpEnv } from '../http/bindings';
import { readBody } from '../http/read-body';
import { isSameOrigin } from '../http/same-origin';
import type { Actor } from '../identities/actor';
import { actorOf, sessionTokenOf } from '../identities/sessions';
import { archiveLimits } from './archive';
import { uploadPack } from './install';

/** `/api/v1/packs`: what a browser cannot send by tRPC. */
export const packsRest = new Hono<HttpEnv>();

packsRest.post('/upload', async (c) => {
  const actor = await requireActor(c);
  const type = c.req.header('content-type') ?? '';
  if (!type.toLowerCase().startsWith('multipart/form-data'))
    throw invalid('Send the pack as multipart/form-data, in a file field called pack.', [], 'malformed_body');
  const bytes = await readBody(c.req.raw, archiveLimits.packedBytes + 64 * 1024);
  const form = await new Response(Buffer.from(bytes), { headers: { 'content-type': type } })
    .formData()
    .catch(() => null);
  const file = form?.get('pack');
  if (!(file instanceof File))
    throw invalid('The file field pack is missing.', [{ path: 'pack', message: 'is missing' }]);
  const isForced = form?.get('force') === 'true';
  const installed = await uploadPack(actor, new Uint8Array(await file.arrayBuffer()), file.name, isForced);
  return c.json({ data: { ...installed, tests_skipped: true } });
});

/** A cookie travels by itself, so the header must say that a page of ours asks. */
async function requireActor(c: Context<HttpEnv>): Promise<Actor> {
  const actor = await actorOf(sessionTokenOf(c.req.header('cookie')), c.get('address'), c.get('requestId'));
  if (!actor) throw new DomainError('unauthenticated', 'unauthenticated', 'Please sign in.');
  if (!isSameOrigin(c.req.raw.headers) || c.req.header('x-attune') !== '1')
    throw forbidden('This needs the header x-attune: 1, from a page of the studio.');
  return actor;
}
