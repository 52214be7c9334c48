"""Emits an event for each line that is added to a file, and remembers how far it has read."""
import os
import time

import attune

given = attune.parameters()
path = given["path"] or os.path.join(attune.artifacts_dir, "inbox.txt")
offset = attune.cursor(0)
print(f"watching {path} from byte {offset}")

while True:
    try:
        size = os.path.getsize(path)
    except FileNotFoundError:
        size = 0
    if size < offset:
        print("the file was made anew: reading it from its beginning")
        offset = 0
    if size > offset:
        with open(path, "rb") as file:
            file.seek(offset)
            for line in file:
                # A line that is still being written is read when it is whole.
                if not line.endswith(b"\n"):
                    break
                offset += len(line)
                text = line.decode("utf-8", "replace").rstrip("\r\n")
                # The event and the place behind it are stored together, so no line is lost or told twice.
                attune.emit({"path": path, "line": text}, cursor=offset)
    time.sleep(given["seconds"])
