#!/usr/bin/env bash
# Usage: compare_test.sh SIM
# sim compare, sensitivity and fit: what they find in cases whose answer is known.
set -uo pipefail
sim=$(realpath "$1") source=$(realpath "$(dirname "$0")/../..")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$source" || exit 1
failures=0

complain() {
	printf '%s\n' "$1"
	((failures++))
}

command -v jq >/dev/null || {
	echo 'skipped: jq, which reads the results, is not installed'
	exit 77
}

holds() { # WHAT EXPRESSION FILE
	[[ $(jq "$2" "$3") == true ]] || complain "$1: not $2"
}

s390=scenarios/s390-pv/reboot-64g.json
"$sim" compare $s390 --over /guests/0/strategy=sync,lazy,async,async-fast --format json \
	-o "$folder/c.json" || complain "compare failed"
holds 'designs' '[.designs[].design] == ["sync","lazy","async","async-fast"]' "$folder/c.json"
holds 'async is shorter' '.designs[2].difference | . > -30e9 and . < -20e9' "$folder/c.json"
holds 'difference of means' \
	'.designs[2].mean - .designs[0].mean - .designs[2].difference | fabs < 10' "$folder/c.json"
holds 'interval around it' \
	'.designs[2] | .difference_ci95[0] < .difference and .difference < .difference_ci95[1]' "$folder/c.json"
holds 'pairing' '.paired and .designs[2].variance_saved > 0.9' "$folder/c.json"
holds 'why' '.designs[2].breakdown_difference[0].step == "destroy all pages"' "$folder/c.json"
holds 'parts add up' \
	'.designs[2] | ([.breakdown_difference[].difference] | add) - .difference | fabs < 1e3' "$folder/c.json"
# on one screen
"$sim" compare $s390 --over /guests/0/strategy=sync,lazy,async,async-fast >"$folder/text" || complain 'text failed'
(($(wc -l <"$folder/text") <= 40)) || complain 'the table is longer than a screen'
grep -q '4.32 x shorter' "$folder/text" || complain 'no ratio'

# the same design twice: no difference at all, and no interval of width 0
"$sim" compare $s390 --over /guests/0/strategy=async,async --replications 32 --format json -o "$folder/e.json"
holds 'equal' '.designs[1] | .difference == 0 and .difference_ci95 == null' "$folder/e.json"
# another baseline turns the sign
"$sim" compare $s390 --over /guests/0/strategy=sync,async --baseline async --replications 32 --format json -o "$folder/b.json"
holds 'baseline' '.designs[0].difference > 0 and .designs[1].baseline' "$folder/b.json"
"$sim" compare $s390 --over /guests/0/strategy=sync,async --baseline lazy 2>"$folder/err"
[[ $? == 2 ]] || complain 'an unknown baseline is not refused'
"$sim" compare $s390 --over /guests/0/strategy=sync,sink 2>"$folder/err"
[[ $? == 2 ]] && grep -q 'sync' "$folder/err" || complain 'an unknown value is not refused'
# two values: all combinations; other formats
"$sim" compare $s390 --over /guests/0/strategy=sync,async --over '/guests/0/memory=4GiB,64GiB' --replications 32 \
	--format csv -o "$folder/c.csv"
(($(wc -l <"$folder/c.csv") == 5)) || complain 'not four designs in the CSV'
"$sim" compare $s390 --over /guests/0/strategy=sync,async --replications 32 --format markdown | grep -q '^|---|' ||
	complain 'no Markdown table'
# stored results of one seed are paired, and give what the comparison of the scenario gives
for s in sync async; do
	"$sim" run $s390 --set /guests/0/strategy=$s --replications 64 --format json -o "$folder/$s.json"
done
"$sim" run $s390 --set /guests/0/strategy=async --replications 64 --seed 2 --format json -o "$folder/seed2.json"
"$sim" compare "$folder/sync.json" "$folder/async.json" --format json -o "$folder/s.json" || complain 'stored failed'
"$sim" compare $s390 --over /guests/0/strategy=sync,async --replications 64 --format json -o "$folder/o.json"
for key in mean difference difference_ci95 ratio ratio_ci95 variance_saved; do
	[[ $(jq -c ".paired, .designs[1].$key" "$folder/s.json") == "$(jq -c ".paired, .designs[1].$key" "$folder/o.json")" ]] ||
		complain "stored results give another $key"
done
holds 'paired' '.paired and .designs[1].variance_saved > 0.9' "$folder/s.json"
# one that has more of them: those that both have are held against each other
for n in 8 20; do
	"$sim" run $s390 --set /guests/0/strategy=sync --study none --replications $n --format json -o "$folder/sync$n.json"
	"$sim" run $s390 --set /guests/0/strategy=async --study none --replications $n --format json -o "$folder/async$n.json"
done
"$sim" compare "$folder/sync8.json" "$folder/async8.json" --format json -o "$folder/e.json"
for pair in sync8,async20 sync20,async8; do
	"$sim" compare "$folder/${pair%,*}.json" "$folder/${pair#*,}.json" --format json -o "$folder/u.json"
	for key in difference difference_ci95 ratio ratio_ci95 variance_saved paired_replications; do
		cmp <(jq -c ".paired, .designs[1].$key" "$folder/u.json") <(jq -c ".paired, .designs[1].$key" "$folder/e.json") ||
			complain "$pair: another $key than of the first 8 of both"
	done
	"$sim" compare "$folder/${pair%,*}.json" "$folder/${pair#*,}.json" | tr -s ' \n' ' ' | grep -q 'that both have, the first 8 at most.* 8 .. 20 replications' ||
		complain "$pair: no word of the replications"
done
# of metrics with several observations in a replication, too
"$sim" run scenarios/s390-pv/crypto-queues.json --replications 32 --format json -o "$folder/q1.json"
"$sim" run scenarios/s390-pv/crypto-queues.json --set /host/cores=4 --replications 32 --format json -o "$folder/q2.json"
"$sim" compare "$folder/q1.json" "$folder/q2.json" --format json -o "$folder/q.json"
"$sim" compare scenarios/s390-pv/crypto-queues.json --set "/host/cores=$(jq '.scenario.document.host.cores' "$folder/q1.json")" \
	--over "/host/cores=$(jq '.scenario.document.host.cores' "$folder/q1.json"),4" --replications 32 --format json -o "$folder/qo.json"
[[ $(jq -c '.designs[1] | .difference, .difference_ci95' "$folder/q.json") == "$(jq -c '.designs[1] | .difference, .difference_ci95' "$folder/qo.json")" ]] ||
	complain 'several observations in a replication are paired otherwise'
# several operations in a replication, not as many in each: sums are compared by their counts
for memory in 16GiB 64GiB; do
	"$sim" run scenarios/kvm/crash-loop.json --set /guests/0/memory=$memory --replications 16 --study none --format json -o "$folder/$memory.json"
done
"$sim" compare "$folder"/{16,64}GiB.json --metric start.latency --format json -o "$folder/n.json" || complain 'counted failed'
"$sim" compare scenarios/kvm/crash-loop.json --over /guests/0/memory=16GiB,64GiB --replications 16 --metric start.latency --format json -o "$folder/no.json"
holds 'counted' '.paired and .designs[1].difference != 0' "$folder/n.json"
counted='.designs[1] | .difference, .difference_ci95'
[[ $(jq -c "$counted" "$folder/n.json") == "$(jq -c "$counted" "$folder/no.json")" ]] || complain 'counted results give another difference'
"$sim" compare "$folder"/{16,64}GiB.json --metric reboot.latency 2>"$folder/err" && complain 'a metric that is not there'
grep -q '16GiB.json has not observed the metric "reboot.latency"' "$folder/err" || complain "no word of the metric: $(cat "$folder/err")"
# of other seeds they are independent, and so are those that do not say what replications observed
"$sim" compare "$folder/sync.json" "$folder/seed2.json" --format json -o "$folder/i.json" || complain 'independent failed'
holds 'independent' '(.paired | not) and .designs[1].variance_saved == null and (.designs[1].difference | . > -30e9 and . < -20e9)' "$folder/i.json"
width='.designs[1].difference_ci95 | .[1] - .[0]'
awk "BEGIN { exit !($(jq "$width" "$folder/i.json") > 10 * $(jq "$width" "$folder/s.json")) }" || complain 'pairing is worth nothing'
jq 'del(.by_replication)' "$folder/async.json" >"$folder/bare.json"
"$sim" compare "$folder/sync.json" "$folder/bare.json" --format json -o "$folder/i.json"
holds 'not stored' '.paired | not' "$folder/i.json"
# words: nothing where there is nothing, percents where it is little, and no order that is not sure
"$sim" compare "$folder/async.json" "$folder/async.json" | grep -q 'no difference$' || complain 'no word of no difference'
"$sim" compare "$folder/async.json" "$folder/seed2.json" | grep -q 'not told apart$' || complain 'no word of what is not told apart'
"$sim" compare $s390 --over '/guests/0/image=100MiB,110MiB' --replications 32 | grep -q '[0-9] % longer$' || complain 'no percents'
"$sim" compare $s390 --over /guests/0/memory=32GiB,64GiB --metric limbo.mean --replications 32 | grep -q 'x more$\|x less$' || complain 'bytes are longer'
# a damaged result is refused at the place
jq '.metrics[2].n = "many"' "$folder/async.json" >"$folder/bad.json"
"$sim" compare "$folder/sync.json" "$folder/bad.json" 2>"$folder/err"
[[ $? == 2 ]] && grep -q 'bad.json:[0-9]*:[0-9]*: error: /metrics/2/n: a whole number is needed' "$folder/err" || complain "damaged: $(cat "$folder/err")"
jq '.version = 2' "$folder/async.json" >"$folder/bad.json"
"$sim" compare "$folder/sync.json" "$folder/bad.json" 2>"$folder/err"
[[ $? == 2 ]] && grep -q 'newer than this sim' "$folder/err" || complain "newer: $(cat "$folder/err")"
"$sim" compare $s390 "$folder/sync.json" 2>"$folder/err"
[[ $? == 2 ]] || complain 'a scenario is taken for a result'

# the largest swing is that of the widest cost; Morris agrees for an additive answer
"$sim" sensitivity $s390 --replications 64 --morris=4 --format json -o "$folder/t.json" || complain 'sensitivity failed'
holds 'tornado' '.terms[0].term == "guest.stop"' "$folder/t.json"
holds 'one at a time' '.terms[0].at_high - .terms[0].at_low - 29.99e9 | fabs < 3e9' "$folder/t.json"
holds 'morris' '[.terms[].morris_mean != null] | all' "$folder/t.json"
# the band of the costs encloses the answer and is far wider than the noise
"$sim" run $s390 --replications 128 --uncertainty=40 --format json -o "$folder/u.json"
holds 'bands' '.uncertainty.band95[0] < .answer.ci95[0] and .uncertainty.band95[1] > .answer.ci95[1]' "$folder/u.json"
holds 'caveat' '(.caveat.text | test("No public figure")) and .caveat.answer[0] < .answer.mean and .answer.mean < .caveat.answer[1]' "$folder/u.json"
holds 'two bands apart' '.uncertainty.terms > 10 and .answer.ci95 != null' "$folder/u.json"

# designs under the same draws: a step more on top of the same prices differs by less than either may
"$sim" compare $s390 --over /guests/0/strategy=sync,async --replications 32 --format json -o "$folder/b.json"
holds 'bands of designs' '[.designs[].band95 | .[0] < .[1]] | all' "$folder/b.json"
holds 'band of the difference' '.designs[1] | .difference_band95[0] < .difference and .difference < .difference_band95[1]' "$folder/b.json"
holds 'draws in common' '.designs as $d | ($d[1].difference_band95 | .[1] - .[0]) < ($d[0].band95[1] - $d[1].band95[0]) - ($d[0].band95[0] - $d[1].band95[1])' "$folder/b.json"

# a slope of 2.1 us per page and 50 ms is found, also with a disturbed measurement
{
	echo 'GiB,seconds'
	for gib in 1 2 4 8 16 32 64; do
		nanoseconds=$((50000000 + gib * 262144 * 2100 * (gib == 16 ? 3 : 1)))
		printf '%d,%d.%09d\n' $gib $((nanoseconds / 1000000000)) $((nanoseconds % 1000000000))
	done
} >"$folder/data.csv"
"$sim" fit "$folder/data.csv" --term uvc.destroy_page --model s390-pv --fixed-term uvc.destroy_conf \
	-o "$folder/profile.json" --residuals "$folder/r.csv" >"$folder/fit" || complain 'fit failed'
holds 'slope' '.costs["uvc.destroy_page"].mean | rtrimstr("ns") | tonumber - 2100 | fabs < 1' "$folder/profile.json"
holds 'intercept' '.costs["uvc.destroy_conf"].mean | rtrimstr("ns") | tonumber - 5e7 | fabs < 1e5' "$folder/profile.json"
(($(wc -l <"$folder/r.csv") == 8)) || complain 'residuals'
"$sim" run $s390 --replications 32 --set "/costs/-=$folder/profile.json" --format json -o "$folder/m.json" ||
	complain 'the profile is refused'
holds 'measured is measured' '[.assumptions[] | select(.term == "uvc.destroy_page")] | all(.status == "measured")' "$folder/m.json"
holds 'and not assumed' '.provenance.assumed | index("uvc.destroy_page") == null' "$folder/m.json"
for i in 1 2 4 8 16 32; do echo "$i $((i * i))"; done | "$sim" fit - --term x | grep -q 'curve' ||
	complain 'a curve is taken for a line'
"$sim" fit "$folder/data.csv" --term no.such --model s390-pv 2>/dev/null && complain 'an unknown term is fitted'
printf 'a,b\n1,2\n3\n' | "$sim" fit - --term x 2>"$folder/err"
[[ $? == 2 ]] && grep -q ':3:' "$folder/err" || complain 'a torn line is accepted'

# steady state: found, or told why not
"$sim" run scenarios/theory/mm1.json --set '/events/0/rate="1.07/s"' 2>"$folder/err"
[[ $? == 2 ]] && grep -q 'unstable, load 1.0' "$folder/err" || complain 'no word of instability'
"$sim" run scenarios/theory/mm1.json --replications 16 --format json -o "$folder/q.json" || complain 'M/M/1 failed'
holds 'M/M/1' '(.answer.mean - 5e9 | fabs < 0.4e9) and .provenance.warm_up_ns > 0' "$folder/q.json"
exit $((failures > 0))
