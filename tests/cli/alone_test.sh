#!/usr/bin/env bash
# Usage: alone_test.sh SIM
# Results stand alone: of every shipped scenario, run in a copy of the tree that is deleted then, the
# result gives the same bytes again in an empty folder; so do pages, plans and points of sweeps. What
# they carry is what is charged; what was changed, is missing, damaged or newer is said.
set -uo pipefail
export COLUMNS=200
sim=$(realpath "$1") source=$(realpath "$(dirname "$0")/../..")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0 runs=0

complain() {
	printf '%s\n' "$1"
	((failures++))
}
command -v jq >/dev/null || {
	echo 'skipped: jq, which changes the results, is not installed'
	exit 77
}
# profiles that scenarios name are found beside them or in the program's data folder: neither is left
mkdir -p "$folder/work/bin" "$folder/work/share/sim" "$folder/empty"
cp "$sim" "$folder/work/bin/sim"
cp -r "$source/scenarios" "$folder/work/"
cp -r "$source/models/costs" "$folder/work/share/sim/"
cd "$folder/work" || exit 1
printf 'arrival_s,vcpus,memory_gib,lifetime_s\n0,1,1,60\n9,1,2,\n' >trace.csv

# --- in the copy
for file in scenarios/*/*.json; do
	[[ $file == scenarios/@(published|designs)/* ]] && continue
	settings=()
	[[ $file == scenarios/theory/* ]] && settings=(--set /experiment/until=20min)
	grep -q 'azure2017-dev.csv.gz' "$file" && settings=(--set /fleet/trace=../../trace.csv --set /fleet/hosts=1)
	name=${file#scenarios/}
	bin/sim run "$file" --replications 3 --study none "${settings[@]}" --format json -o "$folder/empty/run-${name//\//-}" 2>err
	status=$?
	((status == 0 || status == 3 || status == 4 || status == 5)) || complain "$file: exit status $status: $(head -n 1 err)"
	((runs++))
done
((runs > 50)) || complain "only $runs scenarios"
designs=scenarios/s390-pv/designs.json
bin/sim run $designs --set /guests/0/vcpus=3 --replications 16 --uncertainty=20 --format json -o "$folder/empty/full.json" || complain 'no result'
bin/sim run scenarios/kvm/exit.json --platform epyc-7j13 --replications 8 --format json -o "$folder/empty/platform.json" || complain 'no result on a platform'
bin/sim report $designs --replications 8 --alone -o "$folder/empty/page.html" || complain 'no page'
bin/sim plan scenarios/s390-pv/plan-wave.json --set /plan/between='[1, 4]' --format json -o "$folder/empty/plan.json"
bin/sim sweep $designs --replications 4 --set /guests/0/strategy=async,lower-in-background --set /guests/0/memory=4GiB,8GiB \
	--set '/costs=[],[{"uvc.destroy_page": {"mean": "3us"}}]' -o "$folder/empty/sweep.sqlite" || complain 'no sweep'
bin/sim sweep scenarios/fleet/small-exit.json --set /fleet/hosts=5,6 --study none -o "$folder/empty/fleet.sqlite" || complain 'no sweep of a fleet'
bin/sim sweep scenarios/kvm/exit.json --replications 4 --set /platform=epyc-7j13,x86_64 -o "$folder/empty/platforms.sqlite" || complain 'no sweep of platforms'
# comparisons (by prices, by designs, by models, of stored results), sensitivities, explanations
printf 'seconds,strategy,/guests/0/memory\n33.3,sync,64GiB\n8.123456789012,async,\n20,sync,32GiB\n' >"$folder/empty/observed.csv"
answers() { # NAME COMMAND...: to be made again without all that it was made of
	bin/sim "${@:2}" --format json >"$folder/empty/answer-$1.json" || complain "$1 is not written"
}
answers compare compare $designs --replications 8 --set /guests/0/vcpus=3 --over /guests/0/strategy=async,lower-in-background \
	--over '/costs=[],[{"uvc.destroy_page": {"mean": "3us"}}]' --baseline 'async [{"uvc.destroy_page": {"mean": "3us"}}]'
answers models compare scenarios/technologies/sweep-technologies.json --replications 4 --over /guests/0/model=kvm,tdx
answers platforms compare scenarios/kvm/exit.json --replications 4 --over /platform=epyc-7j13,x86_64
for strategy in sync lazy; do
	bin/sim run scenarios/s390-pv/reboot-64g.json --set /guests/0/strategy=$strategy --replications 8 --study band \
		--uncertainty=20 --format json -o $strategy.json || complain "no $strategy.json"
done
answers stored compare sync.json lazy.json
answers sensitivity sensitivity scenarios/kvm/exit.json --platform epyc-7j13 --replications 4 --morris=2
answers explained explain $designs --observed reboot.latency=33.3s --replications 8 --error 3.3%
answers estimate explain scenarios/s390-pv/reboot-64g.json --observations "$folder/empty/observed.csv" --replications 8 \
	--estimate uvc.destroy_page --others fixed --group db
rm "$folder/empty/observed.csv" sync.json lazy.json
cd "$folder/empty" || exit 1
rm -r "$folder/work/scenarios" "$folder/work/share" "$folder/work/trace.csv"
sim=$folder/work/bin/sim

# --- without it
for file in run-*.json answer-*.json full.json platform.json page.html plan.json; do
	"$sim" replay "$file" --all >out 2>err && grep -q 'reproduced exactly' out || complain "$file: $(head -n 3 err)"
done
for file in run-kvm-exit.json run-fleet-small-exit.json run-s390-pv-designs.json; do
	"$sim" run "$file" --study none --format json -o again.json 2>err && cmp "$file" again.json || complain "$file: other bytes $(cat err)"
done
"$sim" replay full.json | head -n 1 | grep -q 'reproduced exactly' || complain 'one replication'
"$sim" replay page.html | head -n 1 | grep -q 'reproduced exactly' || complain 'one replication of a page'
"$sim" plan plan.json --format json | cmp - plan.json || complain 'a plan is planned otherwise'
for point in 0 1 2 3 4 5 6 7; do
	"$sim" replay sweep.sqlite --point $point >out 2>err && grep -q "of point $point reproduced exactly" out || complain "point $point: $(cat err)"
done
for file in fleet platforms; do
	for point in 0 1; do
		"$sim" replay $file.sqlite --point $point >out 2>err || complain "$file, point $point: $(cat err)"
	done
done
# what compares and explains is a scenario like any other, and so are its designs
"$sim" compare answer-compare.json --over /guests/0/vcpus=1,3 --format json -o out 2>err || complain "a comparison is no scenario: $(cat err)"
"$sim" sensitivity answer-sensitivity.json --morris=2 --format json | cmp - answer-sensitivity.json || complain 'a sensitivity has other bytes'
mean_of() { "$sim" run "$1" --study none --format json | jq .answer.mean; }
"$sim" replay answer-compare.json --point 3 --extract design.json || complain 'a design is not extracted'
[[ $(mean_of design.json) == $(jq '.designs[3].mean' answer-compare.json) ]] || complain 'a design has another answer'
[[ $(mean_of answer-compare.json) == $(jq '.designs[] | select(.baseline) | .mean' answer-compare.json) ]] || complain 'the baseline has another answer'
for file in compare stored sensitivity explained; do
	jq -e '.provenance | has("commit") and has("platform") and .version' answer-$file.json >out || complain "$file: no versions"
	jq -e '.scenario | .document and .costs.models and .sha256' answer-$file.json >out || complain "$file: no scenario"
done
# extracted, a point is a scenario like any other, and its answer is the sweep's
for point in 2 7; do
	"$sim" replay sweep.sqlite --point $point --extract point.json || complain "point $point is not extracted"
	"$sim" run point.json --study none --format json -o point-run.json
	[[ $(jq '.answer.mean' point-run.json) == $(sqlite3 sweep.sqlite "select printf('%.15g', mean) from metric where point = $point and name = 'reboot.latency'" 2>/dev/null ||
		jq '.answer.mean' point-run.json) ]] || complain "point $point has another answer: $(jq .answer.mean point-run.json)"
done
jq -e '.scenario.costs.models["s390-pv"]["uvc.destroy_page"].mean == "3000ns"' point.json >out || complain 'the price of the point is not carried'
"$sim" replay plan.json --point 1 --extract look.json && "$sim" run look.json --format json -o look-run.json
[[ $(jq '.provenance.replications' look-run.json) == $(jq '[.answers[].looks[]][1].replications' plan.json) ]] || complain 'a look has other replications'

# --- what is carried is charged: a price that was changed in the file
price='.scenario.costs.models["s390-pv"]["uvc.destroy_page"]'
jq "$price.mean = \"4us\" | $price.range = [\"4us\", \"4us\"]" full.json >other.json
"$sim" replay other.json --all 2>err && complain 'other prices are the same'
grep -q 'not reproduced' err || complain "other prices: $(cat err)"
"$sim" replay other.json 2>err && complain 'one replication with other prices'
grep -q '/provenance/costs_sha256' err || complain "other prices of one replication: $(cat err)"
mean() { "$sim" run "$@" --study none --format json | jq '.answer.mean'; }
awk "BEGIN { exit !($(mean other.json) > 1.01 * $(mean full.json)) }" || complain 'a carried price is not charged'
# and what --set says goes before it
awk "BEGIN { exit !($(mean other.json --set '/costs=[{"uvc.destroy_page": {"mean": "4us"}}]') > 1.01 * $(mean other.json --set '/costs=[]')) }" ||
	complain '--set /costs does not go before carried prices'

# --- what is missing, damaged or newer
jq '.metrics[0].mean = 1' full.json >bad.json
"$sim" replay bad.json --all 2>err && complain 'another mean is the same'
grep -q 'bad.json:[0-9]*:[0-9]*: error: /metrics/0/mean: not reproduced' err || complain "another mean: $(cat err)"
other() { # FILE FILTER PLACE
	jq "$2" "$1" >bad.json
	"$sim" replay bad.json --all 2>err
	[[ $? != 0 ]] && grep -q "bad.json:[0-9]*:[0-9]*: error: $3" err || complain "$1, $2: $(cat err)"
}
other answer-compare.json '.designs[1].difference = 1' '/designs/1/difference: not reproduced'
jq -e '.designs | all(.scenario == null or .scenario.name) and (map(select(.scenario.costs)) | length) == 2' answer-compare.json >out || complain 'designs carry what the baseline has'
other answer-compare.json '.designs[0].scenario.costs.models["s390-pv"]["uvc.destroy_page"].mean = "4us"' '/designs/0/'
other answer-stored.json '.designs[1].options.uncertainty = 30' '/designs/1/'
other answer-sensitivity.json '.terms[0].at_high = 1' '/terms/0/at_high: not reproduced'
other answer-estimate.json '.provenance.options.error = 0.1' '/error: not reproduced'
other answer-estimate.json '.provenance.options.observations.text |= sub("33.3"; "34.3")' '/measurements/0/'
other answer-compare.json '.version = 1' '/version: version 1 .*older'
other answer-compare.json '.version = 3' '/version: version 3 .*newer'
other answer-compare.json 'del(.scenario.document) | del(.designs[0].scenario.document)' '/designs/0/scenario: '
refuse() { # FILTER WORDS ARGUMENTS...: of full.json
	jq "$1" full.json >bad.json
	"$sim" "${@:3}" bad.json 2>err
	[[ $? == 2 ]] && grep -q "$2" err || complain "$1: $(cat err)"
}
refuse '.version = 2' '/version: version 2 .*newer' run
refuse '.version = 2' '/version: version 2 .*newer' replay
refuse '.version = "1"' '/version' replay
refuse '.format = "sim-validation"' 'sim-validation' run
refuse '.format = "sim-validation"' 'sim run, report, compare' replay --all
refuse 'del(.scenario.document)' '/scenario.*document' run
refuse '.scenario.files = []' '/scenario/files: an object is needed' run
refuse '.scenario.document.guests[0].vcpu = 2' 'vcpus' run
refuse '.scenario.costs.models["s390-pv"]["uvc.unpack"].mean = "2"' '/scenario/costs/models/s390-pv/uvc.unpack/mean' run
refuse '.provenance.options.study = "all"' '/provenance/options/study' replay --all
refuse '.worst[0].value = "1"' '/worst/0/value: a whole number' replay
refuse '.by_replication[0].sums[3] = "x"' '/by_replication/0/sums' compare full.json
jq '.scenario.files = {}' full.json >bad.json
"$sim" run bad.json 2>err && complain 'a design that is not there'
grep -q 'no such design' err || complain "a missing design: $(cat err)"
head -c 9000 full.json >bad.json
"$sim" replay bad.json 2>err
[[ $? == 2 ]] && grep -q 'bad.json:[0-9]*:' err || complain "cut: $(cat err)"
printf '<html><body>nothing</body></html>' >bad.html
"$sim" replay bad.html 2>err
[[ $? == 2 ]] && grep -q 'no page of sim report' err || complain "another page: $(cat err)"
"$sim" replay sweep.sqlite --point 8 2>err && complain 'a point that is not there'
grep -q 'point 8 is not there' err || complain "point 8: $(cat err)"
if command -v sqlite3 >/dev/null; then
	cp sweep.sqlite bad.sqlite
	sqlite3 bad.sqlite "update metric set mean = mean + 1 where point = 2 and name = 'reboot.latency'"
	"$sim" replay bad.sqlite --point 2 2>err && complain 'another mean of a point is the same'
	# one point costs what one point costs: the others are checked by who reads them
	"$sim" replay bad.sqlite --point 1 >out 2>err || complain "point 1 pays for point 2: $(cat err)"
	SIM_PATH=$source/scripts "$sim" plot bad.sqlite -o bad.svg 2>err && complain 'a damaged sweep is drawn'
	grep -q 'the values of point 2 are not those' err || complain "a damaged sweep: $(cat err)"
	"$sim" replay bad.sqlite --point 2 2>err
	grep -q 'the values of point 2 are not those' err || complain "another mean of a point: $(cat err)"
	sqlite3 bad.sqlite "update sweep set value = 'sim-sweep 7' where key = 'format'"
	"$sim" replay bad.sqlite --point 2 2>err && complain 'a newer sweep is read'
	grep -q 'a newer sim' err || complain "a newer sweep: $(cat err)"
fi
head -c 5000 sweep.sqlite >bad.sqlite
"$sim" replay bad.sqlite --point 0 2>err && complain 'half a database'
[[ -s err ]] || complain 'half a database without a word'

# --- a trace that is too large to be carried is known by its digest
mkdir large && (cd large && awk 'BEGIN { print "arrival_s,vcpus,memory_gib,lifetime_s"; for (i = 0; i < 16000; i++) printf "%d.000,1,1,60.0000000\n", i * 10 }' >trace.csv
	jq '.scenario.document | .fleet.trace = "trace.csv"' ../run-fleet-small-exit.json >fleet.json
	"$sim" run fleet.json --study none --set /experiment/until=1000s --format json -o result.json) || complain 'no large trace'
jq -e '.scenario.traces["trace.csv"] | .text == null and (.sha256 | length) == 64' large/result.json >out || complain 'a large trace is carried'
(cd large && "$sim" replay result.json --all >out) || complain 'a large trace is not read again'
sed -i '2s/60/61/' large/trace.csv
(cd large && "$sim" replay result.json --all 2>../err) && complain 'another trace is taken'
grep -q 'another file than the one' err || complain "another trace: $(cat err)"
rm large/trace.csv
(cd large && "$sim" replay result.json --all 2>../err) && complain 'a trace that is gone'
grep -q 'trace.csv' err || complain "a trace that is gone: $(cat err)"

# --- the commit: in a result, in --version, or plainly not known
commit=$("$sim" --version | sed -n '2s/^commit //p')
[[ $commit =~ ^[0-9a-f]{40}(-dirty)?$ || $commit == 'not known: '* ]] || complain "commit: $commit"
[[ $(jq -r '.provenance.commit // "not known: built from files without their history"' full.json) == "$commit" ]] || complain 'the result has another commit'
((failures == 0))
