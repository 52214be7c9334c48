#!/usr/bin/env bash
# Deletes logs older than some days in a scratch folder that it fills itself. Each parameter is a variable here.
# What it prints streams into the log; the last line is the result, as JSON.
set -euo pipefail
keep_days=${keep_days:-7}

scratch=$(mktemp -d "${TMPDIR:-/tmp}/attune-clean-up.XXXXXX")
trap 'rm -rf -- "$scratch"' EXIT

echo "Filling a scratch folder with a month of logs"
for age in $(seq 0 30); do
  log="$scratch/access-$age.log"
  head -c $((16384 + age * 1024)) /dev/zero >"$log"
  touch -d "$age days ago 1 hour ago" "$log"
done

if [[ ${pretend_failure:-false} == true ]]; then
  echo "rm: cannot remove '$scratch/access-30.log': Read-only file system" >&2
  exit 1
fi

removed=0
freed=0
echo "Deleting logs of $keep_days days and older"
while IFS= read -r -d '' log; do
  size=$(stat -c %s -- "$log")
  rm -- "$log"
  removed=$((removed + 1))
  freed=$((freed + size))
  echo "  deleted ${log##*/}  $((size / 1024)) KB"
  sleep 0.1
done < <(find "$scratch" -name '*.log' -mtime +$((keep_days - 1)) -print0 | sort -z -V)

kept=$(find "$scratch" -name '*.log' | wc -l)
printf '{"removed_files":%d,"kept_files":%d,"freed_kb":%d,"keep_days":%d}\n' \
  "$removed" "$kept" "$((freed / 1024))" "$keep_days"
