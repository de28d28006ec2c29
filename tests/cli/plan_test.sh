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
largest() { # run at a width: the p99 in s and the largest memory in use in GiB
	"$sim" run "$wave" --set "/guests/0/strategy=$1" --set "/events/0/concurrency=$2" --seed 99 \
		--replications 64 --format json |
		jq -r '[(.metrics[] | select(.name == "reboot.latency").p99 / 1e9),
			(.metrics[] | select(.name == "memory.in_use.peak").max / 1073741824)] | map(floor) | join(" ")'
}
for strategy in sync async lazy; do
	width=$(jq ".answers[] | select(.for == \"$strategy\").value" "$folder/plan.json")
	read -r seconds gib < <(largest $strategy "$width")
	((seconds < 45 && gib < 1040)) || complain "$strategy: $width is too wide: $seconds s, $gib GiB"
	((width == 20)) && continue # all of them
	read -r seconds gib < <(largest $strategy $((width + 1)))
	((seconds >= 45 || gib >= 1040)) || complain "$strategy: $((width + 1)) would do"
done
jq -e '[.answers[].value] == [10, 20, 20]' "$folder/plan.json" >/dev/null || complain 'not 10, 20 and 20 on 1040 GiB'
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
# a smaller number is sought for, over two designs
expect 0 scenarios/fleet/small-exit.json --set '/plan={"vary": "/fleet/hosts", "between": [1, 12], "goal": "min",
	"for_each": {"/guests/0/strategy": ["exit", "async-teardown"]},
	"subject_to": [{"metric": "vms.rejected", "at_most": 0}, {"metric": "start.delay", "at_most": "1s"}]}'
jq -e '[.answers[].value] == [8, 8]' "$folder/plan.json" >/dev/null || complain 'not eight hosts'

# sizes, with the steps between them: pen and paper says 15 s / 129 ns a page of 4 KiB, 443.6 GiB
expect 0 tests/cases/plan-memory.json
jq -e '.unit == "bytes" and .answers[0].text == "443GiB" and .answers[0].value == 443 * 1073741824' "$folder/plan.json" >/dev/null ||
	complain 'not 443 GiB'
expect 0 tests/cases/plan-memory.json --set /plan/step=10GiB --set /plan/subject_to=[]
jq -e '.answers[0].text == "434GiB" and (.subject_to | map(.metric)) == ["shutdown.latency", "failures"]' "$folder/plan.json" >/dev/null ||
	complain 'not 434 GiB by tens from 64, or not by the objectives'
# a rate, a price, a share, a time and bandwidth: nothing but its unit is different
sought() { # TEXT ARGUMENTS...
	expect 0 "${@:2}"
	jq -e --arg text "$1" '.answers[0].text == $text' "$folder/plan.json" >/dev/null ||
		complain "not $1 but $(jq -c '.answers[0].text' "$folder/plan.json"): ${*:2}"
}
reboot=scenarios/s390-pv/reboot-64g.json
latest() { echo "/objectives=[{\"metric\":\"reboot.latency\",\"at_most\":\"$1\"}]"; }
sought 26/h scenarios/s390-pv/plan-guests.json --vary /events/0/rate --between '["1/h","60/h"]' --set /plan/step=1/h --set /guests/0/count=16 \
	--set '/plan/subject_to=[{"metric":"reboot.latency","at_most":"6.5s"}]'
sought 0.5 $reboot --vary /guests/0/resident --between '[0.1,1]' --set /plan/step=0.1 --set /plan/tolerance=0.01 --set "$(latest 7.6s)"
sought 2s $reboot --vary /costs/1/guest.stop/mean --between '["500ms","10s"]' --set /plan/step=500ms --set '/costs/-={"guest.stop":{"mean":"1s"}}' --set "$(latest 9.5s)"
# two quantities: the widest wave for each size
expect 0 "$wave" --set '/plan/for_each={"/guests/0/memory": ["16GiB", "64GiB"]}' --set /guests/0/strategy=sync
jq -e '[.answers[] | [.for, .value]] == [["16GiB", 20], ["64GiB", 10]]' "$folder/plan.json" >/dev/null || complain 'not 20 of 16 GiB and 10 of 64 GiB'

# where starts fail the rest is fast: that is no answer, unless failures are allowed
expect 0 $reboot --vary /host/memory --goal min --between '["51GiB","64GiB"]' --set /plan/step=1MiB --set "$(latest 80s)"
jq -e '.answers[0].looks | map(select(.verdict == "missed").limits[1].observed > 0) | all' "$folder/plan.json" >/dev/null ||
	complain 'missed, but nothing failed'
jq -e '.answers[0].failure | test("ENOMEM.*host memory")' "$folder/plan.json" >/dev/null || complain 'no word of why it fails'
faults=(tests/cases/plan-memory.json --set '/guests/0/faults=[{"step": "guest memory", "probability": 0.2}]'
	--set /events/0/do=start --set /plan/most=64 --set '/plan/subject_to=[{"metric": "start.latency", "at_most": "1h"}]')
expect 3 "${faults[@]}"
jq -e '.answers[0].failure | test("ENOMEM at .allocate guest memory")' "$folder/plan.json" >/dev/null || complain 'not infeasible for what fails'
expect 0 "${faults[@]}" --set '/plan/subject_to/-={"metric": "failures.ENOMEM", "at_most": 1}'

# what was looked at is kept: a plan that is stopped goes on, and ends in the same bytes
small=("$wave" --set /guests/0/count=6 --between '[1,6]')
expect 0 "${small[@]}" --keep "$folder/looks"
mv "$folder/plan.json" "$folder/whole.json"
looks=$(($(wc -l <"$folder/looks") - 1))
((looks == $(jq '[.answers[].looks[]] | length' "$folder/whole.json"))) || complain "$looks looks are kept"
for keep in 1 2 5 9 "$looks"; do
	head -n "$keep" "$folder/looks" >"$folder/some"
	((keep == 9)) && printf '0 12 0x1.9p-6 0 32 1' >>"$folder/some" # a line that was not written to its end
	expect 0 "${small[@]}" --keep "$folder/some"
	cmp "$folder/plan.json" "$folder/whole.json" || complain "other bytes after $keep lines"
	cmp <(sort "$folder/some") <(sort "$folder/looks") || complain "other looks after $keep lines"
done
tail -n +2 "$folder/looks" >"$folder/other"
expect 2 "${small[@]}" --keep "$folder/other"
grep -q 'keeps no looks' "$folder/err" || complain 'a file of something else is written into'
expect 2 "${small[@]}" --keep "$folder/looks" --seed 2
grep -q 'of another plan' "$folder/err" || complain 'looks of another seed are taken'

# every format has every look
rows=$("$sim" plan "${small[@]}" --format csv | wc -l)
((rows == 1 + 3 * looks)) || complain "$rows rows for $looks looks at 3 limits"
"$sim" plan "${small[@]}" --format md >"$folder/plan.md" || complain 'no Markdown'
grep -q '^| sync | meets | 6 | the range ends here |' "$folder/plan.md" || complain 'Markdown says something else'
jq -e '.answers | all(.binds == null)' "$folder/whole.json" >/dev/null || complain 'JSON: something binds where the range ends'
"$sim" plan "${small[@]}" | grep -q '^  nothing binds: the range ends here' || complain 'text: something binds where the range ends'
expect 0 "$wave" --set /plan/for_each=null --set /guests/0/strategy=sync --between '[9,12]'
jq -e '.answers[0].binds == "reboot.latency"' "$folder/plan.json" >/dev/null || complain 'nothing binds'
"$sim" plan "${small[@]}" --format html >"$folder/plan.html" || complain 'no page'
grep -q '<th scope=row>async<td class=met>meets<td class=n>6<td>' "$folder/plan.html" || complain 'the page says something else'

# what was looked at is let go: a long search holds no more than a short one
memory() { # BETWEEN: most memory of the plan, KiB
	python3 - "$sim" "$1" "$folder/vms.csv" <<'PYTHON'
import os, resource, subprocess, sys
sim, between, trace = sys.argv[1:]
options = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1" # what is let go is let go
run = subprocess.run([sim, "plan", "scenarios/fleet/plan-hosts-s390-pv.json", "-j1", "--set", "/fleet/trace=" + trace,
                      "--set", "/plan/for_each=null", "--set", "/plan/between=" + between],
                     stdout=subprocess.DEVNULL, env={**os.environ, "ASAN_OPTIONS": options})
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss if run.returncode in (0, 3, 4) else 0)
PYTHON
}
if command -v python3 >/dev/null; then
	awk 'BEGIN { print "arrival_s,vcpus,memory_gib,lifetime_s"; for (i = 0; i < 3000; i++) printf "%d,1,4,20000\n", i * 10 }' >"$folder/vms.csv"
	one=$(memory '[60, 60]') many=$(memory '[10, 400]')
	((one > 0 && many > 0 && many < 2 * one)) || complain "a plan holds $one KiB for one value, $many KiB for many"
fi

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

# an objective of a run is judged as a plan judges it: the same bounds, and the same verdict
for n in 2 8 40 600; do
	for limit in '"at_most": "7.8s"' '"at_most": "7.9s"' '"at_most": "8.5s"' '"quantile": 0.99, "at_most": "7.9s"' '"quantile": 0.99, "at_most": "8.33s"' \
		'"quantile": 0.99, "at_most": "9s"' '"quantile": 1, "at_most": "8.3s"' '"quantile": 1, "at_most": "9s"' '"quantile": 0.5, "at_most": "7.87s"'; do
		judged=(--set "/objectives=[{\"metric\": \"reboot.latency\", $limit}]")
		"$sim" run $reboot "${judged[@]}" --study none --replications $n --format json -o "$folder/run.json"
		ran=$?
		"$sim" plan $reboot "${judged[@]}" --vary /guests/0/count --between '[1,1]' --set /plan/first=$n --set /plan/most=$n \
			--set /plan/tolerance=0 --format json -o "$folder/plan.json"
		cmp <(jq -c '.objectives[0] | [.verdict, .bounds.low, .bounds.high, .bounds.estimate, .bounds.needed]' "$folder/run.json") \
			<(jq -c '.answers[0].looks[0] | [.verdict, (.limits[0] | .low, .high, .estimate, .needed)]' "$folder/plan.json") ||
			complain "$n replications, $limit: objective and plan judge differently"
		[[ $ran == "$(jq '{met: 0, missed: 3, undecided: 4}[.objectives[0].verdict]' "$folder/run.json")" ]] ||
			complain "$n replications, $limit: exit status $ran"
		echo "$(jq -r '.objectives[0].verdict' "$folder/run.json")" >>"$folder/verdicts"
	done
done
(($(sort -u "$folder/verdicts" | wc -l) == 3)) || complain 'not every verdict was seen'

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
{"vary": "/guests/0/count", "between": [4, 1], "subject_to": [{"metric": "reboot.latency", "at_most": "1s"}]}|4 is more than 1: the lower end is the first
{"vary": "/guests/0/memory", "between": ["4TiB", "64GiB"], "subject_to": [{"metric": "reboot.latency", "at_most": "1s"}]}|4TiB is more than 64GiB
{"vary": "/guests/0/memory", "between": ["64G", "128G"], "subject_to": [{"metric": "reboot.latency", "at_most": "1s"}]}|KiB, MiB, GiB, TiB
{"vary": "/guests/0/memory", "between": ["64GiB", "10s"], "subject_to": [{"metric": "reboot.latency", "at_most": "1s"}]}|64GiB is a size, 10s is a duration
{"vary": "/guests/0/memory", "between": ["64GiB", "128GiB"], "step": "1s", "subject_to": [{"metric": "reboot.latency", "at_most": "1s"}]}|the step "1s" is a duration
{"vary": "/guests/0/count", "between": [1, 2, 3], "subject_to": [{"metric": "reboot.latency", "at_most": "1s"}]}|two numbers or quantities
{"vary": "/guests/0/count", "between": "1-4", "subject_to": [{"metric": "reboot.latency", "at_most": "1s"}]}|two numbers or quantities
{"vary": "/guests/0/count", "between": [1, 4], "subject_to": []}|one to 16 limits are needed
{"vary": "/guests/0/count", "between": [1, 4], "subject_to": [{"metric": "reboot.latncy", "at_most": "1s"}]}|reboot.latency
{"vary": "/guests/9/count", "between": [1, 4], "subject_to": [{"metric": "reboot.latency", "at_most": "1s"}]}|/guests/9
{"vary": "count", "between": [1, 4], "subject_to": [{"metric": "reboot.latency", "at_most": "1s"}]}|pointer
{"vary": "/guests/0/count", "between": [1, 4], "for_each": 3, "subject_to": [{"metric": "reboot.latency", "at_most": "1s"}]}|for_each
{"vary": "/guests/0/memory", "between": [1, 4], "subject_to": [{"metric": "reboot.latency", "at_most": "1s"}]}|bare number
EOF
expect 2 scenarios/s390-pv/reboot-64g.json
grep -q '"plan"' "$folder/err" || complain 'no word of the missing plan'

((failures == 0))
