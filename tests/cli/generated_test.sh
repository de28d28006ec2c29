#!/usr/bin/env bash
# Usage: generated_test.sh SIM
# Committed files that are made from the tables are as the tables are now.
set -uo pipefail
shopt -s extglob
sim=$(realpath "$1")
cd "$(dirname "$0")/../.." || exit 1
failed=0
diff <("$sim" schema) scenarios/scenario.schema.json || { echo "sim schema > scenarios/scenario.schema.json"; failed=1; }
diff <("$sim" schema --format md) docs/scenario.md || { echo "sim schema --format md > docs/scenario.md"; failed=1; }
"$sim" check scenarios/!(published)/*.json || failed=1 # tables are no scenarios
exit $failed
