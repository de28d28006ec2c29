#!/usr/bin/env bash
# Usage: platforms_test.sh SIM
# A scenario's platform from the command to what reports say of it.
set -uo pipefail
export COLUMNS=1000 # what is looked for stands on one line
sim=$(realpath "$1")
cd "$(dirname "$0")/../.." || exit 1
source=$PWD
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0

complain() {
	echo "$*" >&2
	((++failures))
}
holds() { # WHAT EXPRESSION FILE...
	jq -e -s "$2" "${@:3}" >"$folder/out" 2>&1 || complain "$1: $2: $(head -c 300 "$folder/out")"
}

# on its own platform an answer is sure to a factor of three, on any other it is not
pin=scenarios/sev/prealloc-pin.json
"$sim" run $pin --format json -o "$folder/own.json" || complain 'own platform'
"$sim" run $pin --platform x86_64 --format json -o "$folder/any.json" || complain 'any platform'
"$sim" run $pin --platform xeon-8167m --format json -o "$folder/xeon.json" || complain 'another platform'
width='def width: .answer.band95[1] / .answer.band95[0];'
holds 'names' '[.[].provenance.platform] == ["epyc-7j13", "x86_64", "xeon-8167m"]' "$folder"/{own,any,xeon}.json
holds 'narrow' "$width (.[0] | width) < 3 and (.[0] | width) < (.[1] | width)" "$folder"/{own,any}.json
holds 'within' '[.[] | .answer.band95[0] < .answer.mean and .answer.mean < .answer.band95[1]] | all' \
	"$folder"/{own,any,xeon}.json
holds 'other prices' '.[0].answer.mean < .[1].answer.mean' "$folder"/{own,xeon}.json

# a profile of one machine on another: its mean, and a range that holds what is plausible anywhere
"$sim" run $pin --platform x86_64 --set /costs/-=epyc-7j13 --format json -o "$folder/there.json" ||
	complain 'a profile elsewhere'
holds 'mean of the profile' '(.[0].answer.mean - .[1].answer.mean | fabs) < 0.01 * .[0].answer.mean' \
	"$folder"/{own,there}.json
holds 'wider' "$width (.[0] | width) < (.[1] | width)" "$folder"/{own,there}.json

# the program needs no files to know platforms, and a result carries its own
cp "$sim" "$folder/sim"
cd "$folder" || exit 1
./sim run "$source/scenarios/kvm/exit.json" --format json -o exit.json || complain 'away from its folders'
holds 'carried' '.[0].scenario.files["haswell-ex"].platform.architecture == "x86_64"' exit.json
./sim replay exit.json --worst shutdown.latency >replayed || complain 'replay'

# every format has the band, and only a study finds one
exit=$source/scenarios/kvm/exit.json
./sim run "$exit" --format csv -o band.csv
awk -F, '$4 == "shutdown.latency" { found = $11 < $8 && $8 < $12 } END { exit !found }' band.csv || complain 'csv'
./sim run "$exit" --format csv --study none -o none.csv
awk -F, '$4 == "shutdown.latency" { found = $11 == "" && $12 == "" } END { exit !found }' none.csv ||
	complain 'csv without a study'
./sim run "$exit" --format md -o band.md
grep -q 'across the ranges of its [0-9]* price.*on haswell' band.md || complain 'markdown'
./sim run "$exit" --study none -o none.txt
head -1 none.txt | grep -q 'prices were not moved' || complain 'text without a study'
./sim run "$exit" --study band --format json -o band.json
holds 'band alone' '.[0] | .uncertainty.draws == 100 and (.assumptions | length) == 0 and .study.asked == "band"' band.json
exit $((failures > 0))
