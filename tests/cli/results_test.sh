#!/usr/bin/env bash
# Usage: results_test.sh SIM [SOURCE]
# The program gives the numbers in results/ again, to the byte: of every scenario that is
# shipped, and of no other. Else it says which differ, and what to do. Timings (results/bench,
# results/machine) are none of them.
set -uo pipefail
sim=$(realpath "$1") source=$(realpath "${2:-$(dirname "$0")/../..}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$source" || exit 1
failed=0 compared=0

tell() {
	echo "$1"
	failed=1
}

NUMBERS_ONLY=1 SIM=$sim scripts/reproduce "$folder" || exit 1 # it says what gives no numbers
while read -r file; do
	((++compared))
	if [[ ! -e results/$file ]]; then
		tell "results/$file: this scenario has no results yet"
	elif [[ ! -e $folder/$file ]]; then
		tell "results/$file: no scenario gives these results"
	elif ! cmp -s "results/$file" "$folder/$file"; then
		tell "results/$file: the program gives other numbers"
		diff "results/$file" "$folder/$file" | head -n 4
	fi
done < <((cd results && find . \( -path ./bench -o -path ./machine \) -prune -o -type f -print; cd "$folder" && find . -type f) | sed 's|^\./||' | sort -u)
((failed == 0)) || echo "Is that on purpose? Then run scripts/reproduce and commit results/ with the reason."
echo "$compared files compared"
exit $failed
