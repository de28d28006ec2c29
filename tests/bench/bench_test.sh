#!/usr/bin/env bash
# Usage: bench_test.sh BENCH_ENGINE BENCH_COMMANDS
# The benchmarks run, and fail when contenders disagree or a command fails. How fast anything is
# does not matter here.
set -uo pipefail
engine=$1 commands=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

tell() {
	echo "$1"
	failed=1
}

"$engine" --smoke --no-pin -o "$folder/engine.csv" >/dev/null || tell "the engine's benchmark fails"
rows=$(grep -cE '^(M/M/1|HOLD 10+),(engine|bare|bare-fastest),ns/event,1,' "$folder/engine.csv")
((rows == 12)) || tell "the engine's benchmark writes $rows rows of 12"
rows=$(grep -cE '^SHARE 10+,(cores|unsaturated|saturated),ns/event,1,' "$folder/engine.csv")
((rows == 9)) || tell "the engine's benchmark writes $rows rows of 9 about shares"

for how in variates mean; do
	"$engine" --smoke --no-pin --disagree=$how >/dev/null 2>"$folder/said"
	(($? == 1)) || tell "other $how are no failure"
	for subject in HOLD SHARE; do
		grep -q "^$subject 1000: " "$folder/said" || tell "other $how are not told"
	done
done

"$commands" --no-pin -n 3 -u ms --each file --count 10,20 --fresh "$folder/fresh" -o "$folder/c.csv" \
	--stdout "$folder/said" "two ways" -- one sh -c "set -C; : >'$folder/fresh'; echo 1" \
	-- two echo 2 >/dev/null || tell "commands cannot be compared"
rows=$(grep -cE '^two ways,(one|two),ms/file,3,' "$folder/c.csv")
((rows == 2)) || tell "two commands give $rows rows"
[[ $(cat "$folder/said.one" "$folder/said.two") == $'1\n2' ]] || tell "what they print is not kept"

"$commands" --no-pin -n 1 bad -- good true -- bad sh -c 'exit 1' >/dev/null 2>&1
(($? == 1)) || tell "a command that fails is no failure"
"$commands" --no-pin -n 1 objective -- missed sh -c 'exit 3' >/dev/null || tell "status 3 is a failure"
"$commands" --no-pin -n 1 nothing >/dev/null 2>&1
(($? == 2)) || tell "no command is no error"
exit $failed
