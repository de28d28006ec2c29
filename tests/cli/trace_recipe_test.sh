#!/usr/bin/env bash
# Usage: trace_recipe_test.sh SIM
# The trace of the shipped plans, made as docs/traces.md says, has the bytes that it says. The files
# it is made of are not ours to ship: $TRACE_GENERATION_RNN, or ../trace_generation_rnn beside this tree.
set -uo pipefail
sim=$(realpath "$1") source=$(realpath "$(dirname "$0")/../..")
clone=${TRACE_GENERATION_RNN:-$source/../trace_generation_rnn}
page=$source/docs/traces.md
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

recipe=$(sed -n 's,^    sim \(trace import --format azure2017-bins .*\) -o .*,\1,p' "$page")
sum=$(sed -n 's/^    \([0-9a-f]\{64\}\)$/\1/p' "$page")
[[ $recipe && $sum ]] || {
	echo 'docs/traces.md shows no recipe, or no sum of what it makes'
	exit 1
}
cd "$clone/resources" 2>/dev/null || {
	echo "skipped: no clone of trace_generation_rnn at $clone (TRACE_GENERATION_RNN names one)"
	exit 77
}
read -ra words <<<"$recipe"
"$sim" "${words[@]}" -o "$folder/trace.csv" 2>"$folder/account" || {
	cat "$folder/account"
	exit 1
}
is=$(sha256sum <"$folder/trace.csv")
[[ ${is%% *} == "$sum" ]] || {
	echo "the recipe of docs/traces.md makes ${is%% *}, not $sum"
	exit 1
}
