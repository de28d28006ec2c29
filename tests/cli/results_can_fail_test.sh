#!/usr/bin/env bash
# Usage: results_can_fail_test.sh SIM
# results_test.sh passes a small tree, and names what is planted in it and the remedy.
set -uo pipefail
here=$(realpath "$(dirname "$0")") sim=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0
mkdir -p "$folder"/scenarios/kvm "$folder"/scripts
cp "$here"/../../scenarios/kvm/exit.json "$folder"/scenarios/kvm/
cp "$here"/../../scripts/reproduce "$folder"/scripts/
(cd "$folder" && NUMBERS_ONLY=1 SIM=$sim scripts/reproduce && "$here"/results_test.sh "$sim" "$folder") || failed=1

judge() { # WORDS: the test says them, and what to do
	local said
	if said=$("$here"/results_test.sh "$sim" "$folder") || [[ $said != *"$1"*"scripts/reproduce"* ]]; then
		printf 'planted "%s", but it says\n%s\n' "$1" "$said"
		failed=1
	fi
}

cp "$folder"/scenarios/kvm/{exit,new}.json
judge "results/kvm/new.csv: this scenario has no results yet"
mv "$folder"/scenarios/kvm/new.json "$folder"/new.json
cp "$folder"/results/kvm/{exit,old}.csv
judge "results/kvm/old.csv: no scenario gives these results"
mv "$folder"/results/kvm/{old,exit}.csv
sed -i '2s/,1,/,2,/' "$folder"/results/kvm/exit.csv
judge "results/kvm/exit.csv: the program gives other numbers"
exit $failed
