#!/usr/bin/env bash
# Usage: completion_test.sh SIM
# Completion knows commands, options and values: it asks the program, and its scripts hand on what that says. In
# bash as its readline calls it, and as somebody types at a terminal; in zsh and fish where they are installed.
set -uo pipefail
sim=$(realpath "$1")
source=$(realpath "$(dirname "$0")/../..")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
PATH=$(dirname "$sim"):$PATH
cp "$source/scenarios/s390-pv/reboot-64g.json" r.json
failures=0

complain() {
	printf '%s\n' "$1"
	((failures++))
}

offers() { # WANTED WORDS...: the program offers these words, and no others
	local found
	found=$(sim completion words -- "${@:2}" | tr '\n' ' ')
	[[ $found == "$1" || $found == "$1 " ]] || complain "sim ${*:2}<TAB>: $found"
}

offers 'sweep ' sw
offers '--resume ' sweep --res
offers '--format=json ' run r.json --format=js
offers 'json ' run r.json --format js
offers '/guests/0/ /guests/db/ ' run r.json --set /guests/
offers '/guests/db/model= /guests/db/memory= /guests/db/memory_limit= /guests/db/memmap_threads= ' run r.json --set /guests/db/m
offers '/guests/db/strategy=async /guests/db/strategy=async-fast /guests/db/strategy=async-7.0 ' run r.json --set /guests/db/strategy=as
offers '/guests/0/strategy=sync,async /guests/0/strategy=sync,async-fast /guests/0/strategy=sync,async-7.0 ' compare r.json --over /guests/0/strategy=sync,as
offers '/guests/0/model=sev-snp /guests/0/model=sev ' run --set /guests/0/model=se
offers '/events/0/guests=db ' run r.json --set /events/0/guests=
offers '/objectives/0/metric=reboot.latency ' run r.json --set /objectives/0/metric=reb
offers '/experiment/spread=true /experiment/spread=false ' run r.json --set /experiment/spread=
offers '/fleet/placement=least-limbo ' run --set /fleet/placement=l
offers 'teardown.latency ' compare r.json --metric teardown.la
offers 'teardown.latency ' run r.json --metric teardown.la
offers 'uvc.destroy_page ' fit --term uvc.destroy_p
offers 'epyc-7j13 ' run r.json --platform epyc-7
offers '/guests/0/vmm=qemu /guests/0/vmm=qemu-microvm ' run --set /guests/0/vmm=q
offers '/platform=epyc-7j13 ' check r.json --set /platform=epyc-7
offers 'profile ' costs kvm --format p
cp "$source/scenarios/devices/bar-32g.json" d.json
offers '/guests/0/devices/0/kind=vfio /guests/0/devices/0/kind=vhost-user ' run d.json --set /guests/0/devices/0/kind=v
# versions: where something changes, and the newest
for key in /host/kernel /guests/0/qemu; do
	versions=$(sim completion words -- run r.json --set $key= | sed 's/.*=//')
	(($(wc -l <<<"$versions") > 2)) && sort -V -c <<<"$versions" || complain "$key: $versions"
	for version in $versions; do
		sim check r.json --set $key="$version" >/dev/null 2>err || complain "$key=$version: $(cat err)"
	done
done
offers 's390-pv/async/reboot :files ' flows s390-pv/async/r
offers 'sev-snp sev ' models se
offers 'bash ' completion b
offers ':files ' run r.json -o ''
offers '' nonsense ''
offers '' run r.json --seed ''
offers '' run missing.json --set /guests/0/nothing=
# a scenario that is no JSON does no harm
echo nonsense >broken.json
offers '/guests/0/model=sev-snp /guests/0/model=sev ' run broken.json --set /guests/0/model=se

# every option that --help shows
for command in $(sim --help | awk '/^  [a-z]/ && $1 != "sim" { print $1 }'); do
	offered=$(sim completion words -- "$command" -- --)
	for option in $(sim "$command" --help | grep -E '^ +(-.(, |  ))?--' | grep -oE -- '--[a-z-]+' | sort -u | grep -v -- --usage); do
		grep -q -x -e "$option=\?" <<<"$offered" || complain "sim $command --<TAB> lacks $option"
	done
done

# --- bash ---------------------------------------------------------------------
sim completion bash >sim.bash
bash -n sim.bash || complain 'bash does not read its completion'
bash_offers() { # WANTED LINE: what replaces the word at the cursor, by bash's rules
	local found
	found=$(bash -c 'source ./sim.bash; COMP_LINE=$1 COMP_POINT=${#1}; _sim; echo "${COMPREPLY[*]}"' _ "$2")
	[[ $found == "$1" ]] || complain "bash, $2<TAB>: $found"
}
bash_offers sweep 'sim sw'
bash_offers '--resume' 'sim sweep --res'
bash_offers json 'sim run r.json --format=js' # bash cuts words at =
bash_offers 'async async-fast async-7.0' 'sim run r.json --set /guests/db/strategy=as'
bash_offers r.json 'sim run r'
bash_offers r.json 'sim run r.json --output=r'
bash_offers "$(sim completion words -- models '' | tr '\n' ' ' | sed 's/ $//')" 'sim models '

# LINE|what it becomes: every kind of value that there is one of
values=(
	'sim models sev-|models sev-snp'
	'sim run r.json --set /guests/0/model=td|model=tdx'
	'sim run r.json --set /guests/db/strategy=la|strategy=lazy'
	'sim compare r.json --metric teardown.la|teardown.latency'
	'sim fit --term uvc.destroy_p|uvc.destroy_page'
	'sim run r.json --platform epyc-7|epyc-7j13'
	'sim run r.json --set /guests/0/qemu=2.|qemu=2.11'
	'sim run d.json --set /guests/0/devices/0/kind=vf|kind=vfio'
	'sim flows s390-pv/async/reb|s390-pv/async/reboot'
	'sim run r.json --format=js|--format=json'
	'sim run r.json --output=r|--output=r.json'
	'sim run r.json -o r|-o r.json'
	'sim sw|sim sweep'
)

# as somebody types it: a terminal, readline, the TAB key
if python3 -c 'import pty' 2>/dev/null; then
	cat >type.py <<'PYTHON'
import os, pty, re, select, sys, time

def shown(seen): # without bells and colours
	return re.sub(rb"\x07|\x1b\[[0-9;?]*[A-Za-z]", b"", seen)

def typed(shell, begin, keys, wanted):
	"""What the terminal shows of keys that are typed, until `wanted` is in it or a minute is over."""
	pid, terminal = pty.fork()
	if pid == 0:
		os.environ.update(TERM="xterm", PS1="$ ", COLUMNS="200")
		os.execvp(shell[0], shell)
	seen = b""
	def read(until):
		nonlocal seen
		end = time.time() + 60
		while until not in shown(seen) and time.time() < end:
			if select.select([terminal], [], [], 1)[0]:
				try:
					seen += os.read(terminal, 4096)
				except OSError:
					break
		return until in shown(seen)
	os.write(terminal, begin.encode() + b" echo rea''dy\n")
	if read(b"ready"):
		seen = b""
		os.write(terminal, keys.encode())
		found = read(wanted.encode())
	else:
		found = False
	os.close(terminal)
	os.waitpid(pid, 0)
	if not found:
		print(shell[0], repr(keys), "shows", seen[-600:])
	return found

shell, begin = sys.argv[1].split(), sys.argv[2]
ok = True
for keys, wanted in zip(sys.argv[3::2], sys.argv[4::2]):
	ok = typed(shell, begin, keys.replace("TAB", "\t"), wanted) and ok
sys.exit(not ok)
PYTHON
	python3 type.py 'bash --norc --noprofile -i' 'source ./sim.bash;' \
		'sim run r.json --set /guests/db/stTAB' 'rategy=' \
		'sim run r.json --set /guests/db/strategy=laTAB' 'strategy=lazy' \
		'sim swTAB' 'sim sweep' || complain 'bash at a terminal'
	pairs=()
	for value in "${values[@]}"; do
		pairs+=("${value%%|*}TAB" "${value##*|}")
	done
	python3 type.py 'bash --norc --noprofile -i' 'source ./sim.bash;' "${pairs[@]}" || complain 'bash: values at a terminal'
	if command -v zsh >/dev/null; then
		sim completion zsh >_sim
		zsh -n _sim || complain 'zsh does not read its completion'
		python3 type.py 'zsh -f -i' 'autoload -Uz compinit; compinit -u -D; source ./_sim;' \
			'sim run r.json --set /guests/db/stTAB' 'rategy=' \
			'sim run "r.json" --set "/guests/db/memory_TAB' 'memory_limit=' \
			'sim models TABTAB' 'sev-snp' \
			"${pairs[@]}" || complain 'zsh at a terminal'
	else
		echo 'zsh is not installed: its completion was not tried'
	fi
else
	echo 'there is no python3: nothing was typed at a terminal'
fi
if command -v fish >/dev/null; then
	sim completion fish >sim.fish
	fish_offers() { # WANTED LINE
		local found
		found=$(HOME=$folder fish --no-config -c "source sim.fish; complete -C '$2'" | tr '\n' ' ')
		[[ $found == "$1 " ]] || complain "fish, $2<TAB>: $found"
	}
	fish_offers '/guests/db/strategy=async /guests/db/strategy=async-fast /guests/db/strategy=async-7.0' 'sim run r.json --set /guests/db/strategy=as'
	fish_offers '/guests/db/memory_limit=' 'sim run "r.json" --set "/guests/db/memory_'
	fish_offers "$(sim completion words -- models '' | tr '\n' ' ' | sed 's/ $//')" 'sim models '
	for value in "${values[@]}"; do
		wanted=${value##*|} line=${value%%|*}
		found=$(HOME=$folder fish --no-config -c "source sim.fish; complete -C '$line'")
		[[ "${line% *} $found" == *"$wanted" && $found != *$'\n'* ]] || complain "fish, $line<TAB>: $found"
	done
else
	echo 'fish is not installed: its completion was not tried'
fi
exit $((failures > 0))
