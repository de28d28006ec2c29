#!/usr/bin/env bash
# Usage: results_test.sh SIM
# scripts/reproduce gives the numbers in results/ again, to the byte, and nothing there is of
# a scenario that is gone.
set -uo pipefail
sim=$(realpath "$1") source=$(realpath "$(dirname "$0")/../..")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$source" || exit 1
NUMBERS_ONLY=1 SIM=$sim scripts/reproduce "$folder" >/dev/null || exit 1
diff -r -q -x '*.svg' -x '*.md' -x pictures results "$folder" && (($(find results -name '*.csv' | wc -l) > 80))
