#!/usr/bin/env bash
# Usage: same_bytes_test.sh SIM [OTHER]
# The same scenario and seed give the same bytes whatever the number of threads, with
# the C library's FMA and AVX2 paths switched off, and from whichever build: OTHER, or
# the release build when there is one of this source.
set -uo pipefail
sim=$(realpath "$1") other=${2:+$(realpath "$2")} source=$(realpath "$(dirname "$0")/../..")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$source" || exit 1 # results name the scenario as it was given
without=glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F,-FMA4,-AVX
failed=0 compared=0
release=build/release/bin/sim
if [[ -z $other && -x $release && $release -nt sim/cli/main.c && $(realpath $release) != "$sim" ]]; then
	other=$release
fi
threads=(1 2 7) two=(1 7) # beside another build: what that one says of other numbers of threads holds
[[ -z $other ]] || threads=(1) two=(1)

as_other() { # WHAT ARGUMENTS...: what has just been said with -j 1, by the other build
	[[ -n $other ]] || return
	((++compared))
	rm -f "$folder/other"
	"$other" "${@:2}" -o "$folder/other" 2>"$folder/err"
	cmp "$folder/1" "$folder/other" || { echo "$1: $other differs"; cat "$folder/err"; failed=1; }
}

same() { # WHAT ARGUMENTS...: under every condition
	local what=$1 jobs
	shift
	for jobs in "${threads[@]}"; do
		"$sim" "$@" -j $jobs -o "$folder/$jobs" || failed=1
		cmp "$folder/1" "$folder/$jobs" || { echo "$what: -j $jobs differs"; failed=1; }
	done
	if [[ -z $other ]]; then
		GLIBC_TUNABLES=$without "$sim" "$@" -j 2 -o "$folder/plain" || failed=1
		cmp "$folder/1" "$folder/plain" || { echo "$what: without FMA differs"; failed=1; }
	fi
	as_other "$what" "$@"
}

s390=scenarios/s390-pv
for scenario in reboot-64g reboot-20-guests second-reboot fatal-signal; do
	same $scenario run $s390/$scenario.json --replications 48 --format json
done
same uncertainty run $s390/reboot-64g.json --replications 32 --uncertainty=20 --format json
same compare compare $s390/reboot-64g.json --replications 48 --format json \
	--over /guests/0/strategy=sync,lazy,async
same sensitivity sensitivity $s390/reboot-64g.json --replications 32 --morris=2 --format json
# A replication must not see which others the same simulation ran before it.
for scenario in scenarios/*/*.json; do
	[[ $scenario == scenarios/@(published/|designs/|theory/|fleet/azure|fleet/plan)* ]] && continue
	for jobs in "${two[@]}"; do
		"$sim" run "$scenario" --study none --replications 7 -j $jobs --format json -o "$folder/$jobs" 2>"$folder/err"
		(($? == 0 || $? == 3 || $? == 5)) || { cat "$folder/err"; failed=1; }
		cmp "$folder/1" "$folder/$jobs" || { echo "$scenario: -j $jobs differs"; failed=1; }
	done
	as_other "$scenario" run "$scenario" --study none --replications 7 --format json
done
same steady run scenarios/theory/mm1.json --replications 8 --set '/experiment/until="20min"' --format json
[[ -z $other ]] || echo "$compared documents compared with $other"
exit $failed
