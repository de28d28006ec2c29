#!/usr/bin/env bash
# Usage: check_tidy_test.sh BUILD STATES
# check_tidy must find what it is for: a macro that falls apart, a null pointer that is followed, and
# both in a header's inline function.
set -uo pipefail
build=$1 states=$2
check=$(dirname "$0")/check_tidy
folder=$(mktemp -d)/sim
trap 'rm -rf "${folder%/sim}"' EXIT
mkdir "$folder"
failed=0

# NAME WANTED-CHECK (the file is standard input)
plant() {
	local said status
	cat >"$folder/$1"
	said=$("$check" "$build" "$states" "$folder" 2>&1)
	status=$?
	((status == 77)) && exit 77
	if [[ $2 == none ]]; then
		((status == 0)) || { echo "a clean file is refused: $said"; failed=1; }
	elif ((status == 0)) || [[ $said != *"[$2"* ]]; then
		echo "$2 is not found: $said"
		failed=1
	fi
}

plant clean.c none <<<'int twice(int x);
int twice(int x)
{
	return 2 * x;
}'
plant macro.c bugprone-macro-parentheses <<<'#define TWICE(x) 2 * x
int four(void);
int four(void)
{
	return TWICE(2);
}'
rm "$folder/macro.c"
plant null.c clang-analyzer-core.NullDereference <<<'int first(const int *items, int count);
int first(const int *items, int count)
{
	if (!items && count > 0)
		return *items;
	return 0;
}'
rm "$folder/null.c"
echo 'static inline int first(const int *items) { return items ? 0 : *items; }' >"$folder/first.h"
plant header.c clang-analyzer-core.NullDereference <<<'#include "first.h"
int second(const int *items);
int second(const int *items)
{
	return first(items);
}'
exit $failed
