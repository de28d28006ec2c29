#!/usr/bin/env bash
# Usage: malformed_test.sh SIM
# Bad scenarios get exit status 2 and one message that names the place; never a
# crash, a hang or a control byte.
set -uo pipefail
sim=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
# judge runs in pipelines, that is in subshells: it counts in files
: >checked
: >failed

guest='"name": "g", "strategy": "async", "memory": "4GiB"'
event='{"do": "reboot", "guests": "g"}'
whole() { printf '{"guests": [{%s}],\n "events": [%s]%s}\n' "${1:-$guest}" "${2:-$event}" "${3:-}"; }

judge() { # WHAT PATTERN FILE [ARGUMENTS]: what sim says of a file
	local what=$1 pattern=$2 file=$3 status
	shift 3
	timeout 10 "$sim" run "$file" "$@" >out 2>err
	status=$?
	echo >>checked
	if ((status != 2)); then
		echo "$what: exit status $status, not 2"
	elif ! grep -qE -- "$pattern" err; then
		echo "$what: the message lacks /$pattern/"
	elif [[ -s out ]]; then
		echo "$what: something was written to standard output"
	elif LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]' err; then
		echo "$what: a control byte in the message"
	elif (($(grep -c 'error:' err) > 1)); then
		echo "$what: more than one error"
	else
		return
	fi
	sed 's/^/  /' err | head -5
	echo >>failed
}

bad() { # WHAT PATTERN, the scenario on standard input
	cat >bad.json
	judge "$1" "$2" bad.json
}

whole | "$sim" run - --replications 1 >/dev/null || { echo "the good scenario fails"; exit 1; }

whole "${guest/4GiB/4GB\/s}" | bad "wrong unit" '^bad.json:1:[0-9]+: error: /guests/0/memory: "4GB/s" is a bandwidth, a size is needed'
whole "${guest/4GiB/4}" | bad "no unit" '/guests/0/memory: "4" has no unit'
whole "${guest/\"4GiB\"/4}" | bad "bare number" '/guests/0/memory: this is a bare number, a size'
whole "${guest/4GiB/4 gib}" | bad "unknown unit" 'unknown unit'
whole "${guest/4GiB/-4GiB}" | bad "negative size" '/guests/0/memory: "-4GiB" is not a size'
whole "${guest/4GiB/1e3MiB}" | bad "exponent" '/guests/0/memory'
whole "${guest/4GiB/4GiB }" | bad "trailing blank" '/guests/0/memory'
whole "${guest/4GiB/}" | bad "empty size" '/guests/0/memory'
whole "${guest/4GiB/9223372036854775808B}" | bad "2^63 bytes" '/guests/0/memory.*too large'
whole "${guest/4GiB/5000B}" | bad "not whole pages" '/guests/0/memory: the memory must be a multiple'
whole "$guest, \"memroy\": \"1GiB\"" | bad "unknown key" '/guests/0/memroy: .*did you mean "memory"'
whole "$guest, \"memory\": \"1GiB\"" | bad "duplicate key" '^bad.json:1:[0-9]+: error: duplicate'
whole "$guest, \"vcpus\": 9223372036854775808" | bad "2^63" '^bad.json:1:[0-9]+: error: .*big'
whole "$guest, \"vcpus\": 0" | bad "zero vCPUs" '/guests/0/vcpus: must lie between'
whole "$guest, \"vcpus\": 2.0" | bad "real for a count" '/guests/0/vcpus: a whole number'
whole "$guest, \"vcpus\": 300" | bad "vCPUs of the model" '/guests/0/vcpus: .*248'
whole "$guest, \"resident\": 1.5" | bad "resident above 1" '/guests/0/resident: must lie between 0 and 1'
whole "$guest, \"resident\": NaN" | bad "NaN" '^bad.json:1:[0-9]+: error'
whole "$guest, \"resident\": \"NaN\"" | bad "NaN as text" '/guests/0/resident: this is a string'
whole "$guest, \"resident\": 1e400" | bad "1e400" '^bad.json:1:[0-9]+: error'
whole "$guest, \"count\": 1000000000" | bad "10^9 guests" '/guests/0/count'
whole "${guest/async/asnyc}" | bad "wrong strategy" '/guests/0/strategy: .*did you mean "async"'
whole "$guest, \"model\": \"s390pv\"" | bad "wrong model" '/guests/0/model: .*did you mean "s390-pv"'
whole "${guest/\"g\"/\"g\\u001b[31m\"}" | bad "escape in a name" '/guests/0/name: a name has'
whole "${guest/\"g\"/\"\\u202eg\"}" | bad "bidi in a name" '/guests/0/name: a name has'
whole "${guest/\"g\"/\"\\u0000\"}" | bad "zero byte" '^bad.json:1:[0-9]+: error'
whole "$guest" '{"do": "reboot", "guests": "h"}' | bad "dangling guest" '^bad.json:2:[0-9]+: error: /events/0/guests: there is no guest "h"'
whole "$guest" '{"do": "rebot", "guests": "g"}' | bad "wrong operation" '/events/0/do: .*did you mean "reboot"'
whole "$guest" '{"do": "update", "guests": "g"}' | bad "operation not offered" '/events/0/do: strategy async of model s390-pv has no update'
whole "$guest" '{"do": "reboot", "guests": "g", "at": "-1s"}' | bad "negative time" '/events/0/at'
whole "$guest" '{"do": "reboot", "guests": "g", "at": "300000000h"}' | bad "time beyond the clock" '/events/0/at'
whole "$guest" '{"do": "reboot", "guests": "g", "every": "1s", "rate": "1/s"}' | bad "every and rate" '/events/0/rate'
whole "$guest" ' ' | bad "no events" '/events: at least one event'
whole "$guest" "$event" ', "experiment": {"precision": 1e-400}' | bad "1e-400" '/experiment/precision'
whole "$guest" "$event" ', "experiment": {"replications": 0}' | bad "no replications" '/experiment/replications'
whole "$guest" "$event" ', "host": {"cores": 0}' | bad "no cores" '/host/cores'
whole "$guest" "$event" ', "host": {"features": ["misc-uv"]}' | bad "wrong feature" '/host/features/0: .*did you mean "misc_uv"'
whole "$guest" "$event" ', "costs": ["no/such.json"]' | bad "no such profile" '/costs/0: no such cost profile'
whole "$guest" "$event" ', "costs": [{"uvc.destroy_pages": {"mean": "1us"}}]' | bad "unknown term" '/costs/0/uvc.destroy_pages: .*did you mean "uvc.destroy_page"'
whole "$guest" "$event" ', "costs": [{"uvc.destroy_page": {"mean": "1us", "status": "measured"}}]' | bad "measured without source" 'needs its source'
whole "$guest, \"faults\": [{\"step\": \"uvc.destroy_con\", \"call\": 1}]" | bad "wrong fault" '/guests/0/faults/0: .*did you mean "uvc.destroy_conf"'
whole "$guest, \"faults\": [{\"step\": \"uvc.destroy_conf\"}]" | bad "fault without when" 'either "probability" or "call"'
whole "$guest" "$event" ', "objectives": [{"metric": "reboot.latncy", "at_most": "1s"}]' | bad "wrong metric" '/objectives/0/metric'
whole "$guest" "$event" ', "objectives": [{"metric": "reboot.latency", "at_most": 1}]' | bad "limit without unit" '/objectives/0/at_most: a duration'
whole "\"strategy\": \"async\", \"memory\": \"4GiB\"" | bad "no name" '/guests/0/name: the guest needs "name"'
printf '{"guests": [' | bad "cut off" '^bad.json:1:[0-9]+: error'
{ whole; echo '{}'; } | bad "second document" '^bad.json:3:[0-9]+: error'
printf '\xef\xbb\xbf{}' | bad "byte order mark" 'byte order mark'
printf '[]' | bad "a list" 'a scenario is an object'
printf '' | bad "empty file" 'the file is empty'
printf ' \n' | bad "blank file" 'the file is empty'
printf '{"a\x1b[31m": 1}' | bad "raw escape" '^bad.json:1:[0-9]+: error'
printf '{"name": "\xff\xfe"}' | bad "not UTF-8" '^bad.json:1:[0-9]+: error'
printf '{"name": "\\ud800"}' | bad "lone surrogate" '^bad.json:1:[0-9]+: error'
{ printf '{"a":'; printf '[%.0s' {1..100000}; } | bad "depth bomb" 'nested more than 32 levels'
{ printf '{"a":"'; head -c 9000000 /dev/zero | tr '\0' x; printf '"}'; } | bad "9 MB" 'larger than 8 MiB'
mkdir a_folder
judge "directory" 'a_folder: error: this is a directory' a_folder
mkfifo a_pipe
judge "FIFO" 'a_pipe: error: this is a pipe or a device' a_pipe
judge "device" 'this is a pipe or a device' /dev/zero
judge "missing" 'no_such.json: error: cannot open' no_such.json
whole >good.json
judge "setting without pointer" 'json/pointer=VALUE is needed' good.json --set memory=1GiB
judge "setting beside" 'did you mean "guests"' good.json --set /gests/0/memory=1GiB
judge "setting beyond the list" '/guests/3' good.json --set /guests/3/memory=1GiB
judge "setting of a bad value" '^--set /guests/0/memory: error: "1 GB/s" is a bandwidth' good.json "--set=/guests/0/memory=1 GB/s"
judge "seed" '--set /experiment/seed' good.json --seed=-1

checked=$(wc -l <checked) failed=$(wc -l <failed)
echo "$checked malformed inputs, $failed judged wrongly"
((failed == 0 && checked >= 50))
