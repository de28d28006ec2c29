#!/usr/bin/env bash
# Usage: published_test.sh SIM
# Every published table is met within its tolerance, and each is looked at.
set -uo pipefail
sim=$(realpath "$1")
cd "$(dirname "$0")/../.." || exit 1
"$sim" validate -j 2 >/dev/null || { "$sim" validate; exit 1; }
tables=$(find scenarios/published -name '*.json' ! -name '*.schema.json' | wc -l)
shown=$("$sim" validate | grep -c '^  source ')
[[ $tables -eq $shown ]] || { echo "$tables tables, $shown shown"; exit 1; }
