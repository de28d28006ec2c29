#!/usr/bin/env bash
# Usage: same_bytes_test.sh SIM
# The same scenario and seed give the same bytes whatever the number of threads,
# and from whichever build (the release build's are compared when there is one).
set -uo pipefail
sim=$(realpath "$1") source=$(realpath "$(dirname "$0")/../..")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$source" || exit 1 # results name the scenario as it was given
failed=0
for scenario in reboot-64g reboot-20-guests second-reboot fatal-signal; do
	for jobs in 1 2 7; do
		"$sim" run "scenarios/s390-pv/$scenario.json" --replications 48 -j $jobs --format json \
			-o "$folder/$jobs.json" || failed=1
		cmp "$folder/1.json" "$folder/$jobs.json" || failed=1
	done
	release=build/release/bin/sim
	if [[ -x $release && $release -nt sim/cli/main.c && $(realpath $release) != "$sim" ]]; then
		"$release" run "scenarios/s390-pv/$scenario.json" --replications 48 --format json \
			-o "$folder/release.json" || failed=1
		cmp "$folder/1.json" "$folder/release.json" || failed=1
		echo "$scenario: compared with the release build"
	fi
done
exit $failed
