#!/usr/bin/env bash
# Usage: generated_test.sh SIM
# Committed files that are made from the tables are as the tables are now.
set -uo pipefail
shopt -s extglob
sim=$(realpath "$1")
cd "$(dirname "$0")/../.." || exit 1
failed=0
diff <("$sim" schema) scenarios/scenario.schema.json || { echo "sim schema > scenarios/scenario.schema.json"; failed=1; }
diff <("$sim" schema --format md) docs/scenario.md || { echo "sim schema --format md > docs/scenario.md"; failed=1; }
"$sim" check scenarios/!(published|fleet|designs)/*.json scenarios/fleet/small-*.json || failed=1 # tables are no scenarios
trace=../shared/data/azure2017-dev.csv.gz
if [[ -r $trace ]]; then
	for scenario in scenarios/fleet/azure-*.json; do
		"$sim" run "$scenario" --set "/fleet/trace=$(realpath $trace)" --format json -o /tmp/fleet.$$.json || failed=1
		if command -v jq >/dev/null; then
			[[ $(jq '[.counters[] | select(.name | test("^vms.(running|torn_down|starting|stopping|waiting|rejected|failed)$")) | .value] | add' \
				/tmp/fleet.$$.json) == 259159 ]] || { echo "$scenario: VMs are not accounted for"; failed=1; }
		fi
		rm -f /tmp/fleet.$$.json
	done
else
	echo "the shared trace is absent: scenarios/fleet/azure-*.json were not run"
fi
exit $failed
