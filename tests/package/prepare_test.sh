#!/usr/bin/env bash
# Usage: prepare_test.sh SOURCE SIM
# Where there is no apt, scripts/prepare builds when all is there, and else names what is missing; it configures
# anew when something was installed since; and what sim starts, it installs, and so do container and package.
set -uo pipefail
source=$(realpath "$1") sim=$(realpath "$2")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/a tree/scripts" "$folder/bin"
cp "$source/scripts/prepare" "$folder/a tree/scripts/"
for program in bash env dirname mkdir cat; do
	ln -s "$(command -v $program)" "$folder/bin/"
done
failed=0

stub() { # NAME TEXT
	printf '#!/usr/bin/env bash\n%s\n' "$2" >"$folder/bin/$1"
	chmod +x "$folder/bin/$1"
}
prepare() {
	(cd "$folder/a tree" && PATH=$folder/bin CC='' scripts/prepare debug not-needed >../out 2>&1)
}
stub cc :
stub ninja :
stub cmake "echo \"\$*\" >>'$folder/called'"
stub pkg-config '[[ $2 != jansson ]]'
prepare && { echo 'it goes on without jansson'; failed=1; }
[[ ! -e $folder/called ]] || { echo 'it builds without jansson'; failed=1; }
grep -q 'no apt' "$folder/out" && grep -q '^  jansson' "$folder/out" && [[ $(grep -c '^  ' "$folder/out") == 1 ]] ||
	{ echo "other things are missing: $(cat "$folder/out")"; failed=1; }
stub pkg-config :
prepare || { echo "all is there, but: $(cat "$folder/out")"; failed=1; }
grep -qx -- '--preset debug' "$folder/called" && grep -qx -- '--build --preset debug' "$folder/called" ||
	{ echo "it does not build: $(cat "$folder/called" "$folder/out")"; failed=1; }
if [[ -e /var/lib/dpkg/status ]]; then
	again() { # WHEN build.ninja was written
		touch -d "$1" "$folder/a tree/build/debug/build.ninja"
		: >"$folder/called"
		prepare && grep -qx -- '--preset debug' "$folder/called"
	}
	mkdir "$folder/a tree/build/debug"
	again '2 seconds' && { echo 'it configures what is up to date'; failed=1; }
	again 1970-01-02 || { echo 'it does not look for what was installed since'; failed=1; }
fi
rm "$folder/bin/cc"
prepare && { echo 'it goes on without a compiler'; failed=1; }

"$sim" run "$source/scenarios/s390-pv/reboot-64g.json" --replications 8 --study none --format json -o "$folder/result.json" ||
	failed=1
for command in "flows s390-pv/async/reboot --format svg" "plot $folder/result.json --kind ccdf -o $folder/tail.svg"; do
	PATH=/nowhere "$sim" $command >/dev/null 2>"$folder/err" && { echo "it draws with nothing: sim $command"; failed=1; }
	package=$(sed -nE 's/.*apt install ([a-z-]+).*/\1/p' "$folder/err")
	for file in scripts/prepare scripts/container cmake/package.cmake; do
		[[ $package ]] && grep -v '^ *#' "$source/$file" | grep -qE "(^|[^a-z-])$package([^a-z-]|$)" ||
			{ echo "$file has no \"$package\", which sim $command starts"; failed=1; }
	done
done
exit $failed
