"""Finds the folders that fill a disk. Parameters come as one line of JSON, the result leaves as one."""

import json
import sys
import time

RECLAIMABLE = ("/log", "/cache", "/tmp")
BIG_SHARE = 10


def say(text):
    """Progress goes to stderr, so that stdout holds the result alone."""
    print(text, file=sys.stderr, flush=True)


def main():
    parameters = json.load(sys.stdin)
    folders = parameters.get("directories") or []
    used = parameters["used_percent"]
    say(f"Checking {parameters['mount']} on {parameters['host']}: {used} % full, {len(folders)} folders")

    total = sum(folder["size_mb"] for folder in folders) or 1
    pause = min(0.7, 2.8 / max(1, len(folders)))
    big, reclaimable = [], 0
    for folder in sorted(folders, key=lambda each: -each["size_mb"]):
        time.sleep(pause)
        share = round(100 * folder["size_mb"] / total)
        may_go = any(word in folder["path"] for word in RECLAIMABLE)
        say(f"  {folder['path']:<24} {folder['size_mb']:>8} MB  {share:>3} %{'  may go' if may_go else ''}")
        if may_go:
            reclaimable += folder["size_mb"]
        if share >= BIG_SHARE:
            big.append({**folder, "share_percent": share, "reclaimable": may_go})

    needed = used >= 80 and reclaimable > 0
    lines = [f"- `{each['path']}` takes {each['size_mb']} MB ({each['share_percent']} %)" for each in big]
    lines.append(f"- {reclaimable} MB are logs and caches that may go")
    say("A clean-up is worth it." if needed else "No clean-up is needed.")
    print(json.dumps({
        "needed": needed,
        "big_folders": big,
        "reclaimable_mb": reclaimable,
        "summary": "\n".join(lines),
    }))


main()
