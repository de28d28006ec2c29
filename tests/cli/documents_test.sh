#!/usr/bin/env bash
# Usage: documents_test.sh SIM
# Every command line of README and docs/ runs, in the order in which they stand there. A JSON
# block under a line "`NAME.json`:" is that file. Lines with words in capitals or /path/to are
# patterns, not commands.
set -uo pipefail
sim=$(realpath "$1") source=$(realpath "$(dirname "$0")/../..")
PATH=$(dirname "$sim"):$PATH
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
ln -s "$source/scenarios" scenarios
ln -s "$source/tests" tests
printf 'GiB,s\n16,8.4\n32,16.9\n64,33.6\n128,67.3\n' >teardown.csv
failures=0 runs=0

# The files that a page shows.
files_of() {
	awk '
		/^`[a-z-]+\.json`:$/ { name = substr($0, 2, length($0) - 3); next }
		/`[a-z-]+\.json`:$/ { match($0, /`[a-z-]+\.json`:$/); name = substr($0, RSTART + 1, RLENGTH - 3); next }
		name && /^    / { print substr($0, 5) >name; inside = 1; next }
		name && inside { close(name); name = ""; inside = 0 }
	' "$1"
}

for page in "$source"/README.md "$source"/docs/*.md "$source"/docs/models/*.md; do
	files_of "$page"
	while IFS= read -r line; do
		line=${line#    } line=${line%%  #*} line=${line//scripts\/run /sim }
		[[ $line =~ ^(sim|scripts\/run)[[:space:]]*$|[^A-Za-z_-][A-Z]{4,}|/path/to ]] && continue
		((runs++))
		bash -c "$line" >out 2>err </dev/null
		status=$?
		if ((status != 0 && status != 3 && status != 5)); then # 3: an objective is missed; 5: all fails, as it should
			printf '%s: exit status %d\n  %s\n' "${page#"$source"/}" $status "$line"
			head -5 err
			((failures++))
		fi
	done < <(grep -E '^    (sim|scripts/run)( |$)' "$page")
done
((runs > 50)) || { echo "only $runs commands"; ((failures++)); }
((failures == 0))
