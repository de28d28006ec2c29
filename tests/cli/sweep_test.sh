#!/usr/bin/env bash
# Usage: sweep_test.sh SIM [KILLS]
# A sweep gives the same exported bytes whatever computed it: one thread or several, ranks,
# and after kills at any instant with --resume. Two writers are refused, foreign files too.
set -uo pipefail
sim=$(realpath "$1") kills=${2-12} source=$(realpath "$(dirname "$0")/../..")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$source" || exit 1
failures=0

complain() {
	printf '%s\n' "$1"
	((failures++))
}

grid=(scenarios/s390-pv/reboot-64g.json --set /host/memory=8TiB --replications 32 --study none
      --set /guests/0/memory=4GiB,8GiB,16GiB,32GiB,64GiB,128GiB,256GiB,512GiB,1TiB,2TiB
      --set /guests/0/strategy=sync,lazy,async --set /guests/0/vcpus=1,2,4,8)

run() { # NAME ARGUMENTS...: a whole sweep into NAME.sqlite and NAME.csv
	"$sim" sweep "${grid[@]}" -o "$folder/$1.sqlite" --csv "$folder/$1.csv" "${@:2}" 2>"$folder/err"
}

same() { # NAME
	cmp "$folder/one.csv" "$folder/$1.csv" || complain "$1: other bytes"
}

run one -j 1 || complain 'the sweep failed'
(($(wc -l <"$folder/one.csv") > 120 * 20)) || complain 'too few lines'
run two -j 2 && same two
run seven -j 7 && same seven
if command -v mpirun >/dev/null && [[ -e ${sim%/*}/../lib/sim/ranks.so ]]; then
	export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
	for ranks in 2 5; do
		timeout 120 mpirun --oversubscribe -n $ranks "$sim" sweep "${grid[@]}" -j 1 \
			-o "$folder/mpi$ranks.sqlite" --csv "$folder/mpi$ranks.csv" >"$folder/out" 2>&1 ||
			complain "mpirun -n $ranks failed"
		same mpi$ranks
	done
	# under the mpirun of another MPI no rank sees the others: none may compute all by itself
	if [[ $(mpirun --version) == *'Open MPI'* ]]; then
		PMI_SIZE=2 run strange && complain 'a rank without the others computes all'
		grep -q 'not of the MPI' "$folder/err" && [[ ! -e $folder/strange.sqlite ]] || complain "no word of another MPI: $(cat "$folder/err")"
	fi
else
	echo 'ranks: left out, there is no mpirun or sim was built without MPI'
fi
# a plain sim has nothing of MPI; one of several ranks without it says so, and computes nothing
[[ $(ldd "$sim") != *libmpi* ]] || complain 'sim is linked with MPI'
mkdir -p "$folder/alone/bin" "$folder/alone/share"
cp "$sim" "$folder/alone/bin/sim" && ln -s "$(realpath "${sim%/*}/../share/sim")" "$folder/alone/share/sim"
OMPI_COMM_WORLD_SIZE=2 "$folder/alone/bin/sim" sweep "${grid[@]}" -o "$folder/alone.sqlite" 2>"$folder/err" &&
	complain 'one of two ranks computes all by itself'
grep -q 'built without MPI' "$folder/err" && [[ ! -e $folder/alone.sqlite ]] || complain "no word of MPI: $(cat "$folder/err")"

# the same with the band of prices of each point's answer, and of nothing else
few=(scenarios/s390-pv/reboot-64g.json --replications 8 --set /guests/0/strategy=sync,async --set /guests/0/memory=4GiB,8GiB)
"$sim" sweep "${few[@]}" -j 1 -o "$folder/band1.sqlite" --csv "$folder/band1.csv" || complain 'no bands'
"$sim" sweep "${few[@]}" -j 3 -o "$folder/band3.sqlite" --csv "$folder/band3.csv" && cmp "$folder/band1.csv" "$folder/band3.csv" ||
	complain 'bands depend on threads'
awk -F, 'NR == 1 { low = NF - 1; if ($low != "band95_low" || $NF != "band95_high") exit 1; next }
	$5 == "reboot.latency" { found++; if (!($low > 0 && $low < $9 && $9 < $NF)) exit 1; next }
	$NF != "" || $low != "" { exit 1 }
	END { exit found != 4 }' "$folder/band1.csv" || complain 'no band around each answer, or one of something else'
"$sim" sweep "${few[@]}" --study none --resume -o "$folder/band1.sqlite" 2>"$folder/err" && complain 'a sweep without bands goes on with one that has them'

# killed at random instants (the seed is fixed, the machine is not), then to the end
RANDOM=7
for ((i = 0; i < kills; i++)); do
	"$sim" sweep "${grid[@]}" -j 1 --resume -o "$folder/killed.sqlite" 2>/dev/null &
	pid=$!
	sleep 0.$((RANDOM % 25 + 3))
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
done
run killed --resume && same killed
# what is done is done: nothing is computed again
run killed --resume && same killed

# an existing file needs --resume; another sweep's is refused; so is anything else
run one -j 1 && complain 'an existing file is overwritten'
grep -q -- '--resume' "$folder/err" || complain 'no word of --resume'
"$sim" sweep "${grid[@]}" --seed 5 --resume -o "$folder/one.sqlite" 2>"$folder/err" && complain 'another sweep goes on'
grep -q 'another sweep' "$folder/err" || complain 'no word of another sweep'
echo 'this is no database, but text of some length, so that it cannot be one' >"$folder/text.sqlite"
"$sim" sweep "${grid[@]}" --resume -o "$folder/text.sqlite" 2>"$folder/err" && complain 'a text is a database'

# two writers
"$sim" sweep "${grid[@]}" --replications 4000 -j 1 -o "$folder/both.sqlite" 2>/dev/null &
pid=$!
for ((i = 0; i < 100; i++)); do [[ -s $folder/both.sqlite ]] && break; sleep 0.05; done
"$sim" sweep "${grid[@]}" --replications 4000 -j 1 --resume -o "$folder/both.sqlite" 2>"$folder/err" &&
	complain 'two writers'
grep -q 'another process writes' "$folder/err" || complain "two writers: $(cat "$folder/err")"
kill -9 $pid 2>/dev/null
wait $pid 2>/dev/null

# Latin hypercube: so many points, each inside of its range, one in each stratum
"$sim" sweep scenarios/s390-pv/reboot-64g.json --samples 20 --set '/guests/0/memory=4GiB..64GiB' \
	--set /guests/0/vcpus=1..20 --replications 4 -o "$folder/lhs.sqlite" --csv "$folder/lhs.csv" ||
	complain 'samples failed'
(($(awk -F, 'NR > 1 { print $1 }' "$folder/lhs.csv" | sort -un | wc -l) == 20)) || complain 'not 20 points'
(($(awk -F, 'NR > 1 { print $3 }' "$folder/lhs.csv" | sort -un | wc -l) == 20)) || complain 'not one vCPU number in each stratum'
"$sim" sweep scenarios/s390-pv/reboot-64g.json --set /guests/0/memory=1GiB,nonsense -o "$folder/bad.sqlite" 2>/dev/null
[[ $? == 2 && ! -e $folder/bad.sqlite ]] || complain 'a bad value is not refused at once'
exit $((failures > 0))
