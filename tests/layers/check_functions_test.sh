#!/usr/bin/env bash
# Usage: check_functions_test.sh COMPILER
# check_functions names each call of a function that is not the same everywhere, and passes
# those that are, and names that only look alike.
set -uo pipefail
check=$(realpath "$(dirname "$0")/check_functions")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failed=0

library() { # EXPRESSION: a.a with a function that returns it
	printf 'double %s(double);\ndouble f(double x);\ndouble f(double x) { return %s; }\n' \
		"${1%%(*}" "$1" >a.c
	"$compiler" -fno-builtin -c a.c && rm -f a.a && ar rc a.a a.o
}

compiler=$1
for call in log exp expm1 log1pf powl cos atan2 cbrt lgamma gsl_ran_gamma gsl_cdf_gamma_Qinv gsl_rng_get; do
	library "$call(x)" || exit 1
	if said=$("$check" a.a); then
		echo "$call: not found"
		failed=1
	elif [[ $said != *"U $call"* ]]; then
		printf '%s: not named, but\n%s\n' "$call" "$said"
		failed=1
	fi
done
for call in sqrt floor ceil fmax llround fabs elementary_log catalog power; do
	library "$call(x)" || exit 1
	"$check" a.a || failed=1
done
"$check" nowhere.a 2>err && { echo "a library that is not there passes"; failed=1; }
exit $failed
