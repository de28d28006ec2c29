#!/usr/bin/env bash
# Usage: manual_test.sh SIM
# The manual page knows every command and option that --help shows, and is without errors
# for the program that reads it (completions: completion_test.sh).
set -uo pipefail
sim=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failures=0

complain() {
	printf '%s\n' "$1"
	((failures++))
}

"$sim" manual >sim.1
commands=$("$sim" --help | awk '/^  [a-z]/ && $1 != "sim" { print $1 }')
(($(wc -w <<<"$commands") >= 17)) || complain "few commands: $commands"
for command in $commands; do
	grep -q "^\.SS sim $command" sim.1 || complain "the manual lacks $command"
	for option in $("$sim" $command --help | grep -E '^ +(-.(, |  ))?--' | grep -oE -- '--[a-z-]+' | sort -u | grep -vE -- '--(help|usage)$'); do
		option=${option#--}
		awk -v c="$command" '/^\.SS/ { on = $3 == c } on' sim.1 | sed 's/\\-/-/g' | grep -q -- "--$option" ||
			complain "the manual lacks $command --$option"
	done
done
if command -v man >/dev/null; then
	[[ -z $(man --warnings -l sim.1 2>&1 >/dev/null) ]] || complain "man: $(man --warnings -l sim.1 2>&1 >/dev/null)"
fi
((failures == 0))
