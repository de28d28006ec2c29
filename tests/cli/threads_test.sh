#!/usr/bin/env bash
# Usage: threads_test.sh SIM
# What uses threads, small: one thread and four give the same bytes. The thread
# sanitizer runs this, and little else: what it sees is a failure of the command.
set -uo pipefail
sim=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$(dirname "$0")/../.." || exit 1
pv=scenarios/s390-pv failures=0

same() { # WHAT COMMAND OPTIONS...; -j and the output's file follow
	local what=$1 jobs
	shift
	for jobs in 1 4; do
		"$sim" "$@" -j $jobs -o "$folder/$jobs" >"$folder/said" 2>&1 || {
			echo "$what: -j $jobs fails: $(tail -n 20 "$folder/said")"
			((failures++))
		}
	done
	cmp "$folder/1" "$folder/4" || { echo "$what: four threads say something else"; ((failures++)); }
}

same run run $pv/reboot-20-guests.json --replications 12 --format json
same compare compare $pv/reboot-64g.json --replications 12 --over /guests/0/strategy=sync,async --format json
same sensitivity sensitivity $pv/reboot-64g.json --replications 4 --format json
same explain explain $pv/reboot-64g.json --replications 4 --observations $pv/reboot-times.csv
for jobs in 1 4; do
	"$sim" sweep $pv/reboot-64g.json --replications 4 -j $jobs --set /guests/0/vcpus=1,2,4 --set /guests/0/strategy=sync,async \
		-o "$folder/$jobs.sqlite" --csv "$folder/$jobs.csv" >"$folder/said" 2>&1 || { cat "$folder/said"; ((failures++)); }
done
cmp "$folder/1.csv" "$folder/4.csv" || ((failures++))
((failures == 0))
