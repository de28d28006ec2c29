#!/usr/bin/env bash
# Usage: hostile_test.sh SIM
# No byte of a file reaches a shell, and none that a terminal obeys reaches a terminal: every text of a scenario, a
# design, a profile, a table, a trace, a foreign file, a result and of file names is made hostile, with controls where
# that is accepted, and every output of every command is looked at.
set -uo pipefail
sim=$(realpath "$1") source=$(realpath "$(dirname "$0")/../..")
command -v jq >/dev/null || {
	echo 'skipped: jq is not installed'
	exit 77
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/work" "$folder/out" && cd "$folder/work" || exit 1
export TMPDIR=$folder HOME=$folder/work
failed=0 outputs=0 accepted=0

complain() {
	printf '%s\n' "$*" | cat -v
	failed=1
}

# What no shell, terminal, browser or spreadsheet should see as its own. The second has no controls.
evil="\$(touch PWNED)\`touch PWNED\`|touch PWNED;'\"</script><script>alert(1)</script>%s%n\\"
worst=$(printf '\177\033[2J\033]0;x\007\302\233\n\r\342\200\256\342\201\246%s' "$evil")
raw=$(printf '\033[2J\007\233\377%s' "$evil") # not UTF-8

judge() { # WHAT FILE KIND: an output
	local found
	((outputs++))
	[[ -e PWNED || -e $folder/PWNED || -e $folder/out/PWNED ]] && {
		complain "$1: a shell ran it"
		rm -f PWNED "$folder"/PWNED "$folder"/out/PWNED
	}
	found=$(LC_ALL=C grep -nP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]' "$2" | head -2)
	[[ -z $found ]] || complain "$1: a control byte: ${found:0:300}"
	iconv -f UTF-8 -t UTF-8 "$2" >/dev/null 2>&1 || complain "$1: not UTF-8"
	case $3 in
	html | svg) grep -q '<script>alert' "$2" && complain "$1: a script" ;;
	md) grep -qE '(^|[^\\])<script' "$2" && complain "$1: a script" ;;
	json) jq -e . "$2" >/dev/null 2>&1 || complain "$1: no JSON" ;;
	csv) grep -qE '(^|,)"?[=+@]' "$2" && complain "$1: a formula" ;;
	dot) sed 's/\\.//g' "$2" | awk -F'"' 'NF % 2 == 0 { bad = 1 } END { exit !bad }' && complain "$1: a quote" ;;
	esac
}

try() { # KIND ARGUMENTS...: it succeeds (0, or a verdict: 3, 4), and all that it writes is harmless
	local kind=$1 status
	shift
	timeout 60 "$sim" "$@" >"$folder/out/stdout" 2>"$folder/out/stderr" </dev/null
	status=$?
	((status == 0 || status == 3 || status == 4 || status == 5)) ||
		complain "sim $*: status $status: $(head -5 "$folder/out/stderr")"
	judge "sim $*" "$folder/out/stdout" "$kind"
	judge "sim $*: messages" "$folder/out/stderr" text
}

refuse() { # ARGUMENTS...: a message, and a harmless one
	timeout 60 "$sim" "$@" >"$folder/out/stdout" 2>"$folder/out/stderr" </dev/null
	(($? == 2)) && [[ -s $folder/out/stderr ]] || complain "sim $*: not refused"
	judge "sim $*" "$folder/out/stdout" text
	judge "sim $*: messages" "$folder/out/stderr" text
}

# Each text of a JSON file in its turn, wherever it stands: the worst that the command still accepts.
poison() { # FILE CHECK...: a command that says whether it is accepted
	local file=$1 n=0 text new
	shift
	cp "$file" "$folder/good"
	while IFS= read -r text; do
		for new in "$worst" "=$evil"; do
			jq --argjson old "$text" --arg new "$new$n" 'walk(if . == $old then $new else . end)' "$folder/good" >"$file"
			timeout 20 "$sim" "$@" >/dev/null 2>"$folder/out/stderr" </dev/null
			(($? == 2)) || break
			judge "sim $*: $text" "$folder/out/stderr" text
			new=
		done
		if [[ $new ]]; then
			cp "$file" "$folder/good"
			((accepted++))
		fi
		((n++))
	done < <(jq -c '[.. | strings] | unique[]' "$folder/good")
	cp "$folder/good" "$file"
}

cp "$source/models/costs/haswell-ex.json" prices.json
jq '.costs |= with_entries(.value.source = "somebody")' prices.json >x.json && mv x.json prices.json
cat >scenario.json <<'END'
{ "//": "a remark", "name": "small", "about": "what it is for", "host": { "cores": 4, "memory": "16GiB" },
  "costs": ["prices.json"],
  "designs": [{ "name": "mine", "extends": "kvm/exit", "about": "the same" }],
  "guests": [{ "name": "db", "model": "kvm", "memory": "1GiB", "strategy": "mine" }],
  "events": [{ "at": "1s", "do": "start", "guests": "db" }, { "at": "20s", "do": "reboot", "guests": "db" }],
  "objectives": [{ "metric": "reboot.latency", "group": "db", "at_most": "1ms" }],
  "sweep": { "/guests/0/memory": ["1GiB", "2GiB"] },
  "plan": { "vary": "/guests/0/memory", "between": ["1GiB", "2GiB"],
            "subject_to": [{ "metric": "reboot.latency", "at_most": "20s" }] },
  "experiment": { "until": "60s", "replications": 2, "seed": 1 } }
END
poison scenario.json check scenario.json
poison prices.json check scenario.json
((accepted > 9)) || complain "only $accepted texts were made hostile"

for format in text json csv md hgrm; do
	try "$format" run scenario.json --format "$format" --study none
done
try text run scenario.json
try json run scenario.json --timeline /dev/stdout -o /dev/null --study none
try text check scenario.json
try json check --resolved scenario.json
for format in text json csv md; do
	try "$format" compare scenario.json --over /guests/0/memory=1GiB,2GiB --format "$format"
	try "$format" plan scenario.json --format "$format"
done
for format in text json csv; do
	try "$format" sensitivity scenario.json --format "$format"
done
try html plan scenario.json --format html
try html report scenario.json
try csv sweep scenario.json -o sweep.sqlite --csv - --study none
for format in text json; do
	try "$format" explain scenario.json --observed reboot.latency=1s --format "$format"
done
jq '.designs[0]' scenario.json >design.json
for format in text json; do
	try "$format" flows design.json --format "$format"
done
try text flows --diff kvm/exit design.json
for key in flows loops costs locks; do
	jq --arg key "$key" --arg new "$worst" '.[$key] = { ($new): {} }' design.json >x.json
	refuse flows x.json
done
jq --arg new "=${evil:0:50}" '.flows = { ($new): [{ "step": "sleep", "at": $new, "price": "mm.fault" }] }' design.json >x.json
timeout 20 "$sim" flows x.json >"$folder/out/stdout" 2>"$folder/out/stderr"
judge 'flows of a hostile flow' "$folder/out/stdout" text
judge 'flows of a hostile flow: messages' "$folder/out/stderr" text
try text platforms prices.json
try text costs kvm

# Stored results: what sim wrote of all this, and what a stranger wrote into it.
"$sim" run scenario.json --study none --format json -o result.json
"$sim" compare scenario.json --over /guests/0/memory=1GiB,2GiB --format json -o comparison.json
"$sim" sensitivity scenario.json --format json -o sensitivity.json
"$sim" plan scenario.json --format json -o plan.json 2>/dev/null
draw() {
	local file
	for file in result comparison sensitivity plan; do
		try svg plot $file.json --format svg -o -
		try text plot $file.json -o - --data /dev/stderr
	done
	try svg plot result.json --format svg -o - --kind breakdown
	try svg plot sweep.sqlite --format svg -o -
	try text plot sweep.sqlite -o -
	try text compare result.json result.json
	try text replay result.json --all
}
draw
try json replay result.json --timeline -
try text replay sweep.sqlite --point 1
for file in result comparison sensitivity plan; do
	jq --arg evil "$worst" '(.. | strings) |= if test("^(sim-|[a-z]+\\.[a-z]+$|ns$|count$|bytes$)") then . else "\($evil)" end' $file.json >x.json
	for kind in '' cdf breakdown latency plan tornado; do
		timeout 20 "$sim" plot x.json ${kind:+--kind $kind} --format svg -o - >"$folder/out/stdout" 2>"$folder/out/stderr"
		judge "plot of a hostile $file $kind" "$folder/out/stdout" svg
		judge "plot of a hostile $file $kind: messages" "$folder/out/stderr" text
	done
	for command in "compare x.json x.json" "compare x.json x.json --format md" "replay x.json --all" "run x.json" "report x.json" "check x.json"; do
		read -ra words <<<"$command"
		timeout 20 "$sim" "${words[@]}" >"$folder/out/stdout" 2>"$folder/out/stderr"
		judge "$command of a hostile $file" "$folder/out/stdout" md
		judge "$command of a hostile $file: messages" "$folder/out/stderr" text
	done
done
if command -v sqlite3 >/dev/null; then
	for column in "setting value" "metric grp" "metric unit" "dimension pointer" "sweep value" "prices changes"; do
		read -r table name <<<"$column"
		cp sweep.sqlite x.sqlite
		sqlite3 x.sqlite "UPDATE OR IGNORE $table SET $name = '${worst//\'/\'\'}'" || complain "$column"
		refuse plot x.sqlite -o -
		refuse replay x.sqlite --point 0
	done
fi

# Published tables.
cp "$source/scenarios/published/vfio-bar.json" table.json
jq --arg source "$source" '.scenario |= $source + "/scenarios/published/" + .' table.json >x.json && mv x.json table.json
poison table.json validate table.json
for format in text json; do
	try "$format" validate table.json --format "$format"
done
"$sim" validate table.json --format json -o validation.json
try svg plot validation.json --format svg -o -

# Lines of text: a bad cell or name is shown, and a column that nobody reads is nobody's.
cp "$source/scenarios/fleet/small.csv" vms.csv
sed -e 's|"trace": "[^"]*"|"trace": "vms.csv"|' "$source/scenarios/fleet/small-exit.json" >fleet.json
awk -v "evil=${raw//\\/\\\\}" '{ print $0 "," evil }' "$source/scenarios/fleet/small.csv" >vms.csv
try text run fleet.json --study none --replications 1
printf 'arrival_s,vcpus,memory_gib,lifetime_s\n0,%s,1,1\n' "$raw" >vms.csv
refuse run fleet.json
printf 'arrival_s,vcpus,memory_gib,%s\n0,1,1,1\n' "$raw" >vms.csv
refuse run fleet.json
for format in azure2017 azure2019 alibaba2018 google2019 sim; do
	printf '%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s\n1,%s,3,4,5,6,7,8,9,10,11\n' "$raw" 1 2 3 4 5 6 7 8 9 10 "$raw" >x.csv
	timeout 20 "$sim" trace import --format $format --machine-cores 4 --machine-memory 4GiB x.csv >"$folder/out/stdout" 2>"$folder/out/stderr"
	judge "a hostile $format" "$folder/out/stdout" csv
	judge "a hostile $format: account" "$folder/out/stderr" text
done
printf 'memory,reboot.latency,%s\n1GiB,%s,1\n' "$raw" "$raw" >x.csv
refuse explain scenario.json --observations x.csv
printf '%s,1\n%s,2\n' "$raw" "$raw" >x.csv
refuse fit x.csv --term mm.zero_4k
for format in bpftrace perf ftrace; do
	printf '@%s[%s, 4096]: 12\n@x%s: count 3, average 4, total 12\n 1) %s() { 12.3 us }\n%s (%s) 1.2 ms munmap(1) = 0\n' \
		"$raw" "$raw" "$raw" "$raw" "$raw" "$raw" >x.txt
	timeout 20 "$sim" fit --format $format x.txt --term mm.zero_4k >"$folder/out/stdout" 2>"$folder/out/stderr"
	judge "a hostile $format" "$folder/out/stdout" text
	judge "a hostile $format: messages" "$folder/out/stderr" text
done
printf '<domain type="kvm"><name>%s</name><title>a&#10;b</title><memory>%s</memory></domain>' "${evil//[<>&]/}" 1048576 >x.xml
try json import x.xml --scenario
printf 'qemu-system-x86_64 -m 1G -smp 2 -name %q -uuid %q -device %q' "$raw" "$raw" "vfio-pci,host=$raw" >x.txt
timeout 20 "$sim" import x.txt >"$folder/out/stdout" 2>"$folder/out/stderr"
judge 'a hostile command line' "$folder/out/stdout" text
judge 'a hostile command line: account' "$folder/out/stderr" text
printf '{"%s": 1}' "$(jq -Rn --arg text "$worst" '$text' | sed 's/^"//; s/"$//')" >x.json
refuse run x.json
refuse run scenario.json --set "/guests/$worst/memory=1"
refuse run scenario.json --set "/guests/0/memory=$raw"

# Names of files.
name=$(printf '%s' "${worst//\//_}.json" | head -c 200)
cp scenario.json "$name"
for format in text json md; do
	try "$format" run "$name" --format "$format" --study none
done
try html report "$name"
refuse run "${raw//\//_}"
cp result.json "$name"
try svg plot "$name" --format svg -o -
rm -f sweep.sqlite
cp scenario.json "$name"
try text sweep "$name" -o "$name.sqlite" --csv /dev/null --study none
try svg plot "$name.sqlite" --format svg -o -
printf x >"$name"
refuse run "$name"

# On a terminal there is progress and colour: nothing but that.
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
	cp scenario.json "$name"
	for command in run plan report sensitivity; do
		script -qec "$(printf '%q ' "$sim" $command "$name")" /dev/null </dev/null >"$folder/out/stdout" 2>&1
		sed -i -e 's/\x1b\[[0-9;]*[mK]//g' -e 's/\r//g' "$folder/out/stdout"
		judge "sim $command on a terminal" "$folder/out/stdout" text
	done
fi

((outputs > 200)) || complain "only $outputs outputs"
((failed)) || echo "$accepted texts made hostile, $outputs outputs harmless"
exit $failed
