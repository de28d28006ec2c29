#!/usr/bin/env bash
# Usage: validate_test.sh SIM
# A figure equal to the prediction passes, one that is 10 % off is missed; only
# judged rows decide; a malformed table gets exit status 2 and a message with its place.
set -uo pipefail
export COLUMNS=1000 # what is looked for stands on one line
sim=$(realpath "$1")
scenario=$(realpath "$(dirname "$0")/../../scenarios/s390-pv/reboot-2g.json")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
mkdir -p scenarios/published
cp "$scenario" scenarios/base.json
failures=0

complain() {
	printf '%s\n' "$1"
	sed 's/^/  /' out err | head -20
	((failures++))
}

mean() { # [ARGUMENTS]: the answer's mean in ns
	"$sim" run scenarios/base.json --format json "$@" |
		sed -n '/"answer": {/,/}/s/^ *"mean": \([0-9.]*\),$/\1/p'
}

table() { # ROWS [MORE KEYS]
	printf '{"name": "t", "source": "s", "platform": "p", "scenario": "../base.json",\n'
	printf ' "metric": "reboot.latency", "unit": "%s"%s,\n' "${unit-ns}" "${2-, \"tolerance\": 0.03}"
	printf ' "rows": [%s]}\n' "$1"
}

row() { # USE PUBLISHED [MORE KEYS]
	printf '{"label": "%s", "use": "%s", "published": %s%s}' "$1" "$1" "$2" "${3-}"
}

judge() { # WHAT STATUS PATTERN ROWS [MORE KEYS]: validate a table
	local status
	table "$4" "${5-, \"tolerance\": 0.03}" >scenarios/published/t.json
	timeout 60 "$sim" validate scenarios/published/t.json >out 2>err
	status=$?
	((status == $2)) || complain "$1: exit status $status, not $2"
	cat out err | grep -qE -- "$3" || complain "$1: no /$3/"
}

good=$(mean)
large=$(mean --set /guests/0/memory=4GiB)
[[ -n $good && -n $large ]] || { echo "sim run gives no mean"; exit 1; }
off=$(awk "BEGIN { printf \"%.3f\", 1.1 * $good }")
slope=$(awk "BEGIN { printf \"%.3f\", ($large - $good) / 2 }")
memory=', "set": {"/guests/0/memory": "4GiB", "/experiment/spread": true}'
note=', "note": "for a reason"'

judge "equal" 0 'predict .* \+?-?0\.0 % +ok ' "$(row predict "$good")"
judge "10 % off" 3 '-9\.1 % +MISSED ' "$(row predict "$off")"
judge "within the absolute tolerance" 0 ' ok ' "$(row predict "$off")" ', "tolerance_absolute": 1e12'
judge "beyond the absolute tolerance" 3 'MISSED' "$(row predict "$off")" ', "tolerance_absolute": 1'
judge "either tolerance" 0 ' ok ' "$(row predict "$off")" ', "tolerance": 0.2, "tolerance_absolute": 1'
judge "settings" 0 ' ok ' "$(row predict "$large" "$memory")"
judge "calibrated" 0 '0 judged, 0 missed' "$(row calibrate "$off")"
judge "explained" 0 'for a reason' "$(row explain "$off" "$note")"
judge "known miss" 3 '1 judged, 1 missed' "$(row miss "$off" "$note")"
judge "miss that is met" 0 '1 judged, 0 missed' "$(row miss "$good" "$note")"
judge "one of two" 3 '2 judged, 1 missed; .* worst 9\.1 %, median 4\.5 %' \
	"$(row predict "$good"), $(row miss "$off" "$note")"
judge "no such percentile" 3 'n too small for p99' \
	"$(row predict "$good" ', "statistic": "p99", "set": {"/experiment/replications": 2}')"
two="$(row predict "$good"), $(row calibrate "$large" "$memory")"
slope_of() { printf ', "tolerance": 0.03, "slope": {"from": "predict", "to": "%s", "per": 2, "published": %s, "tolerance": 0.05}' "$1" "$2"; }
judge "slope" 0 'slope .* ok ' "$two" "$(slope_of calibrate "$slope")"
judge "wrong slope" 3 'slope .* MISSED ' "$two" "$(slope_of calibrate "$off")"
far=$(awk "BEGIN { printf \"%.3f\", 1000 * $good }")
judge "inside its band" 0 ' ok +generic .* x [0-9.]+ +inside$' "$(row predict "$good")"
judge "outside: the figure decides the status" 0 ' -  +generic .* outside$' "$(row calibrate "$far")"
judge "a bound is no measured value" 0 ' ok +generic .* x [0-9.]+ +-$' "$(row bound "$far")"
judge "inside of all, and of those that judge" 3 'inside their band: 2 of 4 \(50\.0 %\), of those .* 1 of 2;' \
	"$(row predict "$good"), $(row calibrate "$good"), $(row predict "$far"), $(row explain "$far" "$note")"
judge "no band of a quantile" 0 ' ok +generic +-' "$(row predict "$good" ', "statistic": "max"')" ', "tolerance": 0.9'
judge "slope to nowhere" 2 't.json:2:[0-9]+: error: /slope/to: no row is labelled "x"' "$two" "$(slope_of x 1)"

place='^scenarios/published/t.json:3:[0-9]+: error: '
judge "unknown key" 2 "$place/rows/0/publishd: .*did you mean \"published\"" "$(row predict 1 ', "publishd": 1')"
judge "unknown use" 2 "$place/rows/0/use: .*did you mean \"predict\"" "$(row predct 1)"
judge "wrong type" 2 "$place/rows/0/published: this is a string" "$(row predict '"1s"')"
judge "miss without note" 2 "$place/rows/0: .*needs a \"note\"" "$(row miss 1)"
judge "no tolerance" 2 'needs "tolerance" or "tolerance_absolute"' "$(row predict 1)" ''
judge "no rows" 2 '/rows: 1 to 1000 rows' ''
judge "set is a list" 2 "$place/rows/0/set: an object" "$(row predict 1 ', "set": []')"
judge "set without pointer" 2 "$place/rows/0/set/memory: a JSON pointer" "$(row predict 1 ', "set": {"memory": 1}')"
judge "setting of nothing" 2 'note: in the row "predict"' "$(row predict 1 ', "set": {"/guests/7/memory": "4GiB"}')"
judge "unknown metric" 2 "$place/rows/0/metric: the scenario has no metric" "$(row predict 1 ', "metric": "x"')"
unit=pages judge "unit that does not fit" 2 '/metric: the metric is in ns, which' "$(row predict 1)"
seconds=$(awk "BEGIN { printf \"%.9f\", $good / 1e9 }")
unit=s judge "seconds" 0 ' ok ' "$(row predict "$seconds")"

table "$(row predict "$good")" >scenarios/published/a.json
table "$(row predict "$off")" >scenarios/published/b.json
rm scenarios/published/t.json
SIM_PATH=$PWD "$sim" validate >out 2>err
(($? == 3)) && grep -q '^2 tables, rows: 2 judged, 1 missed' out || complain "all tables"
SIM_PATH=$PWD "$sim" validate a --format json -o a.out -j 2 >out 2>err
(($? == 0)) && [[ $(sed -n 2p a.out) == '  "format": "sim-validation",' ]] || complain "one table by name, as JSON"
SIM_PATH=$PWD "$sim" validate no-such >out 2>err
(($? == 2)) && grep -q 'no table "no-such"' err || complain "unknown table"
"$sim" validate --help | grep -q Example || complain "no example in the help"

((failures == 0)) && echo "all as expected"
