#!/usr/bin/env bash
# Usage: kills_test.sh SIM [KILLS [SEED]]
# Sweeps and plans are killed (SIGKILL) at random instants, again and again, and go on: what was acknowledged
# before is there behind (points with their digests, looks of a plan line by line), and the end is, to the
# byte, that of a run that nobody killed. No file is left beside.
set -uo pipefail
sim=$(realpath "$1") kills=${2:-20} source=$(realpath "$(dirname "$0")/../..")
command -v sqlite3 >/dev/null || {
	echo 'skipped: sqlite3 is not installed'
	exit 77
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/work" && cd "$folder/work" || exit 1
export TMPDIR=$folder/work
failed=0
RANDOM=${3:-17} seeds=$(seq -s, 20)

cat >"$folder/plan.scenario" <<'END'
{ "name": "a wave", "host": { "cores": 4, "memory": "1TiB" },
  "guests": [{ "name": "db", "model": "kvm", "count": 16, "memory": "4GiB" }],
  "events": [{ "at": "10s", "do": "reboot", "guests": "db", "concurrency": 1 }],
  "experiment": { "until": "1h", "seed": 1 },
  "plan": { "vary": "/events/0/concurrency", "between": [1, 16],
            "for_each": { "/guests/0/memory": ["1GiB", "2GiB", "4GiB", "8GiB", "16GiB", "32GiB"] },
            "subject_to": [{ "metric": "reboot.latency", "quantile": 0.99, "at_most": "12s" }] } }
END

complain() {
	printf '%s\n' "$*"
	failed=1
}

# Each takes the place of the shell that calls it.
sweep() {
	exec "$sim" sweep "$source/scenarios/s390-pv/reboot-64g.json" -j 2 --resume -o sweep.sqlite --csv sweep.csv \
		--study none --replications 2 --set /guests/0/strategy=sync,async,lazy --set /experiment/seed="$seeds" \
		--set /guests/0/memory=4GiB,6GiB,8GiB,12GiB,16GiB,24GiB,32GiB,48GiB # 480 points, committed by 64
}
plan() {
	exec "$sim" plan "$folder/plan.scenario" -j 1 --keep looks --format json -o plan.json
}

# What is acknowledged, a line each, in order. A copy is read: the next process must find what the killed one left.
acknowledged_sweep() {
	rm -f "$folder"/copy*
	[[ -e sweep.sqlite ]] || return 0
	cp sweep.sqlite "$folder/copy"
	[[ ! -e sweep.sqlite-journal ]] || cp sweep.sqlite-journal "$folder/copy-journal"
	[[ -z $(sqlite3 "$folder/copy" .tables 2>&1) ]] || sqlite3 "$folder/copy" 'SELECT number, digest FROM point ORDER BY number' 2>&1
}
acknowledged_plan() { # whole lines
	[[ ! -e looks ]] || head -n "$(wc -l <looks)" looks
}

# The first of both: nobody kills it. How long it takes only says where kills fall.
declare -A milliseconds
for kind in sweep plan; do
	begun=$(date +%s%N)
	($kind) >/dev/null 2>"$folder/messages" || [[ $kind == plan ]] || complain "$kind: $(cat "$folder/messages")"
	milliseconds[$kind]=$((($(date +%s%N) - begun) / 1000000 + 1))
	acknowledged_$kind >"$folder/whole.$kind"
	[[ -s $folder/whole.$kind ]] || complain "$kind: nothing is acknowledged"
done
mv sweep.csv plan.json "$folder"
rm -f ./*

# Kill it N times; it begins anew whenever it has come to its end. Then it goes on to its end alone.
kill_often() { # KIND N
	local kind=$1 status n=0 midway=0 process most
	: >"$folder/before"
	while ((n < $2)); do
		$kind >/dev/null 2>"$folder/messages" &
		process=$!
		# every third soon after its begin, when what is there has been read and little has been added
		((n % 3)) && most=${milliseconds[$kind]} || most=15
		perl -e 'select undef, undef, undef, $ARGV[0] / 1000' $((RANDOM * RANDOM % (most + 5)))
		kill -KILL $process 2>/dev/null && ((n++))
		wait $process 2>/dev/null
		status=$?
		acknowledged_$kind >"$folder/after"
		[[ -z $(comm -23 <(sort "$folder/before") <(sort "$folder/after")) ]] || {
			complain "$kind, kill $n: acknowledged before, gone now: $(comm -23 <(sort "$folder/before") <(sort "$folder/after"))"
		}
		[[ -z $(comm -13 <(sort "$folder/whole.$kind") <(sort "$folder/after")) ]] ||
			complain "$kind, kill $n: $(comm -13 <(sort "$folder/whole.$kind") <(sort "$folder/after" | head -3))"
		cmp -s "$folder/before" "$folder/after" || ((midway++))
		mv "$folder/after" "$folder/before"
		if ((status == 0)); then
			rm -f ./*
			: >"$folder/before"
		elif ((status != 137)); then
			complain "$kind, kill $n: status $status: $(head -3 "$folder/messages")"
			break
		fi
	done
	((midway * 10 >= $2)) || complain "$kind: only $midway of $2 kills found something new"
	($kind) >/dev/null 2>"$folder/messages"
	acknowledged_$kind | cmp - "$folder/whole.$kind" || complain "$kind: another end"
}

kill_often sweep $((kills / 2))
cmp sweep.csv "$folder/sweep.csv" || complain 'another export'
rm -f sweep.sqlite sweep.csv
kill_often plan $((kills - kills / 2))
cmp plan.json "$folder/plan.json" || complain 'another plan'
rm -f looks plan.json
[[ -z $(ls -A | grep -vE '^(sweep\.csv|plan\.json)\.......$') ]] || complain "left: $(ls -A)"

((failed)) || echo "$kills kills; $(ls -A | wc -l) unfinished temporary files"
exit $failed
