#!/usr/bin/env bash
# Usage: allocations_test.sh SIM LIBRARY [ALL]
# Each allocation of a whole program fails once, libraries and the first ones included: the answer is
# the same, or there is a message and status 1; no other document, no hang, no crash, no file left.
# LIBRARY makes them fail (tests/robustness/failing_calls.c). Of those with more than 500 the first 50,
# then some; ALL (a label of ctest's): the first one of each place that allocates, too.
set -uo pipefail
sim=$(realpath "$1") library=$(realpath "$2") source=$(realpath "$(dirname "$0")/../..") all=${3:+1}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/work" && cd "$folder/work" || exit 1
export TMPDIR=$folder/work
failed=0 tried=0

sweep() { # ARGUMENTS...
	"$sim" "$@" >"$folder/right" 2>"$folder/said"
	local right=$?
	((right == 0 || right == 3)) || { echo "sim $*: status $right: $(cat "$folder/said")"; failed=1; return; }
	fail_each $right '' "$@"
	[[ ! $all ]] || fail_each $right places "$@"
}

fail_each() { # STATUS-WITHOUT-A-FAILURE PLACES ARGUMENTS...
	local right=$1 count status step=1 k
	local -x FAIL_PLACES=$2
	shift 2
	FAIL_COUNT=$folder/count LD_PRELOAD=$library "$sim" "$@" >"$folder/out" 2>/dev/null
	count=$(<"$folder/count") || { echo "sim $*: no allocation was counted"; failed=1; return; }
	[[ $FAIL_PLACES ]] || ((count <= 500)) || step=$((count / 20 + 1))
	for ((k = 1; k <= count; k += k < 50 ? 1 : step)); do
		rm -f picture.*
		FAIL_AT=$k LD_PRELOAD=$library timeout 60 "$sim" "$@" >"$folder/out" 2>"$folder/messages"
		status=$?
		((tried++))
		if ((status == right)) && cmp -s "$folder/out" "$folder/right"; then
			cmp -s "$folder/messages" "$folder/said"
		else
			((status == 1)) && [[ -s $folder/messages ]]
		fi && [[ -z $(ls -A | grep -v '^picture') ]] && continue
		echo "sim $*: allocation $k${FAIL_PLACES:+ (of places)}: status $status, $(ls -A) $(head -c 300 "$folder/messages")"
		failed=1
		rm -rf ./*
	done
}

reboot=$source/scenarios/s390-pv/reboot-64g.json
"$sim" run "$reboot" --study none --replications 40 --format json -o "$folder/result.json" || exit 1
for format in text json csv md hgrm; do
	sweep run "$reboot" --study none --replications 3 -j 1 --format $format
done
sweep run "$reboot" --replications 8 --study band -j 1
sweep run "$source/scenarios/fleet/small-exit.json" --study none --replications 1 -j 1
sweep check "$reboot"
sweep compare "$reboot" --replications 3 -j 1 --over /guests/0/strategy=sync,async
sweep sensitivity "$reboot" --replications 2 -j 1
sweep plan "$source/scenarios/fleet/small-exit.json" -j 1 --set '/plan={"vary": "/fleet/hosts", "between": [7, 8],
	"goal": "min", "subject_to": [{"metric": "vms.rejected", "at_most": 0}]}'
sweep replay "$folder/result.json" --worst reboot.latency
sweep flows s390-pv/async/reboot
sweep costs s390-pv
sweep models s390-pv
sweep platforms
sweep schema scenario
sweep manual
sweep completion bash
sweep import "$source/tests/samples/domain.xml" --scenario
sweep trace import --format azure2019 "$source/tests/samples/azure2019.csv"
sweep fit --format bpftrace "$source/tests/foreign/bpftrace-unmap.txt"
command -v gnuplot >/dev/null && sweep plot "$folder/result.json" --kind ccdf -o picture.svg
((tried > (all ? 5000 : 1000))) || { echo "only $tried allocations failed"; failed=1; }
exit $failed
