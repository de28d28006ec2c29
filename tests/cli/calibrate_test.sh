#!/usr/bin/env bash
# Usage: calibrate_test.sh SIM
# sim calibrate: with little memory and little time, as root and as nobody, with and without
# /dev/kvm. The shape of what it writes, not its values; that nothing is left of it, also when it
# is interrupted; and what it refuses.
set -uo pipefail
sim=$(realpath "$1") source=$(realpath "$(dirname "$0")/../..")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 777 "$folder"
cd "$folder" || exit 1
failed=0

expect() { # WHAT COMMAND...
	local what=$1
	shift
	"$@" || { echo "failed: $what"; failed=1; }
}

refuses() { # STATUS MESSAGE ARGUMENTS...
	local wanted=$1 message=$2 said status
	shift 2
	said=$("$sim" calibrate "$@" 2>&1 >/dev/null)
	status=$?
	if ((status != wanted)) || [[ $said != *"$message"* ]]; then
		printf 'calibrate %s: exit status %d, and\n%s\n' "$*" $status "$said"
		failed=1
	fi
}

measure() { # COMMAND...: before sim
	rm -f mine.json
	"$@" "$sim" calibrate --quick --memory 16MiB -o mine.json >out 2>err ||
		{ echo "exit status $?"; cat err; return 1; }
	# (nobody may not add to what the coverage build counts, which says so)
	expect 'quiet on a pipe' test -z "$(grep -v '^profiling:' err)"
	expect 'it says what it stands on' grep -q '^stands on: ' out
	expect 'it says what it uses' grep -q 'are used at once' out
	expect 'no file beside the profile' test "$(ls)" = $'err\nmine.json\nout'
	expect 'the shape' jq -e '(.platform.architecture | type) == "string" and (.costs | length) > 5 and
		([.costs[] | select(.status != "measured" or (.range | length) != 2 or (.source | length) < 20)] | length) == 0' \
		mine.json >shape
	rm -f shape
	expect 'a scenario takes it' "$sim" run "$source/scenarios/kvm/quick-restart.json" --study none \
		--set "/costs=[\"$folder/mine.json\"]" --format csv -o result
	rm -f result
}

measure env || failed=1
expect 'prices of memory' jq -e '.costs | has("mm.fault") and has("mm.free_4k") and has("kernel.exit")' mine.json >shape
rm -f shape

# Nobody has neither rights nor /dev/kvm.
if ((EUID == 0)) && command -v setpriv >/dev/null; then
	cp "$sim" sim-copy 2>/dev/null && rm -f sim-copy
	if setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$sim"; then
		measure setpriv --reuid=65534 --regid=65534 --clear-groups || failed=1
		[[ -r /dev/kvm ]] && expect 'it says that /dev/kvm is missing' grep -q 'left out: /dev/kvm' out
	else
		echo 'skipped: nobody may not run the program'
	fi
fi

# Interrupted: 130, no file, no process.
rm -f out err mine.json
"$sim" calibrate -o mine.json >out 2>err &
pid=$!
sleep 1.5
kill -INT $pid
wait $pid
status=$?
((status == 130)) || { echo "interrupted: exit status $status"; cat err; failed=1; }
expect 'no half file' test "$(ls)" = $'err\nout'
pgrep -f "^$sim calibrate -o mine.json" >left && { echo 'processes are left:'; cat left; failed=1; }
rm -f left

refuses 2 'one of the two' --check mine.json -o other.json
refuses 2 'is read with --check' mine.json
refuses 2 'cannot open' --check nowhere.json
refuses 1 '/nowhere/mine.json' -o /nowhere/mine.json
echo '{"costs": {}, "colour": 1}' >wrong.json
refuses 2 'colour' --check wrong.json
exit $failed
