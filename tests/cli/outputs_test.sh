#!/usr/bin/env bash
# Usage: outputs_test.sh SIM
# No command writes over one of its own inputs, whatever that is called: each output of each command gets the
# name of each input, another spelling, a symbolic and a hard link. What updates a file takes only its own kind.
set -uo pipefail
sim=$(realpath "$1") source=$(realpath "$(dirname "$0")/../..")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/work" && cd "$folder/work" || exit 1
failed=0 tried=0

complain() {
	printf '%s\n' "$*"
	failed=1
}

cp "$source/models/costs/haswell-ex.json" prices.json
cp "$source/scenarios/published/vfio-bar.json" table.json
cp "$source/tests/samples/domain.xml" domain.xml
cp "$source/tests/samples/azure2017.csv" azure.csv
cp "$source/scenarios/fleet/small.csv" vms.csv
sed 's|"trace": "[^"]*"|"trace": "vms.csv"|' "$source/scenarios/fleet/small-exit.json" >fleet.json
cat >design.json <<'END'
{ "name": "mine", "extends": "kvm/exit", "about": "the same" }
END
cat >scenario.json <<'END'
{ "name": "small", "host": { "cores": 4, "memory": "16GiB" }, "costs": ["prices.json"], "designs": ["design.json"],
  "guests": [{ "name": "db", "model": "kvm", "memory": "1GiB", "strategy": "mine" }],
  "events": [{ "at": "1s", "do": "start", "guests": "db" }, { "at": "20s", "do": "reboot", "guests": "db" }],
  "plan": { "vary": "/guests/0/memory", "between": ["1GiB", "2GiB"],
            "subject_to": [{ "metric": "reboot.latency", "at_most": "20s" }] },
  "experiment": { "until": "60s", "replications": 2, "seed": 1 } }
END
printf 'memory,reboot.latency\n1GiB,9s\n' >observed.csv
printf '1,1\n2,2\n3,3\n' >fit.csv
points=(--set /guests/0/memory=1GiB,2GiB --study none -j 1)
"$sim" run scenario.json --study none --format json -o result.json || exit 1
"$sim" sweep scenario.json "${points[@]}" -o points.sqlite || exit 1
cp points.sqlite stored.sqlite

# A command, its inputs, and options that name what it writes, with "|" between.
table="\
run --study none scenario.json | scenario.json prices.json design.json | --output --timeline
run --study none fleet.json | fleet.json vms.csv | --output --timeline
compare scenario.json --over /guests/0/memory=1GiB,2GiB | scenario.json prices.json design.json | --output
compare result.json result.json | result.json | --output
sensitivity scenario.json | scenario.json prices.json design.json | --output
explain scenario.json --observations observed.csv | scenario.json prices.json design.json observed.csv | --output
fit fit.csv --term mm.zero_4k | fit.csv | --output --residuals
fit fit.csv --term mm.zero_4k --less mm.fault=prices.json | prices.json | --output --residuals
calibrate prices.json | prices.json | --output
sweep scenario.json ${points[*]} --resume | scenario.json prices.json design.json | --output
sweep scenario.json ${points[*]} --resume -o points.sqlite | scenario.json prices.json design.json points.sqlite | --csv
plan scenario.json | scenario.json prices.json design.json | --output --keep
plot result.json --format txt | result.json | --output --data
plot stored.sqlite --format txt | stored.sqlite | --output --data
plot result.json --format txt -o picture.txt | result.json | --data
report scenario.json | scenario.json prices.json design.json | --output
replay result.json | result.json | --extract --output --timeline
replay result.json --all | result.json | --output
replay stored.sqlite --point 0 | stored.sqlite | --output
replay stored.sqlite --point 0 --replication 0 | stored.sqlite | --timeline
replay stored.sqlite --point 0 | stored.sqlite | --extract
validate table.json | table.json | --output
import domain.xml | domain.xml | --output
trace import --format azure2017 azure.csv | azure.csv | --output"

attempt() { # INPUT OPTION NAME ARGUMENTS...: it is left as it is, and the message says why
	local input=$1 option=$2 name=$3 status
	shift 3
	cp -p "$input" "$folder/before"
	timeout 20 "$sim" "$@" "$option" "$name" >"$folder/out" 2>"$folder/messages"
	status=$?
	((tried++))
	((status == 2)) && [[ -s $folder/messages ]] ||
		complain "sim $* $option $name: status $status: $(head -3 "$folder/messages")"
	cmp -s "$input" "$folder/before" || {
		complain "sim $* $option $name: $input is another file now"
		cp "$folder/before" "$input"
	}
}

while IFS='|' read -r command inputs options; do
	read -ra words <<<"$command"
	for input in $inputs; do
		ln -sf "$input" link
		ln -f "$input" hard
		for option in $options; do
			for name in "$input" ".././work//$input" "$PWD/$input" link hard; do
				attempt "$input" "$option" "$name" "${words[@]}"
			done
		done
		rm -f link hard
	done
done <<<"$table"

# The table has every option of every command that names what is written.
reads='observations'
for command in $("$sim" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
	for option in $("$sim" "$command" --help 2>/dev/null | sed -n 's/^ .*--\([a-z]*\)=[A-Z]*\(FILE\|PROFILE\)[.a-z]*\( .*\|$\)/\1/p'); do
		[[ $option =~ ^($reads|into)$ ]] && continue
		grep -qE "^$command .*\|.*--$option\b" <<<"$table" ||
			complain "sim $command --$option: not in the table of this test"
	done
done

# Two outputs are two files, there or not; standard output may be one, too.
for words in "run scenario.json -o new --timeline ./new" "run scenario.json -o $PWD/new --timeline new" \
	"plot result.json -o new.svg --data new.svg" "sweep scenario.json ${points[*]} -o new --csv ./new" \
	"plan scenario.json -o new --keep new" "fit fit.csv --term mm.zero_4k -o new --residuals new"; do
	read -ra words <<<"$words"
	timeout 20 "$sim" "${words[@]}" >"$folder/out" 2>"$folder/messages"
	status=$?
	((status == 2)) && grep -q 'two outputs' "$folder/messages" ||
		complain "sim ${words[*]}: status $status: $(head -3 "$folder/messages")"
	compgen -G 'new*' >/dev/null && complain "sim ${words[*]}: something was written"
	rm -f new*
done
cp scenario.json appended.json
"$sim" run appended.json >>appended.json 2>"$folder/messages" && complain 'a scenario got its report'
cmp -s scenario.json appended.json || complain 'a scenario is another one behind >>'

# To SQLite these are no files.
"$sim" sweep scenario.json "${points[@]}" -o :memory: >/dev/null && [[ -s :memory: ]] || complain 'a sweep is kept nowhere'
"$sim" sweep scenario.json "${points[@]}" -o '' 2>/dev/null && complain 'a sweep without a file'

# What goes on with a file, or updates it, takes its own kind and leaves all others alone.
"$sim" plan scenario.json --keep looks -o plan.txt || complain 'a plan with --keep'
cp looks own
"$sim" plan scenario.json --keep looks -o again.txt && cmp -s plan.txt again.txt && cmp -s looks own ||
	complain 'a plan does not go on with its own looks'
cp points.sqlite own
"$sim" sweep scenario.json "${points[@]}" --resume -o points.sqlite && cmp -s points.sqlite own ||
	complain 'a sweep does not go on with its own points'
cp prices.json mine.json
"$sim" fit fit.csv --term mm.zero_4k --into mine.json >/dev/null 2>&1 &&
	jq -e '.costs["mm.zero_4k"]' mine.json >/dev/null && ! cmp -s prices.json mine.json ||
	complain 'a fit does not go into a profile'
tr -d '\n' <prices.json >line.json
printf 'no end of line' >text
head -c 3000 /dev/urandom | tr -d '\n' >bytes
mkfifo fifo
for other in line.json text bytes result.json stored.sqlite looks vms.csv table.json scenario.json; do
	cp "$other" victim
	for words in "plan scenario.json --keep victim" "sweep scenario.json ${points[*]} --resume -o victim" \
		"fit fit.csv --term mm.zero_4k --into victim"; do
		[[ $other == looks && $words == plan* ]] && continue
		[[ $other == stored.sqlite && $words == sweep* ]] && continue
		[[ $other == line.json && $words == fit* ]] && continue
		read -ra words <<<"$words"
		timeout 20 "$sim" "${words[@]}" >"$folder/out" 2>"$folder/messages" && complain "sim ${words[*]} takes $other"
		cmp -s "$other" victim || complain "sim ${words[*]}: $other is another file now"
		cp "$other" victim
	done
done

# A pipe, a folder or a device is no file of any kind, and is not waited for.
for path in fifo . /dev/zero; do
	for words in "run $path" "compare $path $path" "plot $path -o new.svg" "replay $path --all" "import $path" \
		"explain scenario.json --observations $path" "fit $path --term mm.zero_4k" "validate $path" \
		"calibrate $path" "plan scenario.json --keep $path" "sweep scenario.json ${points[*]} --resume -o $path" \
		"trace import --format azure2017 $path" "fit fit.csv --term mm.zero_4k --into $path" \
		"run scenario.json --set /costs/0=$path" "run fleet.json --set /fleet/trace=$path" "report $path" "flows $path"; do
		read -ra words <<<"$words"
		timeout 5 "$sim" "${words[@]}" >"$folder/out" 2>"$folder/messages"
		status=$?
		((status == 1 || status == 2)) && [[ -s $folder/messages ]] ||
			complain "sim ${words[*]}: status $status: $(head -3 "$folder/messages")"
	done
done

((failed)) || echo "$tried outputs that are inputs, all refused"
exit $failed
