#!/usr/bin/env bash
# Usage: loading_test.sh SIM
# Long lists are read in time that grows with their length, or are refused: four times as many take less than ten
# times as much of a processor (sixteen times would be each with each other). Times below a second say nothing.
set -uo pipefail
sim=$(realpath "$1")
command -v jq >/dev/null || { echo 'skipped: jq is not installed' && exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failed=0
printf 'arrival_s,vcpus,memory_gib,lifetime_s\n0,1,1,\n' >trace.csv

complain() {
	echo "$*"
	failed=1
}

# A scenario with one guest, and what a filter of jq makes of it for $n.
scenario() { # N FILTER
	jq -cn --argjson n "$1" "{guests: [{name: \"g\", model: \"kvm\", memory: \"1GiB\"}],
		events: [{at: \"1s\", do: \"start\", guests: \"g\"}], experiment: {until: \"1min\"}} | $2" >scenario.json
}

milliseconds() { # of a processor
	local TIMEFORMAT=%U seconds
	seconds=$({ time "$sim" check scenario.json >/dev/null 2>messages; } 2>&1)
	echo $((10#${seconds//[.,]/}))
}

grows() { # NAME N FILTER
	local few many
	scenario "$2" "$3" && few=$(milliseconds)
	scenario $((4 * $2)) "$3" && many=$(milliseconds)
	! grep -q 'error:' messages || complain "$1: $(head -1 messages)"
	((many < 1000 || many < 10 * few)) || complain "$1: $2 take $few ms, $((4 * $2)) take $many ms"
}
refused() { # NAME N FILTER MESSAGE
	scenario "$2" "$3" && milliseconds >/dev/null
	grep -q "$4" messages || complain "$1: no \"$4\": $(head -1 messages)"
}

designs='.designs = [{name: "d", extends: "kvm/exit"}] | .designs[0]'
fleet='.fleet = {hosts: 100000, guests: "g", trace: "trace.csv"}'
spends='[range($n) | {spend: "mm.fault"}]'
named() { # PREFIX VALUE: an object of $n things
	echo "([range(\$n) | {key: \"$1\\(.)\", value: $2}] | from_entries)"
}

grows guests 2500 '.guests = [range($n) | {name: "g\(.)", model: "kvm", memory: "1GiB"}] | .events[0].guests = "g0"'
grows 'events that never happen' 25000 '.events = [range($n) | {at: "2min", do: "start", guests: "g"}]'
grows evacuations 25000 "$fleet | "'.events = [range($n) | {at: "1s", do: "evacuate", guests: "g", host: .}]'
grows objectives 20000 '.objectives = [range($n) | {metric: "start.latency", at_most: "1h"}]'
grows 'faults of a guest' 20000 '.guests[0].faults = [range($n) | {step: "pin_user_pages_fast", call: (. + 1)}]'
grows 'designs, each of the one before' 25 \
	'.designs = [range($n) | {name: "d\(.)", extends: (if . == 0 then "kvm/exit" else "kvm/d\(. - 1)" end)}]'
grows 'flows of a design' 60 "$designs.flows = $(named f '[{spend: "mm.fault"}]')"
grows 'steps of a flow' 240 "$designs.flows = {f: $spends}"
refused 'flows of a design' 257 "$designs.flows = $(named f '[]')" 'more than 256 flows'
refused 'loops of a design' 257 "$designs.loops = $(named l '{}')" 'more than 256 loops'
refused 'locks of a design' 257 "$designs.locks = $(named l '{scope: "host"}')" 'more than 256 locks'
refused 'steps of a flow' 1001 "$designs.flows = {f: $spends}" 'more than 1000 steps'
refused 'a flow that grows' 1000 "$designs.flows.start = {before: {step: \"done\", insert: $spends}}" \
	'would have more than 1000 steps'
refused 'edits of a flow' 1001 "$designs.flows.start = [range(\$n) | {remove: \"done\"}]" 'more than 1000 edits'
exit $failed
