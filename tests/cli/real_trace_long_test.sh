#!/usr/bin/env bash
# Usage: real_trace_long_test.sh SIM
# The table of docs/plans.md is what the plans of scenarios/fleet say of the trace that docs/traces.md makes:
# hosts, and why not one less. Some six minutes of a core. The files of the trace are not ours to
# ship: $TRACE_GENERATION_RNN, or ../trace_generation_rnn beside this tree.
set -uo pipefail
sim=$(realpath "$1") source=$(realpath "$(dirname "$0")/../..")
clone=${TRACE_GENERATION_RNN:-$source/../trace_generation_rnn}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0

command -v jq >/dev/null || { echo 'skipped: jq, which reads the plans, is not installed'; exit 77; }
cd "$clone/resources" 2>/dev/null || {
	echo "skipped: no clone of trace_generation_rnn at $clone (TRACE_GENERATION_RNN names one)"
	exit 77
}
recipe=$(sed -n 's,^    sim \(trace import --format azure2017-bins .*\) -o .*,\1,p' "$source/docs/traces.md")
read -ra words <<<"$recipe"
"$sim" "${words[@]}" -o "$folder/trace.csv.gz" 2>/dev/null || { echo 'the recipe makes no trace'; exit 1; }

for model in s390-pv sev; do
	"$sim" plan "$source/scenarios/fleet/plan-hosts-$model.json" --set /fleet/trace="$folder/trace.csv.gz" --format json -o "$folder/plan.json" ||
		{ echo "$model: no plan"; ((failures++)); }
	# the value, and of the nearest one that did not meet its last verdict, replications and VMs turned away
	jq -r --arg model $model '(.subject_to | map(.metric) | index("vms.rejected")) as $i | .answers[] | .value as $value |
		([.looks[] | select(.value == $value - 1)] | last) as $less |
		"| \($model) | \(.for) | \($value) | \($less.verdict): in \($less.replications) replications \($less.limits[$i].estimate * 100 | round / 100) VMs are turned away on average |"' \
		"$folder/plan.json" >>"$folder/rows"
done
grep -E '^\| (s390-pv|sev) \| [a-z]+ \| [0-9]+ \|' "$source/docs/plans.md" | sed 's/ 1 VM is / 1 VMs are /' >"$folder/shown"
diff "$folder/shown" "$folder/rows" || { echo 'docs/plans.md (<) is not what the plans say (>)'; ((failures++)); }
(($(wc -l <"$folder/rows") == 5)) || { echo 'not five rows'; ((failures++)); }
((failures == 0))
