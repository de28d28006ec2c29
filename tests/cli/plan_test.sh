#!/usr/bin/env bash
# Usage: plan_test.sh SIM
# A plan's answer is held against runs with other random numbers: the limits hold there, and
# not one step further. Infeasible and unresolved plans say so by their exit status.
set -uo pipefail
sim=$(realpath "$1") source=$(realpath "$(dirname "$0")/../..")
command -v jq >/dev/null || { echo 'skipped: jq is not installed'; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$source" || exit 1
failures=0

complain() {
	printf '%s\n' "$1"
	((failures++))
}

expect() { # STATUS ARGUMENTS...: a plan that ends with this status, as JSON in plan.json
	"$sim" plan --format json -o "$folder/plan.json" "${@:2}" 2>"$folder/err"
	local status=$?
	((status == $1)) || complain "exit status $status, not $1: ${*:2}"
}

wave=scenarios/s390-pv/plan-wave.json
expect 0 "$wave"
largest() { # run at a width: the largest p99 in s and limbo peak in GiB
	"$sim" run "$wave" --set "/guests/0/strategy=$1" --set "/events/0/concurrency=$2" --seed 99 \
		--replications 64 --format json |
		jq -r '[(.metrics[] | select(.name == "reboot.latency").p99 / 1e9),
			(.metrics[] | select(.name == "limbo.peak").max / 1073741824)] | map(floor) | join(" ")'
}
for strategy in sync async lazy; do
	width=$(jq ".answers[] | select(.for == \"$strategy\").value" "$folder/plan.json")
	read -r seconds gib < <(largest $strategy "$width")
	((seconds < 45 && gib < 400)) || complain "$strategy: $width is too wide: $seconds s, $gib GiB"
	read -r seconds gib < <(largest $strategy $((width + 1)))
	((seconds >= 45 || gib >= 400)) || complain "$strategy: $((width + 1)) would do"
done
# the verdict can be taken apart: limits, looks with their bounds, the fresh one
jq -e '.format == "sim-plan" and (.answers | length) == 3 and .provenance.seed == 1 and
       ([.answers[].looks[] | select(.fresh)] | length) == 3 and
       ([.answers[].looks[].limits[] | .low <= .high] | all)' "$folder/plan.json" >/dev/null ||
	complain 'the JSON lacks something'

# a guest that reboots takes over its pages: 20 at once need no more than what they have and 10 GiB
for memory in 2TiB 1040GiB; do
	"$sim" run "$wave" --set "/host/memory=$memory" --set /events/0/concurrency=20 --format csv -o "$folder/$memory.csv" ||
		complain "20 at once do not run in $memory"
done
cmp "$folder/2TiB.csv" "$folder/1040GiB.csv" || complain 'room for limbo makes a difference'
expect 0 "$wave" --set '/plan/subject_to/1={"metric": "memory.in_use.peak", "quantile": 1, "at_most": "1040GiB"}'
jq -e '[.answers[].value] == [10, 20, 20]' "$folder/plan.json" >/dev/null || complain 'not 10, 20 and 20 on 1040 GiB'

# a smaller number is sought for, over two designs
expect 0 scenarios/fleet/small-exit.json --set '/plan={"vary": "/fleet/hosts", "between": [1, 12], "goal": "min",
	"for_each": {"/guests/0/strategy": ["exit", "async-teardown"]},
	"subject_to": [{"metric": "vms.rejected", "at_most": 0}, {"metric": "start.delay", "at_most": "1s"}]}'
jq -e '[.answers[].value] == [8, 8]' "$folder/plan.json" >/dev/null || complain 'not eight hosts'

# a host holds so many guests: the next value cannot run, which is an answer and no error
expect 0 "$wave" --set /plan/for_each=null --set /plan/vary=/guests/0/count --set '/plan/between=[1, 40]' --set /host/memory=512GiB \
	--set '/plan/subject_to=[{"metric": "reboot.latency", "at_most": "10min"}]'
jq -e '.answers[0].value == 9 and .answers[0].cannot_run.value == 10 and (.answers[0].cannot_run.reason | test("host memory"))' "$folder/plan.json" >/dev/null ||
	complain 'not nine guests on 512 GiB'

# nothing in the range will do; too few replications to tell; the whole range will do
one='{"vary": "/guests/0/count", "between": [1, 4], "subject_to": [{"metric": "reboot.latency", "quantile": 0.99, "at_most": '
expect 3 scenarios/s390-pv/reboot-64g.json --set "/plan=$one\"1s\"}]}"
expect 4 scenarios/s390-pv/reboot-64g.json --set "/plan=$one\"20s\"}], \"most\": 32}"
expect 0 scenarios/s390-pv/reboot-64g.json --set "/plan=$one\"60s\"}]}"
jq -e '.answers[0].value == 4' "$folder/plan.json" >/dev/null || complain 'not the end of the range'

# the same bytes from any number of threads
for threads in 1 2 7; do
	"$sim" plan "$wave" --set /guests/0/count=6 --set '/plan/between=[1, 6]' --set /plan/for_each=null \
		--format json -j $threads -o "$folder/plan$threads.json" 2>/dev/null || complain "-j $threads fails"
	cmp "$folder/plan1.json" "$folder/plan$threads.json" || complain "-j $threads: other bytes"
done

# what is wrong is said
while IFS='|' read -r plan word; do
	expect 2 scenarios/s390-pv/reboot-64g.json --set "/plan=$plan"
	grep -q -- "$word" "$folder/err" || complain "no word of $word: $(cat "$folder/err")"
done <<'EOF'
{"vary": "/guests/0/count", "subject_to": [{"metric": "reboot.latency", "at_most": "1s"}]}|between
{"vary": "/guests/0/count", "between": [4, 1], "subject_to": [{"metric": "reboot.latency", "at_most": "1s"}]}|between
{"vary": "/guests/0/count", "between": [1, 4], "subject_to": []}|limits
{"vary": "/guests/0/count", "between": [1, 4], "subject_to": [{"metric": "reboot.latncy", "at_most": "1s"}]}|reboot.latency
{"vary": "/guests/9/count", "between": [1, 4], "subject_to": [{"metric": "reboot.latency", "at_most": "1s"}]}|/guests/9
{"vary": "count", "between": [1, 4], "subject_to": [{"metric": "reboot.latency", "at_most": "1s"}]}|pointer
{"vary": "/guests/0/count", "between": [1, 4], "for_each": 3, "subject_to": [{"metric": "reboot.latency", "at_most": "1s"}]}|for_each
{"vary": "/guests/0/memory", "between": [1, 4], "subject_to": [{"metric": "reboot.latency", "at_most": "1s"}]}|bare number
EOF
expect 2 scenarios/s390-pv/reboot-64g.json
grep -q '"plan"' "$folder/err" || complain 'no word of the missing plan'

((failures == 0))
