#!/usr/bin/env bash
# Shows the parameters as they came: one line of JSON on stdin.
set -euo pipefail
IFS= read -r parameters || true
echo "To the people on call: $parameters"
