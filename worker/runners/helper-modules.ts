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
