#!/usr/bin/env bash
# Usage: profile_test.sh SIM
# What `sim costs MODEL --format profile` writes says nothing by itself: with it every model gives the
# same bytes, each price, range, status and source as it was; a price that is changed in it is charged.
set -uo pipefail
sim=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failures=0 count=0

complain() {
	printf '%s\n' "$1"
	((failures++))
}

for model in $("$sim" models | awk '/^[^ ]/ { print $1 }'); do
	"$sim" costs "$model" --format profile >$model.profile || complain "$model: no profile"
	cat >$model.json <<-END
		{ "name": "$model", "host": { "cores": 4, "memory": "64GiB", "features": ["misc_uv"] },
		  "guests": [ { "name": "g", "model": "$model", "memory": "2GiB" } ],
		  "events": [ { "at": "0s", "do": "start", "guests": "g" }, { "at": "5min", "do": "reboot", "guests": "g" },
		              { "at": "10min", "do": "shutdown", "guests": "g" } ] }
	END
	for format in text csv; do
		"$sim" run $model.json --replications 8 --format $format >without 2>err || complain "$model: $(head -n 1 err)"
		"$sim" run $model.json --replications 8 --format $format --set /costs/-=$model.profile >with 2>err || complain "$model: $(head -n 1 err)"
		cmp -s without with || complain "$model: its own profile changes its $format: $(diff without with | head -n 3)"
	done
	((count++))
done
((count > 5)) || complain "only $count models"

sed '/"guest.boot"/,/}/s/"mean": "[0-9]*ns"/"mean": "7000000000ns"/' kvm.profile >slower.profile
cmp -s kvm.profile slower.profile && complain 'the price of a boot is not where it was sought'
"$sim" run kvm.json --replications 8 --set /costs/-=slower.profile >with
grep -q ' [67]\.[0-9]* s .*guest.boot' with || complain 'a price that is changed is not charged'
((failures == 0))
