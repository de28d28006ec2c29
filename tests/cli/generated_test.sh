#!/usr/bin/env bash
# Usage: generated_test.sh SIM
# Committed files that are made from the tables are as the tables are now.
set -uo pipefail
shopt -s extglob
sim=$(realpath "$1")
cd "$(dirname "$0")/../.." || exit 1
failed=0
printed() { # FILE ARGUMENTS: what is committed, and who prints it
	diff <("$sim" "${@:2}") "$1" || { echo "sim ${*:2} > $1"; failed=1; }
}
made() {
	printed "$1" schema "${@:2}"
}
made scenarios/scenario.schema.json scenario
made models/costs/profile.schema.json profile
made scenarios/published/published.schema.json published
made scenarios/design.schema.json design
made docs/scenario.md scenario --format md
made docs/profile.md profile --format md
made docs/published.md published --format md
made docs/design-language.md design --format md
made docs/formats.md formats --format md
printed docs/prices.md costs --format md
printed docs/versions.md models --versions
"$sim" check scenarios/!(published|fleet|designs)/*.json scenarios/fleet/small-*.json || failed=1 # tables are no scenarios
trace=../shared/data/azure2017-dev.csv.gz
if [[ -r $trace ]]; then
	for scenario in scenarios/fleet/azure-*.json; do
		"$sim" run "$scenario" --set "/fleet/trace=$(realpath $trace)" --format json -o /tmp/fleet.$$.json || failed=1
		if command -v jq >/dev/null; then
			[[ $(jq '[.counters[] | select(.name | test("^vms.(running|torn_down|starting|stopping|moving|waiting|rejected|failed|lost)$")) | .value] | add' \
				/tmp/fleet.$$.json) == 259159 ]] || { echo "$scenario: VMs are not accounted for"; failed=1; }
		fi
		rm -f /tmp/fleet.$$.json
	done
else
	echo "the shared trace is absent: scenarios/fleet/azure-*.json were not run"
fi
exit $failed
