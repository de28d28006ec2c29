#!/usr/bin/env bash
# Usage: scenarios_test.sh SIM
# Every shipped scenario runs, with all that a report studies, and its plan and sweep are read.
# Those that need a trace that is not shipped are only checked, against a trace of one line.
set -uo pipefail
sim=$(realpath "$1") source=$(realpath "$(dirname "$0")/../..")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$source" || exit 1
failures=0 runs=0
printf 'arrival_s,vcpus,memory_gib,lifetime_s\n0,1,1,60\n' >"$folder/trace.csv"

for file in scenarios/*/*.json; do
	settings=()
	[[ $file == scenarios/@(published|designs)/* ]] && continue # tables and designs are no scenarios
	[[ $file == scenarios/theory/* ]] && settings=(--set /experiment/until=20min)
	grep -q 'azure2017-dev.csv.gz' "$file" && settings=(--set "/fleet/trace=$folder/trace.csv" --set /fleet/hosts=1)
	"$sim" run "$file" --replications 3 "${settings[@]}" -o "$folder/out" 2>"$folder/err"
	status=$?
	((runs++))
	if ((status != 0 && status != 3 && status != 5)) || [[ ! -s $folder/out ]]; then
		printf '%s: exit status %d\n' "$file" $status
		cat "$folder/err"
		((failures++))
	fi
done
((runs > 50)) || { echo "only $runs scenarios"; ((failures++)); }
((failures == 0))
