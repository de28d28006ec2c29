#!/usr/bin/env bash
# Usage: plot_test.sh SIM
# Every kind of picture of every kind of result; what is drawn is what the result says; texts
# from outside reach no shell, no gnuplot command and no SVG element; without gnuplot the
# numbers are left.
set -uo pipefail
sim=$(realpath "$1") source=$(realpath "$(dirname "$0")/../..")
for tool in gnuplot jq; do
	command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0

complain() {
	printf '%s\n' "$1"
	((failures++))
}

cd "$source" || exit 1
reboot=scenarios/s390-pv/reboot-64g.json
"$sim" run $reboot --format json -o "$folder/run.json"
"$sim" run $reboot --set /guests/0/strategy=sync --format json -o "$folder/sync.json"
"$sim" compare $reboot --over /guests/0/strategy=sync,async --replications 32 --format json -o "$folder/compare.json"
"$sim" sweep scenarios/s390-pv/sweep-sizes.json --replications 8 -o "$folder/sweep.sqlite" 2>/dev/null
"$sim" plan scenarios/s390-pv/plan-wave.json --set /guests/0/count=6 --set '/plan/between=[1, 6]' --format json -o "$folder/plan.json"
"$sim" plan scenarios/s390-pv/plan-wave.json --vary /guests/0/count --between 1..128 --set /plan/for_each=null --set /plan/most=32 --format json -o "$folder/wide.json"
"$sim" run $reboot --replications 1 --format json -o "$folder/once.json"
"$sim" run scenarios/fleet/small-exit.json --format json -o "$folder/fleet.json"
"$sim" sensitivity $reboot --format json -o "$folder/sensitivity.json"
"$sim" validate snp-concurrent tdx-accept memslot-zap-2g sev-start --format json -o "$folder/validate.json" 2>/dev/null
cd "$folder" || exit 1

# Texts that leave the canvas, or lie upon each other. A letter is about half as wide as it is high.
misplaced() {
	sed 's/></>\n</g' "$1" | awk '
		function box(x, y, size, anchor, upright, text,   w, i) {
			gsub(/&[a-z]+;/, "x", text)
			w = 0.48 * size * length(text)
			x -= anchor == "end" ? w : anchor == "middle" ? w / 2 : 0
			if (upright) { x = at; y += anchor == "end" ? w : anchor == "middle" ? w / 2 : 0 }
			left[++n] = upright ? x - 0.7 * size : x; right[n] = upright ? x : x + w
			top[n] = y - (upright ? w : 0.7 * size); bottom[n] = y; words[n] = text
			if (left[n] < -2 || right[n] > 902 || top[n] < 0 || bottom[n] > 600) print "outside: " text
			for (i = 1; i < n; i++)
				if (left[i] < right[n] && left[n] < right[i] && top[i] < bottom[n] && top[n] < bottom[i])
					print "\"" words[i] "\" and \"" text "\""
		}
		/<g transform="translate\(/ {
			match($0, /translate\([0-9.-]+,[0-9.-]+\)/)
			split(substr($0, RSTART + 10, RLENGTH - 11), place, ",")
			at = place[1]
			upright = /rotate\((-90|270)/; slanted = /rotate\(/ && !upright
			match($0, /font-size="[0-9.]+/); size = substr($0, RSTART + 11, RLENGTH - 11)
			match($0, /text-anchor="[a-z]+/); anchor = substr($0, RSTART + 13, RLENGTH - 13)
		}
		/<text>/ { sub(/.*<text>/, ""); sub(/<\/text>.*/, ""); if (!slanted && $0 != "") box(place[1], place[2], size, anchor, upright, $0) }
		END { if (n < 8) print "only " n + 0 " texts" }'
}

draw() { # NAME ARGUMENTS...: an SVG that is one, with axes in words, and colours for dark ground, too
	"$sim" plot "${@:2}" -o "$1.svg" --data "$1.tsv" 2>err || complain "$1: $(cat err)"
	grep -q '^<svg' "$1.svg" && grep -q '</svg>' "$1.svg" || complain "$1 is no SVG"
	grep -q 'sim [0-9]' "$1.svg" || complain "$1: the caption lacks the version"
	[[ -s $1.tsv ]] || complain "$1: no numbers"
	grep -oE '<text[^>]*>[^<]*' "$1.svg" | grep -E '>/[a-z]|[a-z]\.(latency|peak|mean)' && complain "$1: a pointer or a metric's name as a title"
	misplaced "$1.svg" >where && [[ -s where ]] && complain "$1: $(cat where)"
	grep -oE '<text>[0-9]+<' "$1.svg" | grep -q . && grep -qE '<text>[0-9]+[KMGT]iB<' "$1.svg" &&
		grep -qE 'text-anchor="middle">' "$1.svg" && awk '/text-anchor="middle"/ { getline; if (/>[0-9]+</) bare = 1; if (/>[0-9]+[KMGT]iB</) units = 1 } END { exit !(bare && units) }' "$1.svg" &&
		complain "$1: marks of sizes with and without units"
	grep -qE "(fill|stroke|color) *= *['\"](rgb|black)" "$1.svg" && complain "$1: a colour that no rule knows"
	for colour in $(grep -oE '(fill|stroke|color)="#[0-9a-f]{6}"' "$1.svg" | sort -u); do
		grep -qF "[$colour]{" "$1.svg" || complain "$1: $colour is the same on dark ground"
	done
}

draw cdf run.json sync.json --slo 10s
draw ccdf run.json --kind ccdf
draw breakdown run.json --kind breakdown
draw limbo run.json --kind limbo
draw limbo_of run.json --kind limbo --replication 5
draw memory run.json --kind memory
draw teardown run.json --metric teardown.latency
draw compare compare.json
draw latency compare.json --kind latency
draw sweep sweep.sqlite --slo 60s
draw sweep_p99 sweep.sqlite --quantile max --metric teardown.latency --linear
draw sweep_strategy sweep.sqlite --x /guests/0/strategy --where /guests/0/memory=64GiB
"$sim" plot sweep.sqlite --quantile p99 -o none.svg 2>err && complain 'a quantile of too few replications is drawn'
grep -q 'the p99 of reboot.latency needs more replications' err || complain "a quantile of too few replications: $(cat err)"
draw plan plan.json
! grep -q 'x09' plan.svg || complain 'panels of a plan share one heading'
draw frontier plan.json --kind frontier
draw wide wide.json
"$sim" plot wide.json --kind frontier -o none.svg 2>err && complain 'a frontier without a second quantity'
grep -q 'no "for_each"' err || complain "a frontier without a second quantity: $(cat err)"
draw hosts once.json --kind hosts
draw many_hosts fleet.json --kind hosts
draw fleet_steps fleet.json --kind breakdown
# a caption is of all results in the picture
"$sim" run "$source/scenarios/s390-pv/reboot-64g.json" --study none --replications 3 --seed 2 -o other.json
"$sim" plot run.json other.json -o both.svg
grep -q "2 results, seed 1 .. 2, 3 .. $(jq .provenance.replications run.json) replications, sim" both.svg ||
	complain "the caption of two results: $(grep -o 'seed [^<]*' both.svg)"
"$sim" plot run.json sync.json --kind hosts -o none.svg 2>err && complain 'hosts of two results in one picture'
draw plan_memory plan.json --metric memory.in_use.peak
"$sim" plot plan.json -o none.svg --metric slice.max 2>err && complain 'a limit that the plan has not is drawn'
grep -q 'limits no slice.max' err || complain "a limit that the plan has not: $(cat err)"
draw sensitivity sensitivity.json
draw validate validate.json
for ending in png pdf txt; do "$sim" plot cdf.svg -o x.$ending 2>/dev/null && complain 'a picture is a result'; done
"$sim" plot run.json -o picture.png && [[ $(head -c 4 picture.png | tail -c 3) == PNG ]] || complain 'no PNG'
"$sim" plot run.json -o picture.pdf && [[ $(head -c 4 picture.pdf) == %PDF ]] || complain 'no PDF'

# a terminal's picture fits it, and has its words
for columns in 50 80 200; do
	for result in run.json compare.json sweep.sqlite sensitivity.json validate.json plan.json "plan.json --kind frontier" "fleet.json --kind hosts"; do
		COLUMNS=$columns "$sim" plot $result -o - >terminal || complain "$result: nothing in the terminal"
		(($(wc -l <terminal) > 18)) || complain "$result: a picture of $(wc -l <terminal) lines"
		widest=$(sed 's/[^ -~]/x/g' terminal | wc -L)
		((widest <= columns && widest > columns * 3 / 4)) || complain "$result: $widest wide in a terminal of $columns columns"
	done
done
COLUMNS=80 "$sim" plot sweep.sqlite -o - >terminal
for words in 's390 reboot, by size' 'reboot latency (s)' 'memory of the guest' '64GiB' '95 % confidence band'; do
	grep -qF "$words" terminal || complain "the terminal's picture lacks $words"
done
COLUMNS=80 "$sim" plot compare.json -o - >terminal
COLUMNS=80 "$sim" plot validate.json -o - >terminal
grep -q '^ *X  within 10 %' terminal && grep -q '^ *1 +-|.*XXX' terminal || complain "the band of a terminal's parity is another mark than its legend's"
COLUMNS=80 "$sim" plot sensitivity.json -o - >terminal
grep -q '^ *A  at the low end' terminal && grep -q '^ *B  at the high end' terminal && grep -q 'guest.stop +-|.*AB' terminal ||
	complain "a terminal's tornado has no bars"
COLUMNS=80 "$sim" plot run.json --kind breakdown -o - >terminal
grep -qE 'guest.boot .*---- ?[0-9.]+ s' terminal || complain "a terminal's shares have no bars"
COLUMNS=80 "$sim" plot once.json --kind hosts -o - >terminal # a line lies where its mark is
grep -qE '100 \+-\|-{60}' terminal || complain 'the line of all that a host has lies beside its mark'
COLUMNS=80 "$sim" plot compare.json -o - >terminal
grep -qE ' AAAA+' terminal && grep -qE ' BBBB+' terminal || complain 'the bars of a terminal have no parts'
COLUMNS=x LINES=-3 "$sim" plot run.json -o - | wc -L | grep -qE '^(7[0-9]|80)$' || complain 'no 80 columns where nothing says how many'

# what is drawn is what is stored
whole() { # NUMBER PER-SECOND: the sum over time of that block of hosts.tsv, of what the host has
	awk -F'\t' -v wanted=$1 -v most=$2 'NF == 1 && !/^#/ && NF { block++ } NF == 6 && block == wanted { if (n++ == 1) part = $1 - last; last = $1; sum += $2 / 100 } END { printf "%.4g\n", sum * part * most }' hosts.tsv
}
stored() { jq -r --arg name "$1" --argjson unit "$2" '.metrics[] | select(.name == $name) | .mean / $unit' once.json | awk '{ printf "%.4g\n", $1 }'; }
[[ $(whole 1 8) == "$(stored cores.busy 1e9)" ]] || complain "cores are busy for $(whole 1 8) s in the picture, $(stored cores.busy 1e9) s in the result"
[[ $(whole 3 204.8e9) == "$(stored memory.moved 1)" ]] || complain "$(whole 3 204.8e9) bytes are moved in the picture, $(stored memory.moved 1) in the result"
panel() { # METRIC UNIT: looks of the search by value, with what was observed and their verdict
	jq -r --arg metric "$1" --argjson unit "$2" '(.subject_to | map(.metric) | index($metric)) as $i | .answers[] |
		[.looks[] | select(.fresh | not)] | sort_by(.value)[] |
		"\(.value) \(.limits[$i].observed / $unit) \({met: 0, missed: 1, undecided: 2}[.verdict])"' plan.json
}
numbers() { awk 'NF == 3 && $1 ~ /^[0-9]/ { printf "%d %.6f %d\n", $1, $2, $3 }'; }
cmp <(numbers <plan.tsv) <({ panel reboot.latency 1000000000 && panel memory.in_use.peak 1073741824; } | numbers) ||
	complain 'the looks of a plan are others'
cmp <(numbers <plan_memory.tsv) <(panel memory.in_use.peak 1073741824 | numbers) || complain 'the looks of one limit are others'
awk -F'\t' 'NF == 4 { if (x != "" && ($1 < x || $2 > y)) bad = 1; x = $1; y = $2; n++ } END { exit bad || n < 20 }' ccdf.tsv ||
	complain 'the complementary distribution goes up'
# stairs: each piece of the line is level or upright
sed '1,/gnuplot_plot_1/d' ccdf.svg | sed -n '/<path stroke="#0072b2"/,/<\/g>/p' | grep -oE '[ML][0-9.]+,[0-9.]+' |
	awk '{ begins = sub("M", ""); sub("L", ""); split($0, at, ","); if (!begins && at[1] != x && at[2] != y) bad = 1; x = at[1]; y = at[2]; n++ }
		END { exit bad || n < 40 }' ||
	complain 'the complementary distribution is not drawn as stairs'
awk -F'\t' 'NF == 4 && !($3 <= $2 && $2 <= $4) { bad = 1 } NF == 4 { n++ } END { exit bad || n != 400 }' limbo.tsv ||
	complain 'the median of limbo is not within its band'
awk -F'\t' 'NF == 4 && $3 != "?" { bad = 1 } NF == 4 && $2 > high { high = $2 } END { exit bad || !(high > 51 && high < 52) }' limbo_of.tsv ||
	complain 'one replication of limbo is another'
awk -F'\t' 'NF == 4 && $2 > high { high = $2 } END { exit !(high > 51 && high < 52) }' memory.tsv || complain 'another memory in use'
"$sim" plot run.json --kind limbo --replication 512 -o x.svg 2>err && complain 'a replication that is not there'
grep -q 'the result has 512, from 0 on' err || complain "no word of how many replications there are: $(cat err)"
jq -r '.tables[] | .unit as $u | .rows[] | select(.verdict != "-" and (.bound | not) and .published > 0 and $u != "count") | .predicted / .published' validate.json | awk '{ printf "%.6f\n", $1 }' | sort >stored
awk -F'\t' 'NF == 4 { printf "%.6f\n", $2 }' validate.tsv | sort >drawn
cmp drawn stored || complain 'predictions are drawn as other ratios'
awk -F'\t' 'NF == 4 { v = $1; s = $2 } END { printf "%.6f %g\n", v, s }' teardown.tsv >drawn
jq -r '.metrics[] | select(.name == "teardown.latency") | "\(.max / 1e9) 1"' run.json |
	awk '{ printf "%.6f %g\n", $1, $2 }' >stored
cmp drawn stored || complain 'the largest value of the CDF is another'
"$sim" sweep "$source/scenarios/s390-pv/sweep-sizes.json" --replications 8 -o sweep.sqlite --resume --csv sweep.csv 2>/dev/null
mean=$(awk -F, '$2 == "64GiB" && $3 == "sync" && $5 == "reboot.latency" { printf "%.6f", $9 / 1e9 }' sweep.csv)
awk -F'\t' -v mean="$mean" '$1 == "sync" { on = 1 } on && $5 == "64GiB" { if (sprintf("%.6f", $2) == mean) ok = 1 } END { exit !ok }' sweep.tsv ||
	complain 'the sweep is drawn with another value'
awk -F'\t' '{ if ($2 < low || !low) low = $2; if ($2 > high) high = $2 } END { exit !(high > 40 && high < 60) }' limbo.tsv ||
	complain 'limbo does not peak at 51 GiB'

# guests of one sweep are lines of their own
"$sim" sweep "$source/scenarios/sev/asids.json" --set /host/cores=4,8 --replications 4 -o guests.sqlite 2>/dev/null
draw guests guests.sqlite --metric start.latency
[[ $(grep -c '^early$\|^late$' guests.tsv) == 2 ]] || complain 'not a line for each guest'

# a fleet's memory is a band, too
"$sim" plot fleet.json --kind limbo -o fleet.svg --data fleet.tsv || complain 'no memory of a fleet'
awk -F'\t' 'NF == 4 { n++; wide += $4 > $3; if (!($3 <= $2 && $2 <= $4)) bad = 1 } END { exit bad || n != 400 || wide < 100 }' fleet.tsv ||
	complain "a fleet's memory in limbo is no band"

# names from hell: in the scenario, of guests, of files
evil='`touch hit`$(touch hit)'"'"'; system "touch hit" #\\"<script>alert(1)</script>&\u202eend'
jq --arg n 'x' '.' "$source/$reboot" >/dev/null
sed "s|\"name\": \"s390 reboot, 64 GiB\"|\"name\": \"$(printf '%s' "$evil" | sed 's/[\\&|]/\\&/g; s/"/\\"/g')\"|" "$source/$reboot" >hell.json
file="\$(touch hit)\`touch hit\`'\"<b>;|x.json"
"$sim" run hell.json --replications 40 --format json -o "$file" 2>err
if [[ -s $file ]]; then
	for kind in cdf ccdf breakdown limbo; do
		"$sim" plot "$file" run.json --kind $kind -o "$kind"'`touch hit`$(touch hit).svg' 2>err || complain "hostile $kind: $(cat err)"
		grep -qi '<script\|<b>' "$kind"'`touch hit`$(touch hit).svg' && complain "$kind: an element in the SVG"
	done
	"$sim" replay "$file" --timeline hell-timeline.json -o hell-report.txt || complain 'hostile replay'
	jq -e .traceEvents hell-timeline.json >/dev/null || complain 'hostile timeline'
else
	# such names are refused: then the one without control characters must do
	grep -q error err || complain "hostile scenario: $(cat err)"
fi
sed "s|\"name\": \"s390 reboot, 64 GiB\"|\"name\": \"\`touch hit\`\$(touch hit)' <script>alert(1)</script> \& set output '\|touch hit'\"|" "$source/$reboot" >hell2.json
"$sim" run hell2.json --replications 40 --format json -o "$file" || complain 'the second hostile scenario does not run'
for kind in cdf ccdf breakdown limbo; do
	"$sim" plot "$file" run.json --kind $kind -o "$kind"'`touch hit`.svg' 2>err || complain "hostile $kind: $(cat err)"
	grep -qi '<script\|<b>' "$kind"'`touch hit`.svg' && complain "$kind: an element in the SVG"
done
[[ -e hit ]] && complain 'a name was obeyed'

# control characters in the name of a file
cp run.json $'run\n\e[31m; system "touch hit"\t.json'
"$sim" plot $'run\n\e[31m; system "touch hit"\t.json' run.json -o control.svg 2>err || complain "control characters: $(cat err)"
grep -q $'\e' control.svg err && complain 'a control character has passed'
[[ -e hit ]] && complain 'a control character was obeyed'

# without gnuplot
PATH=/nonexistent "$sim" plot run.json -o none.svg 2>err && complain 'a picture without gnuplot'
[[ -s none.svg.tsv && ! -e none.svg ]] || complain 'the numbers are not left'
grep -q 'gnuplot' err || complain 'no word of gnuplot'
TMPDIR=/no/such "$sim" plot run.json -o none.svg 2>err && complain 'a picture without a temporary folder'
grep -q '^/no/such: .*set TMPDIR' err || complain "no word of TMPDIR: $(cat err)"

"$sim" plot run.json --format svg -o /dev/full 2>err && complain "a full disk is no error"
[[ -e /dev/full.tsv ]] && complain "numbers are left in /dev"

# a replication again, byte for byte
"$sim" replay run.json --worst teardown.latency --timeline one.json -o one.txt || complain 'no replay'
"$sim" replay run.json --worst teardown.latency --timeline two.json -o two.txt
cmp one.json two.json && cmp one.txt two.txt || complain 'two replays differ'
grep -q 'reproduced exactly' one.txt || complain 'not reproduced'
jq '.worst |= map(.value += 1)' run.json >changed.json
"$sim" replay changed.json 2>err && complain 'a changed result is reproduced'
jq '.provenance.costs_sha256 = "0"' run.json >changed.json
"$sim" replay changed.json 2>err && complain 'other costs are taken'
jq 'del(.scenario.document)' run.json >changed.json
"$sim" replay changed.json 2>err
[[ $? == 2 ]] || complain 'a result without its scenario'
for junk in '{}' '[]' '{"format": "sim-result"}' '{"format": "sim-plan", "answers": [{}]}' '{"format": "sim-comparison", "designs": [3]}' \
	'{"format": "sim-sensitivity", "terms": "x"}' '{"format": "sim-validation", "tables": [{"rows": 3}]}'; do
	printf '%s' "$junk" >junk.json
	"$sim" plot junk.json -o junk.svg 2>err
	status=$?
	((status == 2 || status == 1)) || complain "junk $junk: exit status $status"
	"$sim" replay junk.json 2>err
	status=$?
	((status == 2 || status == 1)) || complain "replay of junk $junk: exit status $status"
done
((failures == 0))
