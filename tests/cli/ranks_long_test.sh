#!/usr/bin/env bash
# Usage: ranks_long_test.sh SIM [KILLS]
# A sweep over ranks of which one is killed, again and again: a rank that computes, the one that writes,
# or mpirun itself, at any instant. (What no kill reached begins anew.) --resume goes on, over more ranks or fewer, and the exported bytes are
# those of one thread.
set -uo pipefail
sim=$(realpath "$1") kills=${2-24} source=$(realpath "$(dirname "$0")/../..")

skip() {
	printf 'skipped: %s\n' "$1"
	exit 77
}

command -v mpirun >/dev/null && [[ -e ${sim%/*}/../lib/sim/ranks.so ]] || skip 'needs mpirun and a sim with MPI'
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$source" || exit 1
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
grid=(scenarios/s390-pv/reboot-64g.json --set /host/memory=8TiB --replications 2000 --study none
      --set /guests/0/memory=4GiB,8GiB,16GiB,32GiB,64GiB,128GiB,256GiB,512GiB,1TiB,2TiB
      --set /guests/0/strategy=sync,lazy,async --set /guests/0/vcpus=1,2,4,8)
failures=0 died=0 kept=0

complain() {
	printf '%s\n' "$1"
	((failures++))
}

over() { # RANKS ARGUMENTS...
	timeout 600 mpirun --oversubscribe -n "$1" "$sim" sweep "${grid[@]}" -j 1 -o "$folder/killed.sqlite" --resume "${@:2}"
}

# Of this sweep alone: the ranks, by number.
pid_of() { # RANK
	local process
	for process in $(pgrep -x sim); do
		tr '\0' '\n' 2>/dev/null <"/proc/$process/cmdline" | grep -qxF "$folder/killed.sqlite" &&
			tr '\0' '\n' 2>/dev/null <"/proc/$process/environ" | grep -qx "OMPI_COMM_WORLD_RANK=$1" &&
			echo "$process"
	done
}


"$sim" sweep "${grid[@]}" -o "$folder/one.sqlite" --csv "$folder/one.csv" || complain 'the sweep failed'
RANDOM=7
for ((i = 0; died < kills && i < 10 * kills; i++)); do
	ranks=$((RANDOM % 4 + 2))
	over $ranks --csv "$folder/killed.csv" >"$folder/out" 2>&1 &
	launched=$!
	for ((wait = 0; wait < 200; wait++)); do # until all ranks are there
		[[ $(pid_of $((ranks - 1))) ]] && break
		sleep 0.05
	done
	sleep 0.$((RANDOM % 40 + 10))
	case $((i % 3)) in
	0) victim=$(pid_of $((ranks - 1))) ;;
	1) victim=$(pid_of 0) ;;
	2) victim=$(pgrep -P $launched -x mpirun) ;;
	esac
	[[ ! $victim ]] || kill -9 $victim 2>/dev/null
	wait $launched 2>/dev/null
	status=$?
	for ((wait = 0; wait < 200; wait++)); do # what has lost its mpirun ends by itself
		[[ $(pid_of 0) ]] || break
		sleep 0.05
	done
	[[ ! $(pid_of 0) ]] || complain "kill $i: a rank stays: $(pid_of 0)"
	if ((status)); then
		((died++))
		[[ ! -s $folder/killed.sqlite ]] || ((kept++))
	else # it was sooner: again from the beginning
		cmp "$folder/one.csv" "$folder/killed.csv" || complain "kill $i: other bytes"
		rm "$folder/killed.sqlite" "$folder/killed.csv"
	fi
done
((died == kills && kept * 2 > kills)) || complain "only $died of $kills kills hit, and $kept left points"
over 3 --csv "$folder/killed.csv" >"$folder/out" 2>&1 || complain "the last one fails: $(cat "$folder/out")"
cmp "$folder/one.csv" "$folder/killed.csv" || complain 'other bytes'
echo "$died kills, $kept of them while points were kept"
exit $((failures > 0))
