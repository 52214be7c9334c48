/** The modules that actions may import: `import attune` in Python, `import … from 'attune'` or `require('attune')` in Node. */

export const pythonModule = `"""What an action can use of the studio it runs in."""
import json as _json
import os as _os
import sys as _sys

execution_id = int(_os.environ.get("ATTUNE_EXEC_ID") or 0)
action = _os.environ.get("ATTUNE_ACTION", "")
attempt = int(_os.environ.get("ATTUNE_ATTEMPT") or 1)
idempotency_key = _os.environ.get("ATTUNE_IDEMPOTENCY_KEY", "")
artifacts_dir = _os.environ.get("ATTUNE_ARTIFACTS_DIR", "")
_given = None


def parameters():
    """The parameters as a dict, read at the first call."""
    global _given
    if _given is None:
        path = _os.environ.get("ATTUNE_PARAMETER_FILE")
        if path:
            with open(path, encoding="utf-8") as file:
                text = file.read()
        else:
            text = _sys.stdin.read()
        try:
            _given = _json.loads(text or "{}")
        except ValueError:
            raise ValueError("attune.parameters() reads JSON: set the action's parameter format to json") from None
    return _given


def result(data):
    """Leaves data as the execution's result, apart from what is printed; the last call counts."""
    path = _os.environ["ATTUNE_RESULT_FILE"]
    draft = f"{path}.{_os.getpid()}"
    with open(draft, "w", encoding="utf-8") as file:
        file.write(_json.dumps(data, default=str, allow_nan=False))
    _os.replace(draft, path)


def log(message, level="info"):
    """A line in the log, on stderr, behind its level."""
    print(f"{str(level).upper()} {message}", file=_sys.stderr, flush=True)


class DatastoreError(Exception):
    """The API did not do what was asked; status is its number, 0 where it did not answer."""

    def __init__(self, message, status=0):
        super().__init__(message)
        self.status = status


class _Datastore:
    """Keys of this action, its pack, and others that its permission sets reach."""

    def get(self, name, default=None):
        """The value of a key: the action's own, else its pack's; default where there is none."""
        try:
            return _call("GET", _key(name))["data"]["value"]
        except DatastoreError as error:
            if error.status == 404:
                return default
            raise

    def set(self, name, value, encrypted=None, ttl_seconds=None, owner="pack"):
        """Writes a key of the pack, or of the action itself (owner="action"). New ones are encrypted unless told otherwise."""
        where = _owner(owner)
        change = {"value": value, "ttl_seconds": ttl_seconds}
        if encrypted is not None:
            change["encrypted"] = bool(encrypted)
        try:
            return _update(name, where, change)
        except DatastoreError as error:
            if error.status != 404:
                raise
        new = {**change, "ref": name, "name": name, **where}
        try:
            _call("POST", "/keys", new)
        except DatastoreError as error:
            # Somebody else has made it meanwhile.
            if error.status != 409:
                raise
            _update(name, where, change)

    def delete(self, name, owner="pack"):
        """Removes a key; True where there was one."""
        try:
            _call("DELETE", _key(name, _owner(owner)))
            return True
        except DatastoreError as error:
            if error.status == 404:
                return False
            raise

    def list(self, owner=None):
        """The names of the keys that it may see, at most 1000."""
        query = {"page_size": "1000", **(_owner(owner) if owner else {})}
        return [item["ref"] for item in _call("GET", "/keys?" + _query(query))["items"]]


def _owner(owner):
    if owner not in ("pack", "action"):
        raise ValueError("owner is pack or action")
    return {"owner_type": owner, "owner": _os.environ.get("ATTUNE_PACK_REF" if owner == "pack" else "ATTUNE_ACTION", "")}


def _query(values):
    from urllib.parse import urlencode
    return urlencode(values)


def _key(name, where=None):
    from urllib.parse import quote
    return "/keys/" + quote(str(name), safe="") + ("?" + _query(where) if where else "")


def _update(name, where, change):
    _call("PUT", _key(name, where), change)


def _call(method, path, body=None):
    token = _os.environ.get("ATTUNE_API_TOKEN")
    if not token:
        raise DatastoreError("This execution has no token for the API: give the action permission sets, for instance standard")
    import urllib.error
    import urllib.request
    request = urllib.request.Request(
        _os.environ["ATTUNE_API_URL"] + "/api/v1" + path,
        method=method,
        data=None if body is None else _json.dumps(body, allow_nan=False).encode(),
        headers={"Authorization": "Bearer " + token, "Content-Type": "application/json", "Accept": "application/json"},
    )
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            return _json.loads(answer.read())
    except urllib.error.HTTPError as error:
        text = error.read().decode(errors="replace")
        try:
            text = _json.loads(text)["error"]
        except (ValueError, KeyError, TypeError):
            pass
        raise DatastoreError(f"The API answered {error.code}: {text[:1000]}", error.code) from None
    except OSError as error:
        raise DatastoreError(f"The API at {_os.environ['ATTUNE_API_URL']} does not answer: {error}") from None


datastore = _Datastore()


def __getattr__(name):
    # Only whoever asks for it pays for the import.
    if name != "logger":
        raise AttributeError(f"module 'attune' has no attribute {name!r}")
    import logging
    logger = logging.getLogger("attune")
    handler = logging.StreamHandler(_sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    globals()["logger"] = logger
    return logger
`;

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

/** The parameters as an object, read at the first call. */
exports.parameters = function parameters() {
  if (globalThis[given] === undefined) {
    const text = readFileSync(env.ATTUNE_PARAMETER_FILE || 0, 'utf8');
    try {
      globalThis[given] = JSON.parse(text || '{}');
    } catch {
      throw new Error("attune.parameters() reads JSON: set the action's parameter format to json");
    }
  }
  return globalThis[given];
};

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
class DatastoreError extends Error {
  constructor(message, status = 0) {
    super(message);
    this.name = 'DatastoreError';
    this.status = status;
  }
}
exports.DatastoreError = DatastoreError;

async function call(method, path, body) {
  const { ATTUNE_API_URL: url, ATTUNE_API_TOKEN: token } = process.env;
  if (!token)
    throw new DatastoreError(
      'This execution has no token for the API: give the action permission sets, for instance standard',
    );
  const headers = { authorization: 'Bearer ' + token, 'content-type': 'application/json' };
  let response;
  try {
    response = await fetch(url + '/api/v1' + path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
  } catch (error) {
    throw new DatastoreError('The API at ' + url + ' does not answer: ' + (error.cause?.message ?? error.message));
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw new DatastoreError('The API answered ' + response.status + ': ' + (answer.error ?? ''), response.status);
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
`;

/** Makes \`attune\` a module that every file of an action finds, wherever it lies. */
export const nodejsHook = `'use strict';
const { registerHooks } = require('node:module');
const { pathToFileURL } = require('node:url');
const url = pathToFileURL(__dirname + '/attune.cjs').href;
registerHooks?.({
  resolve: (specifier, context, next) =>
    specifier === 'attune' ? { url, format: 'commonjs', shortCircuit: true } : next(specifier, context),
});
`;
