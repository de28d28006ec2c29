#!/usr/bin/env bash
# Usage: manual_test.sh SIM
# Manual page and completions know every command and option that --help shows, and are
# without errors for the programs that read them.
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
for shell in bash zsh fish; do "$sim" completion $shell >"sim.$shell"; done
commands=$("$sim" --help | awk '/^  [a-z]/ && $1 != "sim" { print $1 }')
(($(wc -w <<<"$commands") >= 17)) || complain "few commands: $commands"
for command in $commands; do
	grep -q "^\.SS sim $command" sim.1 || complain "the manual lacks $command"
	for option in $("$sim" $command --help | grep -E '^ +(-.(, |  ))?--' | grep -oE -- '--[a-z-]+' | sort -u | grep -vE -- '--(help|usage)$'); do
		option=${option#--}
		awk -v c="$command" '/^\.SS/ { on = $3 == c } on' sim.1 | sed 's/\\-/-/g' | grep -q -- "--$option" ||
			complain "the manual lacks $command --$option"
		grep -q -- "seen_subcommand_from $command' -l $option" sim.fish || complain "fish lacks $command --$option"
		grep -E -- "^	$command\) options=" sim.bash | grep -q -- "--$option\b" || complain "bash lacks $command --$option"
		grep -q -- "'--$option[=[]" sim.zsh || complain "zsh lacks $command --$option"
	done
done
if command -v man >/dev/null; then
	[[ -z $(man --warnings -l sim.1 2>&1 >/dev/null) ]] || complain "man: $(man --warnings -l sim.1 2>&1 >/dev/null)"
fi
bash -n sim.bash || complain 'bash does not read its completion'
for shell in zsh fish; do
	command -v $shell >/dev/null && { $shell -n sim.$shell || complain "$shell does not read its completion"; }
done
# as a user presses TAB
complete_words() {
	bash -c 'source ./sim.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sim; echo "${COMPREPLY[*]}"' _ "$@"
}
[[ $(complete_words sim sw) == sweep ]] || complain 'sim sw<TAB>'
[[ $(complete_words sim sweep --res) == --resume ]] || complain 'sim sweep --res<TAB>'
touch a-scenario.json
[[ $(complete_words sim run a-) == a-scenario.json ]] || complain 'sim run a-<TAB>'
((failures == 0))
