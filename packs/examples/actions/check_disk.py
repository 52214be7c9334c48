"""Finds the folders that fill a disk. What run() returns is the result; what it prints streams into the log."""

import time

RECLAIMABLE = ("/log", "/cache", "/tmp")
BIG_SHARE_PERCENT = 10


def run(host, mount, used_percent, directories=None, **_):
    folders = sorted(directories or [], key=lambda folder: -folder["size_mb"])
    total = sum(folder["size_mb"] for folder in folders) or 1
    print(f"Checking {mount} on {host}: {used_percent} % full, {len(folders)} folders", flush=True)

    big, reclaimable = [], 0
    for folder in folders:
        time.sleep(min(0.7, 2.8 / len(folders)))
        share = round(100 * folder["size_mb"] / total)
        may_go = any(word in folder["path"] for word in RECLAIMABLE)
        note = "  may go" if may_go else ""
        print(f"  {folder['path']:<24} {folder['size_mb']:>8} MB  {share:>3} %{note}", flush=True)
        if may_go:
            reclaimable += folder["size_mb"]
        if share >= BIG_SHARE_PERCENT:
            big.append({**folder, "share_percent": share, "reclaimable": may_go})

    needed = used_percent >= 80 and reclaimable > 0
    print("A clean-up is worth it." if needed else "No clean-up is needed.", flush=True)
    lines = [f"- `{folder['path']}` takes {folder['size_mb']} MB ({folder['share_percent']} %)" for folder in big]
    lines.append(f"- {reclaimable} MB are logs and caches that may go")
    return {
        "needed": needed,
        "big_folders": big,
        "reclaimable_mb": reclaimable,
        "summary": "\n".join(lines),
    }
