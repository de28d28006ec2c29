#!/usr/bin/env bash
# Usage: width_test.sh SIM
# Text fits in the width that it is given: no line of a report, a list or an account is longer, but for a word
# that is; it is 80 columns where nobody says one, also in all sessions.
set -uo pipefail
sim=$(realpath "$1")
source=$(realpath "$(dirname "$0")/../..")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
unset COLUMNS
failures=0
s390=$source/scenarios/s390-pv

# Lines of a file that are longer than WIDTH and could be broken; LC_ALL: characters are counted, not bytes.
too_long() { # WIDTH FILE
	LC_ALL=C.UTF-8 awk -v width="$1" 'length($0) > width && match($0, /[^ ] +[^ ]/) { print FILENAME ":" FNR ": " $0; found = 1 }
		END { exit !found }' "$2"
}

fits() { # ARGUMENTS...: what sim prints of them, at three widths
	"$sim" "$@" >80 2>/dev/null
	COLUMNS=72 "$sim" "$@" >72 2>/dev/null
	COLUMNS=132 "$sim" "$@" >132 2>/dev/null
	[[ -s 80 && -s 72 && -s 132 ]] || { echo "no text: sim $*"; ((failures++)); }
	for width in 72 80 132; do
		if too_long "$width" "$width"; then
			echo "does not fit in $width columns: sim $*"
			((failures++))
		fi
	done
}

fits run "$s390/reboot-64g.json" --study band
fits run "$s390/reboot-64g.json" --set /experiment/replications=32
fits run "$s390/reboot-64g.json" --set /guests/0/strategy=sync --set /guests/0/memory=1TiB --set /host/memory=2TiB \
	--replications 32
fits compare "$s390/reboot-64g.json" --over /guests/0/strategy=async,sync,lazy --replications 32
fits plan "$s390/plan-wave.json" --set /plan/most=32 --set /plan/first=16
fits explain "$s390/reboot-64g.json" --observed reboot.latency=34s --replications 16
fits validate "$source/scenarios/published/arm64-boot-srcu.json"
fits costs
fits costs --functions
fits platforms
fits platforms epyc-7j13
fits models
for model in $("$sim" models | awk '/^[^ ]/ { print $1 }'); do
	fits models "$model"
	fits flows "$model"
done
fits flows s390-pv/async/reboot
fits flows --diff s390-pv/async "$source/scenarios/designs/lower-in-background.json"
fits --help

# a name that is longer than its column is broken, not cut, and nothing runs into it
"$sim" run "$s390/reboot-64g.json" --set '/guests/0/name=a database of a long name' \
	--set '/events/0/guests=a database of a long name' --study none --replications 32 >named
grep -q 'Reboot latency of a database of a long name' named || { echo 'a name is cut'; ((failures++)); }

# Sessions: what is longer is a command, a message (one line, for editors), the line that it quotes, JSON, CSV, Markdown or HTML.
for session in "$source"/tests/cli/*.session; do
	[[ $session == */mistakes.session ]] && continue # messages alone
	LC_ALL=C.UTF-8 awk 'length($0) > 80 && !/^\$ / && !/(error|warning|note):/ && !/^ *[0-9]+ \| / && !/^ +\| +\^/ &&
		!/^ *["{[]/ && !/^[^ ]*(,[^,]*)+,/ && !/^(# |\*\*|<strong>)/ && !/^(sim|cp|no|hint|design|tracepoint)[: ]/ && !/^[^ ]+: / { print FILENAME ":" FNR ": " $0; found = 1 }
		END { exit found }' "$session" || ((failures++))
done
exit $((failures > 0))
