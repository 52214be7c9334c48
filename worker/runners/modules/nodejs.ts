/** `import … from 'attune'` or `require('attune')` in Node. */
export const nodejsModule = `'use strict';
const { readFileSync, renameSync, writeFileSync } = require('node:fs');
const { format } = require('node:util');
const { env } = process;
const given = Symbol.for('attune.parameters');

exports.executionId = Number(env.ATTUNE_EXEC_ID ?? 0);
exports.action = env.ATTUNE_ACTION ?? '';
exports.attempt = Number(env.ATTUNE_ATTEMPT ?? 1);
exports.idempotencyKey = env.ATTUNE_IDEMPOTENCY_KEY ?? '';
exports.artifactsDir = env.ATTUNE_ARTIFACTS_DIR ?? '';

exports.sensor = env.ATTUNE_SENSOR ?? '';

/** The parameters as an object, read at the first call. */
exports.parameters = function parameters() {
  return exports.sensor ? told().parameters : told();
};

/** In a sensor: what it said with checkpoint() the last time, or null. */
exports.cursor = () => told().cursor;
/** In a sensor: the rules that need it, each with ref, trigger_ref and trigger_params. */
exports.rules = () => told().rules;
/** In a sensor: an event. With a cursor the two are stored together; of those with the same dedupe only the first counts. */
exports.emit = function emit(payload, { trigger, dedupe, cursor } = {}) {
  writeLine({ type: 'event', payload: payload ?? null, trigger, dedupe, cursor });
};
/** In a sensor: where it stands after what it has emitted; given back at its next start. */
exports.checkpoint = (cursor) => writeLine({ type: 'checkpoint', cursor: cursor ?? null });

const writeLine = (said) => void process.stdout.write(JSON.stringify(said) + '\\n');

function told() {
  if (globalThis[given] === undefined) {
    const text = readFileSync(env.ATTUNE_PARAMETER_FILE || 0, 'utf8');
    try {
      globalThis[given] = JSON.parse(text || '{}');
    } catch {
      throw new Error("attune.parameters() reads JSON: set the action's parameter format to json");
    }
  }
  return globalThis[given];
}

/** Leaves data as the execution's result, apart from what is printed; the last call counts. */
exports.result = function result(data) {
  const draft = env.ATTUNE_RESULT_FILE + '.' + process.pid;
  writeFileSync(draft, JSON.stringify(data ?? null), { mode: 0o600 });
  renameSync(draft, env.ATTUNE_RESULT_FILE);
};

const say = (level) => (...parts) => void process.stderr.write(level + ' ' + format(...parts) + '\\n');

/** Lines in the log, on stderr, behind their level. */
exports.logger = { debug: say('DEBUG'), info: say('INFO'), warn: say('WARNING'), error: say('ERROR') };
exports.log = exports.logger.info;

/** The API did not do what was asked; status is its number, 0 where it did not answer. */
class ApiError extends Error {
  constructor(message, status = 0) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}
exports.ApiError = ApiError;
/** The name of the same error in the datastore's older code. */
exports.DatastoreError = ApiError;

async function call(method, path, body) {
  const { ATTUNE_API_URL: url, ATTUNE_API_TOKEN: token } = process.env;
  if (!token)
    throw new ApiError(
      'This execution has no token for the API: give the action permission sets, for instance standard',
    );
  const isForm = body instanceof FormData;
  const headers = { authorization: 'Bearer ' + token, ...(isForm ? {} : { 'content-type': 'application/json' }) };
  return send(url + '/api/v1' + path, {
    method,
    headers,
    body: body === undefined || isForm ? body : JSON.stringify(body),
  });
}

async function send(url, request) {
  let response;
  try {
    response = await fetch(url, { ...request, signal: AbortSignal.timeout(30_000) });
  } catch (error) {
    const { origin } = new URL(url);
    throw new ApiError('The API at ' + origin + ' does not answer: ' + (error.cause?.message ?? error.message));
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw new ApiError('The API answered ' + response.status + ': ' + (answer.error ?? ''), response.status);
}

function ownerOf(owner) {
  if (owner !== 'pack' && owner !== 'action') throw new TypeError('owner is pack or action');
  const name = owner === 'pack' ? 'ATTUNE_PACK_REF' : 'ATTUNE_ACTION';
  return { owner_type: owner, owner: process.env[name] ?? '' };
}

const keyPath = (name, where) =>
  '/keys/' + encodeURIComponent(name) + (where ? '?' + new URLSearchParams(where) : '');
const unless = (status, other) => (error) => {
  if (error.status === status) return other();
  throw error;
};

/** Keys of this action, its pack, and others that its permission sets reach. */
exports.datastore = {
  /** The value of a key: the action's own, else its pack's; fallback where there is none. */
  get: (name, fallback = null) =>
    call('GET', keyPath(name)).then(({ data }) => data.value, unless(404, () => fallback)),
  /** Writes a key of the pack, or of the action itself (owner: 'action'). New ones are encrypted unless told otherwise. */
  async set(name, value, { encrypted, ttlSeconds = null, owner = 'pack' } = {}) {
    const where = ownerOf(owner);
    const change = { value, ttl_seconds: ttlSeconds, ...(encrypted === undefined ? {} : { encrypted }) };
    const update = () => call('PUT', keyPath(name, where), change);
    // Whoever makes it meanwhile is overwritten.
    const make = () => call('POST', '/keys', { ...change, ref: name, name, ...where }).catch(unless(409, update));
    await update().catch(unless(404, make));
  },
  /** Removes a key; true where there was one. */
  delete: (name, { owner = 'pack' } = {}) =>
    call('DELETE', keyPath(name, ownerOf(owner))).then(() => true, unless(404, () => false)),
  /** The names of the keys that it may see, at most 1000. */
  list: ({ owner } = {}) =>
    call('GET', '/keys?' + new URLSearchParams({ page_size: '1000', ...(owner ? ownerOf(owner) : {}) })).then(
      ({ items }) => items.map(({ ref }) => ref),
    ),
};

const artifactPath = (ref) => '/artifacts/ref/' + encodeURIComponent(ref);

/** Makes an artifact at its first use; it belongs to the pack, or to the action (owner: 'action'). */
async function makeArtifact(ref, type, { owner = 'pack', ...facts }) {
  ownerOf(owner);
  const find = () => call('GET', artifactPath(ref));
  // Whoever makes it meanwhile has made it for us too.
  const make = () => call('POST', '/artifacts', { ...facts, ref, scope: owner, type }).catch(unless(409, find));
  return (await find().catch(unless(404, make))).data;
}

const mediaTypes = {
  csv: 'text/csv', gif: 'image/gif', htm: 'text/html', html: 'text/html', jpeg: 'image/jpeg', jpg: 'image/jpeg',
  json: 'application/json', log: 'text/plain', md: 'text/markdown', pdf: 'application/pdf', png: 'image/png',
  svg: 'image/svg+xml', tsv: 'text/tab-separated-values', txt: 'text/plain', webp: 'image/webp', xml: 'text/xml',
  yaml: 'application/yaml', yml: 'application/yaml', zip: 'application/zip',
};

function artifactType(contentType) {
  if (contentType.startsWith('image/')) return 'file_image';
  if (['text/csv', 'text/tab-separated-values'].includes(contentType)) return 'file_datatable';
  return contentType.startsWith('text/') || contentType === 'application/json' ? 'file_text' : 'file_binary';
}

/** What this execution leaves for people. Further facts: name, description, visibility, retention_policy, retention_limit. */
exports.artifacts = {
  /** Leaves a file as the newest version of ref: bytes, a text, or { path }. Gives what the API says of it. */
  async file(ref, content, { contentType, fileName, type, ...facts } = {}) {
    const isPath = typeof content === 'object' && content !== null && typeof content.path === 'string';
    const name = fileName ?? (isPath ? content.path.split('/').at(-1) : ref);
    const data = isPath ? readFileSync(content.path) : content;
    const known = mediaTypes[name.split('.').at(-1).toLowerCase()];
    const media = contentType ?? known ?? (typeof data === 'string' ? 'text/plain' : 'application/octet-stream');
    await makeArtifact(ref, type ?? artifactType(media), facts);
    const form = new FormData();
    form.set('file', new File([data], name, { type: media }));
    return (await call('POST', artifactPath(ref) + '/versions/file', form)).data;
  },
  /** Leaves rows (objects, or lists behind a header) as the newest version of a table. */
  table: (ref, rows, facts = {}) =>
    exports.artifacts.file(ref, JSON.stringify(rows), {
      ...facts,
      ...{ contentType: 'application/json', fileName: ref + '.json', type: 'file_datatable' },
    }),
  /** Adds an entry (an object) to a progress. */
  async progress(ref, entry, facts = {}) {
    const { id } = await makeArtifact(ref, 'progress', facts);
    return (await call('POST', '/artifacts/' + id + '/progress', { entry })).data;
  },
  /** Leaves a link, or has it lead elsewhere. */
  async link(ref, url, facts = {}) {
    const made = await makeArtifact(ref, 'url', { ...facts, url });
    return made.url === url ? made : (await call('PUT', '/artifacts/' + made.id, { url })).data;
  },
};

/** Posts payload to a webhook, by its key or its address, and says which execution does. Gives the answer's data. */
exports.webhook = async function webhook(address, payload) {
  const url = address.includes('://') ? address : process.env.ATTUNE_API_URL + '/api/v1/webhooks/' + address;
  const headers = { 'content-type': 'application/json', 'x-attune-execution': String(exports.executionId) };
  return (await send(url, { method: 'POST', headers, body: JSON.stringify(payload) })).data;
};
`;

/** Makes `attune` a module that every file of an action finds, wherever it lies. */
export const nodejsHook = `'use strict';
const { registerHooks } = require('node:module');
const { pathToFileURL } = require('node:url');
const url = pathToFileURL(__dirname + '/attune.cjs').href;
registerHooks?.({
  resolve: (specifier, context, next) =>
    specifier === 'attune' ? { url, format: 'commonjs', shortCircuit: true } : next(specifier, context),
});
`;
