#!/usr/bin/env bash
# Usage: documents_test.sh SIM [SOURCE [brief]]
# Every command line that users read runs as it stands: in blocks and in inline code of README,
# CONTRIBUTING and docs/, in the order in which they stand there; the examples of every command's
# --help and of sim --help, each command's in a folder of its own; and the manual has the same ones.
# A JSON block under a line "`NAME.json`:" is that file; tests/foreign/ has files of tracers. Lines of
# other programs (perf, bpftrace: they need root, or another host) do not run. Lines with words in
# capitals, "..." or /path/to are patterns, not commands. What pages quote of an answer is in it: in
# tours all blocks that are neither files nor commands, elsewhere those that begin as a report does.
# brief (for coverage): few replications, so that answers are others, and no long command.
set -uo pipefail
for program in gnuplot dot; do # they draw what sim writes
	command -v $program >/dev/null || { echo "skipped: $program is not installed"; exit 77; }
done
sim=$(realpath "$1") source=$(realpath "${2:-$(dirname "$0")/../..}") brief=${3:-}
PATH=$(dirname "$sim"):$PATH
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export ARGP_HELP_FMT=rmargin=400 # examples are not broken into lines
failures=0 runs=0 quoted=0
declare -A ran

# A folder with what commands are about; what they write stays out of the sources.
fill() {
	mkdir -p "$1/.zfunc" "$1/.config/fish/completions" "$1/models/costs" && cd "$1" || exit 1
	cp -r "$source/scenarios" scenarios
	ln -s "$source/tests" tests
	cp "$source"/tests/foreign/* .
	cp bpftrace-unmap.txt unmap.txt
	cp scenarios/published/sev-start.json my-table.json
	sed -i 's,"scenario": "\.\./,"scenario": "scenarios/,' my-table.json
	printf 'GiB,s\n16,8.4\n32,16.9\n64,33.6\n128,67.3\n' >teardown.csv
	cp teardown.csv data.csv
}

# The files that a page shows.
files_of() {
	awk '
		/^`[a-z-]+\.json`:$/ { name = substr($0, 2, length($0) - 3); next }
		/`[a-z-]+\.json`:$/ { match($0, /`[a-z-]+\.json`:$/); name = substr($0, RSTART + 1, RLENGTH - 3); next }
		name && /^    / { print substr($0, 5) >name; inside = 1; next }
		name && inside { close(name); name = ""; inside = 0 }
	' "$1"
}

is_pattern() {
	local line=${1#COLUMNS=72 }
	[[ $line =~ ^sim[[:space:]]*$|(^|[^A-Za-z0-9_-])[A-Z]{2,}([^A-Za-z0-9_]|$)|[[:space:]][A-Z]\.json|/path/to|\.\.\.|/pointer= ]]
}

# The same with few replications.
shorter() {
	sed -E 's/sim (run|compare|report|sensitivity|explain|plan) [^|&>;]*/& --replications 4 /g; s/ (prefault|microvm-nsdi)\>/ tdx-accept/' <<<"$1"
}

# run WHERE LINE
run() {
	local line=$2 status
	command -v man >/dev/null || line=${line%%| man*} # it only shows what sim has written
	((runs++))
	ran[$line]=1
	[[ -z $brief ]] || line=$(shorter "$line")
	HOME=$PWD bash -c "$line" >out 2>err </dev/null
	status=$?
	cat out err >>said
	# 3: an objective is missed; 4: too few replications to decide; 5: all fails, as it should
	if ((status != 0 && status != 3 && status != 5)) && [[ -z $brief || $status != 4 ]]; then
		printf '%s: exit status %d\n  %s\n' "$1" $status "$line"
		head -5 err
		((failures++))
	fi
}

# Commands in blocks of four blanks; a line that ends in "\" goes on.
blocks() {
	sed -e ':a' -e '/\\$/N; s/\\\n */ /; ta' "$1" | grep -E '^    (COLUMNS=72 )?(sim|scripts/run)( |$)' |
		sed -E 's/^    //; s/  #.*//; s,scripts/run( |$),sim ,g'
}

# What a page quotes of answers: lines in blocks that are neither a file's nor a command; outside of tours
# of blocks whose first line begins with a capital or a number, and is no code.
quotes() {
	awk -v all=$([[ $1 == */tour-*.md ]] && echo 1 || echo 0) '
		/`[a-z-]+\.json`:$/ { file = 1; next }
		/^    / {
			if (!inside) answer = all || /^    ([A-Z][a-z]|[0-9]+ )/ && !/[{}=]|;$/
			if (!file && answer && !/^    (COLUMNS=72 |alias |sim |scripts\/run)/) print
			inside = 1
			next
		}
		inside { file = inside = 0 }
	' "$1" | sed -E 's/^ +| +$//g'
}

# `sim ...` within a text, also where it is broken into two lines.
inline() {
	grep -v '^    ' "$1" | tr '\n' ' ' | grep -oE '`(sim|scripts/run) [^`]*`' | sed -E 's/^`|`$//g; s,^scripts/run ,sim ,'
}

pages=("$source"/README.md "$source"/CONTRIBUTING.md "$source"/docs/*.md "$source"/docs/models/*.md)
fill "$folder/pages"
for page in "${pages[@]}"; do
	files_of "$page"
	: >said
	while IFS= read -r line; do
		is_pattern "$line" || run "${page#"$source"/}" "$line"
	done < <(blocks "$page")
	[[ -z $brief ]] || continue
	while IFS= read -r line; do
		grep -qF -- "$line" said || { printf '%s: no command answers\n  %s\n' "${page#"$source"/}" "$line"; ((failures++)); }
		((quoted++))
	done < <(quotes "$page")
done
((quoted > 30)) || [[ $brief ]] || { echo "only $quoted lines of answers in pages"; ((failures++)); }
for page in "${pages[@]}"; do
	while IFS= read -r line; do
		is_pattern "$line" && continue
		[[ $line == "sim "*" "* ]] || line+=" --help" # the name of a command
		[[ -z ${ran[$line]:-} ]] || continue # in a block, or on another page
		run "${page#"$source"/} (inline)" "$line"
	done < <(inline "$page" | sort -u)
done
for page in "$source"/docs/*.md "$source"/docs/models/*.md; do
	[[ $page == */docs/README.md ]] || grep -qF "(${page#"$source"/docs/})" "$source/docs/README.md" ||
		{ echo "docs/README.md does not list ${page#"$source"/}"; ((failures++)); }
done
((runs > 90)) || { echo "only $runs commands in pages"; ((failures++)); }

# Examples behind the options of a --help.
examples() {
	sed -n '/^Examples\?:$/,/^$/p' | sed -e ':a' -e '/\\$/N; s/\\\n */ /; ta' | sed -nE 's/^  (source )?(.*)/\1\2/p'
}

"$sim" manual | sed -e 's/\\-/-/g; s/\\\\/\\/g; s/\\e$/\\/' | sed -e ':a' -e '/\\$/N; s/\\\n */ /; ta' -e 's/  */ /g' >"$folder/manual"
help_runs=0
for command in "" $("$sim" --help | awk '/^Examples/ { exit } /^  [a-z]+ / { print $1 }'); do
	"$sim" $command --help >"$folder/help" || { echo "sim $command --help fails"; ((failures++)); }
	mapfile -t lines < <(examples <"$folder/help")
	((${#lines[@]})) || { echo "sim $command --help has no example"; ((failures++)); }
	fill "$folder/help-$command"
	for line in "${lines[@]}"; do
		is_pattern "$line" && continue
		run "sim $command --help" "$line"
		((help_runs++))
		[[ -z $command ]] || grep -qF -- "$(sed 's/  */ /g' <<<"$line")" "$folder/manual" ||
			{ echo "the manual lacks the example of $command: $line"; ((failures++)); }
	done
	cd "$folder" && rm -rf "help-$command"
done
((help_runs > 25)) || { echo "only $help_runs examples in --help"; ((failures++)); }
((failures == 0))
