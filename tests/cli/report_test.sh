#!/usr/bin/env bash
# Usage: report_test.sh SIM
# The HTML page: all sections, well formed, nothing from a network, no text that becomes an
# element; where Chromium is installed, its console stays empty and it asks nobody for anything.
set -uo pipefail
sim=$(realpath "$1") source=$(realpath "$(dirname "$0")/../..")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failures=0

complain() {
	printf '%s\n' "$1"
	((failures++))
}

balanced() { # FILE: every element that is not void is closed in order
	awk '
	BEGIN { split("meta br link img input hr", v, " "); for (i in v) empty[v[i]] = 1; RS = "<" }
	NR > 1 {
		tag = $0; sub(/>.*/, "", tag)
		name = tag; sub(/[ \t\n\/].*/, "", name)
		if (tag ~ /^!/ || tag ~ /\/$/) next
		if (tag ~ /^\//) { sub(/^\//, "", tag); if (stack[depth--] != tag) { print "</" tag "> closes <" stack[depth + 1] ">"; bad = 1; exit } next }
		if (name in empty) next
		stack[++depth] = name
	}
	END { if (!bad && depth) { print depth " elements are open, <" stack[depth] ">"; bad = 1 } exit bad }' "$1"
}

check_page() { # FILE
	balanced "$1" || complain "$1 is not well formed"
	for section in Answer 'Where the time goes' 'Everything that was observed' 'What it rests on' 'Make it again'; do
		grep -q ">$section</h2>" "$1" || complain "$1: no section $section"
	done
	# the result is data, in one block that no browser runs
	(($(grep -c '^<script type="application/json" id="sim-result">$' "$1") == 1)) || complain "$1: no result in it"
	(($(grep -c '^<script type="application/json" id="sim-comparison">$' "$1") == $(grep -c '>Designs side by side<' "$1"))) ||
		complain "$1: not a comparison in it where one is shown"
	grep -vE '^<script type="application/json" id="sim-(result|comparison)">$' "$1" | grep -qi '<script\|<iframe\|<object\|javascript:\|<link\|@import' && complain "$1: something active"
	grep -oE "(src|href|url)[=(][\"']?[^\"' )>]*" "$1" | grep -vE "[=(][\"']?#|^href=$" | grep -q . && complain "$1: a reference to outside"
	for colour in $(grep -oE '(fill|stroke|color)=("#[0-9a-f]*"|.rgb)' "$1" | sort -u); do
		grep -qF "[$colour]{" "$1" || complain "$1: $colour is the same on dark ground"
	done
	(($(grep -o " id=['\"]\?[A-Za-z_0-9-]*" "$1" | sort | uniq -d | wc -l) == 0)) || complain "$1: an id stands twice"
}

"$sim" report "$source/scenarios/s390-pv/reboot-64g.json" --replications 40 -o page.html || complain 'no page'
check_page page.html
grep -q '>Designs side by side</h2>' page.html || complain 'no designs'
grep -q '>no difference</td>' page.html || complain 'lazy differs from async'
grep -q '>The slowest replication' page.html || complain 'no timeline'
grep -q 'No public figure exists' page.html || complain 'no caveat'
answer=$("$sim" run "$source/scenarios/s390-pv/reboot-64g.json" --replications 40 --format text | sed -n '1s/.*: \([0-9.]* [a-z]*\) .*/\1/p')
grep -q "<p class=answer>$answer<" page.html || complain "the answer is not $answer"
"$sim" report "$source/scenarios/s390-pv/reboot-64g.json" --replications 40 -o again.html
cmp page.html again.html || complain 'the same page has other bytes'
"$sim" plan "$source/scenarios/s390-pv/plan-wave.json" --set /plan/between='[1, 4]' --format html -o plan.html || complain 'no page of a plan'
grep -q '<li>memory.in_use.peak, never above 1040 GiB$' plan.html || complain 'a limit is not exact'
grep -q '<td class=n>10[0-9][0-9] GiB' plan.html || complain 'a value has another unit than its limit'
"$sim" report "$source/scenarios/fleet/small-exit.json" -o fleet.html && check_page fleet.html
"$sim" report "$source/scenarios/s390-pv/reboot-64g.json" --alone --set /experiment/replications=8 --set '/objectives=[{"metric": "reboot.latency", "at_most": "1s"}]' -o missed.html
(($? == 3)) || complain 'a missed objective does not show in the exit status'
grep -q '<li class=missed>' missed.html || complain 'a missed objective is not shown'
"$sim" report "$source/scenarios/s390-pv/reboot-64g.json" --alone --set /experiment/replications=8 --set '/objectives=[{"metric": "reboot.latency", "quantile": 0.99, "at_most": "9s"}]' -o undecided.html
(($? == 4)) || complain 'an undecided objective does not show in the exit status'
grep -q '<li class=undecided>.*about 490 replications would decide' undecided.html || complain 'an undecided objective is not shown'
PATH=/nonexistent "$sim" report "$source/scenarios/s390-pv/reboot-64g.json" --replications 40 -o bare.html || complain 'no page without gnuplot'
check_page bare.html
grep -q 'pictures are missing' bare.html || complain 'no word of missing pictures'

grep -q '>Memory over time</h2>' page.html || complain 'no memory over time'
grep -q '>Memory over time</h2>' fleet.html || complain 'no memory of the fleet over time'

# names from hell in the scenario, of a guest, of the file and in a setting
sed "s|\"name\": \"s390 reboot, 64 GiB\"|\"name\": \"</title><script>alert(1)</script>\`touch hit\`\$(touch hit)' onload='x\"|
     s|\"about\": \"|\"about\": \"--><img src=x onerror=alert(2)>\&lt;b\&gt; |; s|\"db\"|\"db<i>'\\\\\"\&amp;\"|g" "$source/scenarios/s390-pv/reboot-64g.json" >"<b>'hell\".json"
"$sim" report "<b>'hell\".json" --replications 40 --set '/about="</pre><script>alert(3)</script>"' -o hell.html || complain 'no page for hostile names'
check_page hell.html
grep -qi '<b>\|<i>\|<img\| onload=.x. \|onerror=alert(2)>' hell.html && complain 'a name has become an element'
grep -q '&lt;script&gt;' hell.html || complain 'the name is not shown'
[[ -e hit ]] && complain 'a name was obeyed'
again=$(grep -o 'sim report .*-o report\.html' hell.html | sed "s/&lt;/</g; s/&gt;/>/g; s/&quot;/\"/g; s/&#39;/'/g; s/&amp;/\&/g")
PATH=$(dirname "$sim"):$PATH bash -c "$again" && cmp hell.html report.html || complain 'the command does not make the page again'

browse() { # PAGE OPTIONS...: its document when all is loaded
	timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
		--disable-background-networking --disable-component-update --disable-sync \
		--user-data-dir="$folder/profile" "${@:2}" --dump-dom "file://$folder/$1.html"
}

fits() { # PAGE WIDTH: nothing but pictures, tables and commands is to be scrolled sideways
	cat >frame.html <<-END
		<!doctype html><body style="margin:0"><iframe style="border:0;width:$2px;height:800px" src="$1.html"></iframe><p id=said></p><script>
		document.querySelector('iframe').onload = ({ target }) => {
			const page = target.contentDocument, root = page.scrollingElement
			const outside = [...page.querySelectorAll('main *')].filter(e => (!e.closest('.wide') || e.closest('caption span')) && e.getBoundingClientRect().right > root.clientWidth + 1)
			const dark = page.defaultView.matchMedia('(prefers-color-scheme: dark)').matches
			const ground = getComputedStyle(page.querySelector('figure svg rect')).fill
			said.textContent = \`said \${root.clientWidth > 0 && root.scrollWidth <= root.clientWidth} outside \${outside.length} dark \${dark} ground \${ground}\`
		}
		</script>
	END
	browse frame --allow-file-access-from-files --virtual-time-budget=3000 "${@:3}" 2>/dev/null | grep -o 'said [tf][^<]*'
}

if command -v chromium >/dev/null; then
	for page in page fleet hell plan; do
		for width in 390 1280; do
			said=$(fits $page $width)
			[[ $said == 'said true outside 0 dark false ground rgb(255, 255, 255)' ]] || complain "$page, $width px wide: ${said:-nothing}"
		done
	done
	said=$(fits page 390 --blink-settings=preferredColorScheme=0)
	[[ $said == 'said true outside 0 dark true ground rgb(22, 22, 22)' ]] || complain "in the dark: ${said:-nothing}"
	for page in page hell fleet; do
		browse $page --enable-logging=stderr --v=0 --log-net-log="$folder/$page.net" >$page.dom 2>$page.err
		grep -q '</html>' $page.dom || complain "$page: Chromium shows nothing"
		grep 'CONSOLE' $page.err && complain "$page: words on the console"
		grep -oE '"url":"(https?|ftp|ws)[^"]*"' "$page.net" | grep -vE 'google|gstatic|gvt1' | grep -q . && complain "$page: a request leaves the page"
	done
else
	echo 'Chromium: left out, it is not installed'
fi
((failures == 0))
