/** `import attune` in Python. */
export const pythonModule = `"""What an action can use of the studio it runs in."""
import json as _json
import os as _os
import sys as _sys

execution_id = int(_os.environ.get("ATTUNE_EXEC_ID") or 0)
action = _os.environ.get("ATTUNE_ACTION", "")
sensor = _os.environ.get("ATTUNE_SENSOR", "")
attempt = int(_os.environ.get("ATTUNE_ATTEMPT") or 1)
idempotency_key = _os.environ.get("ATTUNE_IDEMPOTENCY_KEY", "")
artifacts_dir = _os.environ.get("ATTUNE_ARTIFACTS_DIR", "")
_given = None


def parameters():
    """The parameters as a dict, read at the first call."""
    return _told()["parameters"] if sensor else _told()


def cursor(default=None):
    """In a sensor: what it said with checkpoint() the last time."""
    given = _told()["cursor"]
    return default if given is None else given


def rules():
    """In a sensor: the rules that need it, each with ref, trigger_ref and trigger_params."""
    return _told()["rules"]


def emit(payload, trigger=None, dedupe=None, cursor=None):
    """In a sensor: an event. With a cursor the two are stored together; of those with the same dedupe only the first counts."""
    said = {"type": "event", "payload": payload}
    for name, value in (("trigger", trigger), ("dedupe", dedupe), ("cursor", cursor)):
        if value is not None:
            said[name] = value
    _say(said)


def checkpoint(cursor):
    """In a sensor: where it stands after what it has emitted; given back at its next start."""
    _say({"type": "checkpoint", "cursor": cursor})


def _say(said):
    _sys.stdout.write(_json.dumps(said, default=str, allow_nan=False) + "\\n")
    _sys.stdout.flush()


def _told():
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


class ApiError(Exception):
    """The API did not do what was asked; status is its number, 0 where it did not answer."""

    def __init__(self, message, status=0):
        super().__init__(message)
        self.status = status


#: The name of the same error in the datastore's older code.
DatastoreError = ApiError


class _Datastore:
    """Keys of this action, its pack, and others that its permission sets reach."""

    def get(self, name, default=None):
        """The value of a key: the action's own, else its pack's; default where there is none."""
        try:
            return _call("GET", _key(name))["data"]["value"]
        except ApiError as error:
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
        except ApiError as error:
            if error.status != 404:
                raise
        new = {**change, "ref": name, "name": name, **where}
        try:
            _call("POST", "/keys", new)
        except ApiError as error:
            # Somebody else has made it meanwhile.
            if error.status != 409:
                raise
            _update(name, where, change)

    def delete(self, name, owner="pack"):
        """Removes a key; True where there was one."""
        try:
            _call("DELETE", _key(name, _owner(owner)))
            return True
        except ApiError as error:
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


def _call(method, path, body=None, content_type="application/json"):
    token = _os.environ.get("ATTUNE_API_TOKEN")
    if not token:
        raise ApiError("This execution has no token for the API: give the action permission sets, for instance standard")
    import urllib.request
    request = urllib.request.Request(
        _os.environ["ATTUNE_API_URL"] + "/api/v1" + path,
        method=method,
        data=body if body is None or isinstance(body, bytes) else _json.dumps(body, allow_nan=False).encode(),
        headers={"Authorization": "Bearer " + token, "Content-Type": content_type, "Accept": "application/json"},
    )
    return _send(request)


def _send(request):
    import urllib.error
    import urllib.request
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            return _json.loads(answer.read())
    except urllib.error.HTTPError as error:
        text = error.read().decode(errors="replace")
        try:
            text = _json.loads(text)["error"]
        except (ValueError, KeyError, TypeError):
            pass
        raise ApiError(f"The API answered {error.code}: {text[:1000]}", error.code) from None
    except OSError as error:
        raise ApiError(f"The API at {_os.environ['ATTUNE_API_URL']} does not answer: {error}") from None


datastore = _Datastore()


class _Artifacts:
    """What this execution leaves for people. A ref is made at its first use and belongs to the pack, or to the action
    (owner="action"). Further facts by name: name, description, visibility, retention_policy, retention_limit."""

    def file(self, ref, content, content_type=None, file_name=None, type=None, **facts):
        """Leaves a file as the newest version of ref: bytes, a text, or a path (pathlib.Path). Gives what the API says of it."""
        import mimetypes
        if hasattr(content, "__fspath__"):
            file_name = file_name or _os.path.basename(content)
            with open(content, "rb") as file:
                data = file.read()
        else:
            data = content.encode() if isinstance(content, str) else bytes(content)
        if content_type is None:
            guessed = mimetypes.guess_type(file_name or ref)[0]
            content_type = guessed or ("text/plain" if isinstance(content, str) else "application/octet-stream")
        if type is None:
            type = _artifact_type(content_type)
        self._make(ref, type, facts)
        boundary = "attune-" + _os.urandom(16).hex()
        name = (file_name or ref).replace('"', "_").replace("\\r", "_").replace("\\n", "_")
        head = (
            f'--{boundary}\\r\\nContent-Disposition: form-data; name="file"; filename="{name}"\\r\\n'
            f"Content-Type: {content_type}\\r\\n\\r\\n"
        )
        body = head.encode() + data + f"\\r\\n--{boundary}--\\r\\n".encode()
        return _call("POST", _artifact(ref) + "/versions/file", body, f"multipart/form-data; boundary={boundary}")["data"]

    def table(self, ref, rows, **facts):
        """Leaves rows (a list of dicts, or of lists behind a header) as the newest version of a table."""
        text = _json.dumps(list(rows), default=str, allow_nan=False)
        return self.file(ref, text, "application/json", ref + ".json", "file_datatable", **facts)

    def progress(self, ref, entry, **facts):
        """Adds an entry (a dict) to a progress."""
        made = self._make(ref, "progress", facts)
        return _call("POST", f"/artifacts/{made['id']}/progress", {"entry": entry})["data"]

    def link(self, ref, url, **facts):
        """Leaves a link, or has it lead elsewhere."""
        made = self._make(ref, "url", {**facts, "url": url})
        return made if made["url"] == url else _call("PUT", f"/artifacts/{made['id']}", {"url": url})["data"]

    def _make(self, ref, type, facts):
        facts = dict(facts)
        scope = facts.pop("owner", "pack")
        _owner(scope)
        try:
            return _call("GET", _artifact(ref))["data"]
        except ApiError as error:
            if error.status != 404:
                raise
        try:
            return _call("POST", "/artifacts", {**facts, "ref": ref, "scope": scope, "type": type})["data"]
        except ApiError as error:
            # Somebody else has made it meanwhile.
            if error.status != 409:
                raise
            return _call("GET", _artifact(ref))["data"]


def _artifact(ref):
    from urllib.parse import quote
    return "/artifacts/ref/" + quote(str(ref), safe="")


def _artifact_type(content_type):
    if content_type.startswith("image/"):
        return "file_image"
    if content_type in ("text/csv", "text/tab-separated-values"):
        return "file_datatable"
    return "file_text" if content_type.startswith("text/") or content_type == "application/json" else "file_binary"


artifacts = _Artifacts()


def webhook(address, payload):
    """Posts payload to a webhook, by its key or its address, and says which execution does. Gives the answer's data."""
    import urllib.request
    url = address if "://" in address else _os.environ["ATTUNE_API_URL"] + "/api/v1/webhooks/" + address
    data = _json.dumps(payload, allow_nan=False).encode()
    headers = {"Content-Type": "application/json", "X-Attune-Execution": str(execution_id)}
    return _send(urllib.request.Request(url, method="POST", data=data, headers=headers)).get("data")


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
