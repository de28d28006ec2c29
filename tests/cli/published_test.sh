#!/usr/bin/env bash
# Usage: published_test.sh
# Predictions hold what has been published: no row is missed but those that say so, bands of prices hold
# nine tenths of what was measured, also of what no price was chosen by, and on the machine's own profile
# none is wider than a factor 3. Of results/validation.txt: results_test.sh sees that the program says it.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
shown=$(sed -e ':a' -e '$!{N; ba}' -e 's/\n      / /g' results/validation.txt) # a row is one line
grep ' MISSED' <<<"$shown" | grep -v '  miss  ' && exit 1
tables=$(find scenarios/published -name '*.json' ! -name '*.schema.json' | wc -l)
sources=$(grep -c '^  source ' <<<"$shown")
[[ $tables -eq $sources ]] || { echo "$tables tables, $sources shown"; exit 1; }
total=$(sed -n '/^[0-9]* tables, rows:/,$p' <<<"$shown" | tr -s '\n ' ' ')
of='([0-9]+) of ([0-9]+) \([0-9.]+ %\), of those that no price was chosen by ([0-9]+) of ([0-9]+); widest x ([0-9.e+]+)'
[[ $total =~ "inside their band: "$of.*"own profile: "$of ]] || { echo "no totals: $total"; exit 1; }
found=("${BASH_REMATCH[@]:1}")
((found[0] * 10 >= found[1] * 9)) || { echo "bands hold ${found[0]} of ${found[1]}"; exit 1; }
((found[2] * 10 >= found[3] * 9)) || { echo "of those that judge: ${found[2]} of ${found[3]}"; exit 1; }
awk -v widest="${found[9]}" 'BEGIN { exit widest > 3 }' || { echo "on its own profile: x ${found[9]}"; exit 1; }
