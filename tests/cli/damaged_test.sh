#!/usr/bin/env bash
# Usage: damaged_test.sh SIM
# Sweep files that a disk or a stranger has changed: a flipped bit, a file cut short, a view, a
# trigger, a lost row. What is read is what was written, or what is lost is said; never other numbers.
set -uo pipefail
sim=$(realpath "$1") source=$(realpath "$(dirname "$0")/../..")
command -v perl >/dev/null && command -v sqlite3 >/dev/null || {
	echo 'skipped: perl or sqlite3 is not installed'
	exit 77
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failed=0

complain() {
	printf '%s\n' "$*"
	failed=1
}

sweep=("$sim" sweep "$source/scenarios/s390-pv/reboot-64g.json" --set /guests/0/memory=4GiB,8GiB
       --set /guests/0/strategy=sync,async --replications 8 -j 1)
"${sweep[@]}" -o good.sqlite --csv good.csv || exit 1
size=$(stat -c %s good.sqlite)

attempt() { # WHAT: bad.sqlite is read by all that read such files
	local status said=0
	"${sweep[@]}" -o bad.sqlite --csv bad.csv --resume >/dev/null 2>messages
	status=$?
	if ((status == 0)); then
		cmp -s bad.csv good.csv || complain "$1: status 0, and other numbers"
	else
		((status <= 2)) && [[ -s messages ]] || complain "$1: status $status: $(cat messages)"
		said=1
	fi
	((said)) && ((named++))
	rm -f bad.csv bad.sqlite-*
}

named=0
RANDOM=7
for ((n = 0; n < 120; n++)); do
	at=$(((RANDOM * 32768 + RANDOM) % size))
	perl -e 'local $/; open F, "<", "good.sqlite"; $_ = <F>; substr($_, $ARGV[0], 1) ^= chr(1 << $ARGV[1]); print' $at $((RANDOM % 8)) >bad.sqlite
	attempt "byte $at flipped"
done
((named > 20)) || complain "only $named of 120 flipped bits were noticed"

for length in $((size / 2)) 29184 4096 100; do
	head -c $length good.sqlite >bad.sqlite
	cp bad.sqlite cut.sqlite
	"$sim" plot cut.sqlite -o x.svg 2>messages && complain "cut to $length bytes: a picture"
	grep -qE 'damaged|no file of sim sweep' messages || complain "cut to $length bytes: $(cat messages)"
done

changed() { # WORD SQL...: what a stranger does to it
	cp good.sqlite bad.sqlite
	sqlite3 bad.sqlite "$2" || complain "$2"
	"$sim" plot bad.sqlite -o x.svg 2>messages && complain "$2: a picture"
	grep -q "$1" messages || complain "$2: $(cat messages)"
	"${sweep[@]}" -o bad.sqlite --resume >/dev/null 2>messages && complain "$2: it goes on"
}
changed 'its tables are others' 'create view v as select 1'
changed 'its tables are others' 'create trigger t after insert on metric begin delete from point; end'
changed 'point 2 ' "update metric set mean = mean + 1 where point = 2 and name = 'reboot.latency'"
changed 'point 1 ' "delete from setting where point = 1 and dimension = 0"
changed 'point 3 is lost' 'delete from point where number = 3'
changed 'what it says of the sweep' "update dimension set pointer = '/guests/0/vcpus' where number = 0"
changed 'of a newer sim' "update sweep set value = 'sim-sweep 3' where key = 'format'"
exit $failed
