#!/usr/bin/env bash
# Usage: without_apt_test.sh SOURCE
# Where there is no apt, scripts/prepare builds when all is there, and else names what is missing.
set -uo pipefail
source=$(realpath "$1")
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
rm "$folder/bin/cc"
prepare && { echo 'it goes on without a compiler'; failed=1; }
exit $failed
