import { text } from 'node:stream/consumers';
import type { Argv } from 'yargs';
import type { ApiClient } from '../../client';
import { answerOf } from '../answer';
import { command, group } from '../command';
import { connect, type Common } from '../connection';
import { exitCodes, Failure } from '../failure';
import { plain, printJson, printTable, say } from '../print';
import { toValues, type Json } from '../values';
import { readText } from './run';

const ownerTypes = ['system', 'identity', 'pack', 'action', 'sensor'] as const;
type OwnerType = (typeof ownerTypes)[number];

interface Owned {
  ownerType?: OwnerType | undefined;
  owner?: string | undefined;
}

const withOwner = (yargs: Argv<Common>) =>
  yargs
    .option('owner-type', { choices: ownerTypes, describe: 'Whose it is' })
    .option('owner', { type: 'string', describe: 'A login, or the ref of a pack, an action or a sensor' });
const withRef = (yargs: Argv<Common>) =>
  withOwner(yargs).positional('ref', { type: 'string', demandOption: true, describe: 'The key' });

const toQuery = ({ ownerType, owner }: Owned) => ({
  ...(ownerType !== undefined && { owner_type: ownerType }),
  ...(owner !== undefined && { owner }),
});

const list = command({
  command: ['list', '$0'],
  describe: 'The keys that you may see, without their values',
  builder: withOwner,
  handler: async ({ json, ...given }) => {
    const { items } = await answerOf(
      connect(given).GET('/api/v1/keys', { params: { query: { ...toQuery(given), page_size: '1000' } } }),
    );
    if (json) return printJson(items);
    printTable(
      ['REF', 'OWNER', 'ENCRYPTED', 'EXPIRES'],
      items.map((key) => [
        key.ref,
        key.owner === null ? key.owner_type : `${key.owner_type} ${key.owner}`,
        key.encrypted ? 'yes' : 'no',
        key.expires_at ?? 'never',
      ]),
    );
  },
});

const find = (api: ApiClient, { ref, ...given }: Owned & { ref: string }) =>
  api.GET('/api/v1/keys/{ref}', { params: { path: { ref }, query: toQuery(given) } });

const get = command({
  command: 'get <ref>',
  describe: 'A key’s value: a text as it is, anything else as JSON',
  builder: withRef,
  handler: async ({ json, ...given }) => {
    const { data } = await answerOf(find(connect(given), given));
    if (json) return printJson(data);
    if (data.encrypted && data.value === null)
      throw new Failure(`${given.ref} is encrypted, and you may not decrypt it (keys:decrypt).`);
    say(typeof data.value === 'string' ? data.value : JSON.stringify(data.value));
  },
});

const set = command({
  command: 'set <ref> [value]',
  describe: 'Make a key, or give it another value; without a value it is read from stdin',
  builder: (yargs) =>
    withRef(yargs)
      .positional('value', {
        type: 'string',
        describe: 'Left out, it does not end up in the shell’s history',
      })
      .option('json-value', { type: 'boolean', default: false, describe: 'The value is JSON, not a text' })
      .option('encrypted', { type: 'boolean', describe: 'Sealed at rest (Default: yes; --no-encrypted)' })
      .option('ttl-seconds', { type: 'number', describe: 'After so many seconds it is gone' }),
  handler: async ({ ref, value: given, jsonValue, encrypted, ttlSeconds, json, ...owned }) => {
    const written = given ?? (await text(process.stdin)).replace(/\r?\n$/, '');
    const value: Json = jsonValue
      ? ((await toValues([`value:=${written}`], {}, readText))['value'] ?? null)
      : written;
    const api = connect(owned);
    const rest = {
      value,
      ...(encrypted !== undefined && { encrypted }),
      ...(ttlSeconds !== undefined && { ttl_seconds: ttlSeconds }),
    };
    const path = { ref };
    const before = await find(api, { ref, ...owned });
    // Anything but “there is none” is told by the call that follows.
    const isThere = before.response.ok;
    const { data } = isThere
      ? await answerOf(api.PUT('/api/v1/keys/{ref}', { params: { path, query: toQuery(owned) }, body: rest }))
      : await answerOf(api.POST('/api/v1/keys', { body: { ref, name: ref, ...toOwner(owned), ...rest } }));
    if (json) printJson(data);
    else say(`${isThere ? 'Changed' : 'Made'} ${plain(ref)}.`);
  },
});

function toOwner({ ownerType = 'system', owner }: Owned) {
  if (ownerType !== 'system' && ownerType !== 'identity' && owner === undefined)
    throw new Failure(`Say with --owner which ${ownerType} it belongs to.`, exitCodes.usage);
  return { owner_type: ownerType, ...(owner !== undefined && { owner }) };
}

const remove = command({
  command: 'delete <ref>',
  describe: 'Remove a key',
  builder: withRef,
  handler: async ({ ref, json, ...given }) => {
    const data = await answerOf(
      connect(given).DELETE('/api/v1/keys/{ref}', { params: { path: { ref }, query: toQuery(given) } }),
    );
    if (json) printJson(data);
    else say(`Removed ${plain(ref)}.`);
  },
});

export const keys = group('keys', ['key', 'datastore'], 'The datastore: list, get, set, delete', [
  list,
  get,
  set,
  remove,
]);
