#!/usr/bin/env bash
# Each parameter is a variable here.
set -euo pipefail
echo "To the people on call: $message"
