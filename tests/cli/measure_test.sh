#!/usr/bin/env bash
# Usage: measure_test.sh SIM
# docs/measure-your-host.md names every function of the table beside every term that it tells, and no
# function that the table does not have.
set -uo pipefail
sim=$(realpath "$1") page=$(realpath "$(dirname "$0")/../../docs/measure-your-host.md")
failures=0 pairs=0
complain() {
	echo "$1"
	((failures++))
}

rows=$("$sim" costs --functions --format json | jq -r '.[] | [.function, .term, .also // .term] | @tsv') || exit 1
while IFS=$'\t' read -r function term also; do
	((pairs++))
	grep -F "| \`$function\`" "$page" | grep -F "\`$term\`" | grep -qF "\`$also\`" ||
		complain "the page lacks: $function tells $term and $also"
done <<<"$rows"
while IFS= read -r function; do
	cut -f1 <<<"$rows" | grep -qxF "$function" || complain "the page has a function that tells nothing: $function"
done < <(sed -nE 's/^\| `([^`]*)`[^|]*\| `[a-z]+\..*/\1/p' "$page")
((pairs > 60)) || complain "only $pairs pairs"
exit $((failures > 0))
