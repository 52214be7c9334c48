import { readSource, type Invocation, type RunnerInput } from './runner';

/**
 * Runs a file as `__main__`; if it defines a `run` or `main` that its own statements never call (a `__main__` guard
 * counts as a call), that is called with the parameters, and what it gives back is left in the result file.
 * Tracebacks begin in the action, not here.
 */
export const pythonBootstrap = `import sys

def calls_in(node):
    """Names called by the statements of a module, not by the functions and classes that it defines."""
    if type(node).__name__ in ("FunctionDef", "AsyncFunctionDef", "ClassDef", "Lambda"):
        return
    if type(node).__name__ == "Call" and type(node.func).__name__ == "Name":
        yield node.func.id
    for field in node._fields:
        value = getattr(node, field, None)
        for child in value if isinstance(value, list) else [value]:
            if hasattr(child, "_fields"):
                yield from calls_in(child)

def entry_of(tree):
    defined = {node.name for node in tree.body if type(node).__name__ in ("FunctionDef", "AsyncFunctionDef")}
    called = set(calls_in(tree))
    return next((name for name in ("run", "main") if name in defined and name not in called), None)

def key_names(result_path):
    """Parameters that are keys of the datastore: a function that does not ask for them is not given them."""
    import json
    try:
        with open(result_path.rpartition("/")[0] + "/keys.json", encoding="utf-8") as file:
            return set(json.load(file))
    except FileNotFoundError:
        return set()

def arguments_of(function, entry, parameters, keys):
    import inspect
    accepted = list(inspect.signature(function).parameters.values())
    if any(one.kind is one.VAR_KEYWORD for one in accepted):
        return (), parameters
    if not accepted and entry == "main":
        return (), {}
    takes_all = len(accepted) == 1 and accepted[0].name not in parameters and (
        entry == "main" or accepted[0].name in ("params", "parameters", "payload"))
    if takes_all:
        return (parameters,), {}
    names = {one.name for one in accepted}
    return (), {name: value for name, value in parameters.items() if name in names or name not in keys}

def read_parameters(json, os):
    helper = sys.modules.get("attune")
    given = getattr(helper, "_given", None)
    if given is None:
        path = os.environ.get("ATTUNE_PARAMETER_FILE")
        if path:
            with open(path, encoding="utf-8") as file:
                given = json.load(file)
        else:
            given = json.loads(sys.stdin.readline() or "{}")
        if helper is not None:
            helper._given = given
    return given

def start(path, result_path):
    with open(path, "rb") as file:
        source = file.read()
    entry = entry_of(compile(source, path, "exec", 0x400))
    module = sys.modules["__main__"] = type(sys)("__main__")
    module.__file__ = path
    sys.argv = [path]
    sys.path[0] = path.rpartition("/")[0]
    exec(compile(source, path, "exec"), module.__dict__)
    if entry is None:
        return
    import json, os
    function = getattr(module, entry)
    positional, named = arguments_of(function, entry, read_parameters(json, os), key_names(result_path))
    result = function(*positional, **named)
    if hasattr(result, "__await__"):
        import asyncio
        result = asyncio.run(result)
    if result is None and os.path.exists(result_path):
        return
    text = json.dumps(result, default=str, allow_nan=False)
    handle = os.open(result_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)

def run_script(path):
    """As \`python3 path\` does, for an interpreter that runs already."""
    module = sys.modules["__main__"] = type(sys)("__main__")
    module.__file__ = path
    module.__cached__ = None
    module.__annotations__ = {}
    module.__builtins__ = sys.modules["builtins"]
    sys.argv = [path]
    sys.path[0] = path.rpartition("/")[0]
    try:
        with open(path, "rb") as file:
            source = file.read()
        exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)
    except Exception as error:
        frames = error.__traceback__
        while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
            frames = frames.tb_next
        sys.excepthook(type(error), error.with_traceback(frames), frames)
        sys.exit(1)

def wait():
    """Waits to be told what to run: until then nothing of any execution is in here. Gives the program and its arguments."""
    import os
    first = set(sys.modules)
    import inspect, io, json
    ahead = set(sys.modules) - first
    os.write(1, b"ready\\n")
    text = b""
    while not text.endswith(b"\\n"):
        piece = os.read(0, 65536)
        if not piece:
            os._exit(0)
        text += piece
    told = json.loads(text)
    os.environ.update(told["variables"])
    given = os.open(told["stdin"], os.O_RDWR)
    os.dup2(given, 0)
    os.close(given)
    raw = io.FileIO(0, "r", closefd=False)
    raw.name = "<stdin>"
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.BufferedReader(raw), "utf-8", "surrogateescape", newline="\\n")
    sys.stdin.mode = "r"
    # A module of that name beside the action goes before Python's own, as it would have without the wait.
    path = told["args"][1 if len(told["args"]) > 1 else 0]
    beside = {name.partition(".")[0] for name in os.listdir(path.rpartition("/")[0])}
    if any(name.partition(".")[0] in beside for name in ahead):
        for name in ahead:
            sys.modules.pop(name, None)
    # Gone is the sign that it was taken.
    os.unlink(told["stdin"])
    return told["args"]

given = sys.argv[1:]
if given == ["--wait"]:
    given = wait()
    if len(given) == 1:
        run_script(given[0])
        sys.exit()
    given = given[1:]
try:
    start(given[0], given[1])
except Exception as error:
    import traceback
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__ and frames.tb_next is not None:
        frames = frames.tb_next
    traceback.print_exception(type(error), error, frames)
    sys.exit(1)
`;

const definesEntry = /^(async[ \t]+)?def[ \t]+(run|main)[ \t]*\(/m;

/** How to run a Python action: a script as it is, or a module whose `run(**params)` or `main(params)` is called. */
export async function toPythonInvocation({ source, keyNames, bootstrap }: RunnerInput): Promise<Invocation> {
  const isModule = definesEntry.test(await readSource(source));
  return {
    // Unbuffered, so that output streams; UTF-8 whatever the locale; no bytecode left beside the pack's files.
    options: ['-u', '-B', '-X', 'utf8'],
    lay: (runFolder) => {
      const path = source.kind === 'file' ? source.path : `${runFolder}/action.py`;
      const files = source.kind === 'code' ? [{ name: 'action.py', content: source.code }] : [];
      if (isModule && keyNames.length > 0)
        files.push({ name: 'keys.json', content: JSON.stringify(keyNames) });
      return { args: isModule ? [bootstrap, path, `${runFolder}/result.json`] : [path], files };
    },
    callsRun: isModule,
  };
}
