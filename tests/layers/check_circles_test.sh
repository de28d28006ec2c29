#!/usr/bin/env bash
# Usage: check_circles_test.sh CC
# check_circles names the files of a circle and what they call, and passes a library without one.
set -uo pipefail
check=$(realpath "$(dirname "$0")/check_circles")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failed=0

library() { # NAME FILE=TEXT...
	local name=$1 file
	shift
	for file in "$@"; do
		printf '%s\n' "${file#*=}" >"${file%%=*}.c"
		"$cc" -c -o "${file%%=*}.c.o" "${file%%=*}.c" || exit 1
	done
	ar rc "$name" "${@/%=*/.c.o}"
}

cc=$1
library good.a 'low=int low(void) { return 1; }' 'high=int low(void); int high(void) { return low(); }'
"$check" good.a || failed=1
library bad.a 'a=int b(void); int a(void) { return b(); }' 'b=int c(void); int b(void) { return c(); }' \
	'c=int (*a_too)(void); int a(void); int c(void) { a_too = a; return 1; }' 'd=int a(void); int d(void) { return a(); }'
said=$("$check" good.a bad.a) && failed=1
for circle in 'a calls b: b' 'b calls c: c' 'c calls a: a'; do
	[[ $said == *"  $circle"* ]] || { printf '"%s" is not named, but\n%s\n' "$circle" "$said"; failed=1; }
done
[[ $said != *'d calls'* ]] || { echo "d is in no circle: $said"; failed=1; }
exit $failed
