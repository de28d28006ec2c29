#!/usr/bin/env bash
# Usage: library_test.sh SIM BUILD COMPILER
# libsim as it is installed, moved elsewhere and found by pkg-config: programs of examples/ and
# tests/library/ are built against it and give what the command gives; it exports what sim.h
# declares and nothing else; a model out of tree; and the reader in Python.
set -uo pipefail
sim=$(realpath "$1") build=$(realpath "$2") compiler=$3
source=$(realpath "$(dirname "$0")/../..")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0

complain() {
	printf '%s\n' "$1"
	((failures++))
}
skip() {
	printf 'skipped: %s\n' "$1"
	exit 77
}
for program in pkg-config cmake jq; do
	command -v $program >/dev/null || skip "$program is not installed"
done
[[ -f $build/lib/libsim.so ]] || skip 'libsim is not built here'

DESTDIR=$folder/root cmake --install "$build" --prefix /usr >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
installed="$folder/moved here"
mv "$folder/root/usr" "$installed"
export PKG_CONFIG_PATH=$installed/lib/pkgconfig LD_LIBRARY_PATH=$installed/lib
unset SIM_PATH
scenario=$source/scenarios/s390-pv/reboot-64g.json # its prices are found in share/sim, from the library
cd "$folder" || exit 1

# compile OUT PACKAGE SOURCE FLAGS...
compile() {
	local out=$1 package=$2 file=$3
	eval "set -- $(pkg-config --cflags --libs "$package") ${*:4}" # a folder with a blank in its name
	"$compiler" -Wall -Wextra -Werror -o "$out" "$file" "$@" || complain "$file does not compile"
}

# --- what it exports, and the header
declared=$(grep -oE '\bsim_[a-z0-9_]+\(' "$installed/include/sim.h" | tr -d '(' | sort -u)
exported=$(nm -D --defined-only "$installed/lib/libsim.so" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort)
[[ -n $exported && $declared == "$exported" ]] ||
	complain "declared and exported differ: $(diff <(echo "$declared") <(echo "$exported"))"
readelf -d "$installed/lib/libsim.so" | grep -q 'SONAME.*\[libsim\.so\.0\]' || complain 'its soname is not libsim.so.0'
# Optimised as a whole it has nothing left that could end, print to or change the process.
if "$compiler" --version | grep -q 'Free Software'; then
	could=$(nm -D -u "$installed/lib/libsim.so" | awk '{ sub(/@.*/, "", $NF); print $NF }' |
		grep -xE '_?exit|abort|quick_exit|atexit|signal|sigaction|setlocale|stdout|stderr|(__)?v?printf(_chk)?|puts|putchar|perror|gsl_set_error_handler.*|json_set_alloc_funcs.*')
	[[ -z $could ]] || complain "it could end or change the process: $could"
fi
printf '#include <sim.h>\nint main(void) { return sim_interface_version() - SIM_INTERFACE_VERSION; }\n' >header.c
compile header sim header.c -std=c99 -pedantic && ./header || complain 'the header alone'
if command -v c++ >/dev/null; then
	cp header.c header.cc
	sed -i 's/(void)/()/' header.cc
	c++ -Wall -Wextra -Werror -I"$installed/include" -c -o header.o header.cc || complain 'the header in C++'
fi
[[ $(pkg-config --modversion sim) == "$("$sim" --version | sed -n 's/^sim //p')" ]] || complain 'another version'

# --- a program that checks everything, in a locale with a decimal comma where there is one
mkdir locales
localedef -i de_DE -f UTF-8 locales/de_DE.UTF-8 2>/dev/null && comma=yes || comma=no
compile check sim "$source/tests/library/library_check.c" -pthread '$(pkg-config --cflags --libs gsl jansson)'
LOCPATH=$folder/locales LC_ALL=de_DE.UTF-8 ./check "$scenario" >out.json 2>err || complain "library_check: $(cat err)"
if [[ $comma == yes ]]; then
	[[ $(cat err) == , ]] || complain "not in a locale with a comma, or more was printed: $(cat err)"
else
	echo 'no locale with a decimal comma can be made here (package locales)'
	[[ $(cat err) == . ]] || complain "something was printed: $(cat err)"
fi
"$sim" run "$scenario" --study band --format json -o cli.json || complain 'sim run fails'
cmp out.json cli.json || complain 'the library and the command write different results'

# --- the example: numbers of the command; a setting; errors with status
compile reboot sim "$source/examples/reboot.c"
./reboot "$scenario" >out 2>err || complain "reboot: $(cat err)"
[[ ! -s err ]] || complain "reboot writes: $(cat err)"
diff <(sed -nE 's/^(mean|p50|p99|band of prices from): (.*) s$/\2/p' out) \
	<(jq -r '.answer | .mean, .p50, .p99, .band95[0]' cli.json | awk '{ printf "%.9g\n", $1 / 1e9 }') ||
	complain 'the example and the command give different numbers'
[[ $(sed -nE 's/^(mean|p50|p99|band of prices from): .* s$/\1/p' out | wc -l) == 4 ]] || complain 'four numbers are missing'
./reboot "$scenario" /guests/0/strategy=sync >sync || complain 'reboot with a setting'
cmp -s out sync && complain 'a setting changes nothing'
./reboot "$scenario" /guests/0/strategy=snyc >out 2>err
(($? == 2)) && grep -q 'did you mean "sync"' err || complain "a wrong setting: $(cat err)"

# --- a model out of tree, linked with the static library
compile model sim-model "$source/examples/model.c" -std=gnu17
pinned=$source/examples/pinned.json
"$sim" check "$pinned" >/dev/null 2>&1 && complain 'the command knows the model of the example'
mean() { # STRATEGY, of the reboot
	./model "$pinned" /guests/0/strategy="$1" | jq '.metrics[] | select(.name == "reboot.latency").mean'
}
# 16 GiB of which 0.8 are there: 3,355,443 pages, 100 ns to unpin and 300 ns to pin
awk -v again="$(mean again)" -v keep="$(mean keep)" 'BEGIN { exit !((again - keep) / (3355443 * 400) > 0.99 &&
	(again - keep) / (3355443 * 400) < 1.01) }' || complain "pinning again costs $(mean again) - $(mean keep) ns"
./model "$pinned" | jq -e '[.metrics[] | select(.name == "start.latency" or .name == "shutdown.latency").n] == [64, 128]' >/dev/null ||
	complain 'operations are missing'
spoil() { # PATTERN MESSAGE
	sed "$1" "$source/examples/model.c" >spoiled.c
	compile spoiled sim-model spoiled.c -std=gnu17
	./spoiled "$pinned" >/dev/null 2>err
	(($? == 2)) && grep -qF "$2" err || complain "not said: $2, but: $(cat err)"
}
spoil 's/"process.exit", TERM/"page.pin", TERM/' 'two terms are called page.pin'
spoil 's/\.name = "pinned"/.name = "kvm"/' 'there is a model kvm already'
spoil 's/\.name = "pinned"/.name = "My model"/' 'a model is called "My model"'
spoil 's/MARK(MILESTONE_DONE),//' 'is never marked as done'

# --- what docs/library.md shows, as it stands there
mkdir page && ln -s "$source/examples" "$source/scenarios" page/ && ln -s "$installed" usr
shown=0
while IFS= read -r line; do
	[[ $line == examples/*.py* ]] && ! command -v python3 >/dev/null && continue
	((shown++))
	(cd page && PATH=$(dirname "$sim"):$PATH PKG_CONFIG_PATH=$folder/usr/lib/pkgconfig bash -c "$line") >out 2>err || complain "docs/library.md: $line: $(head -n 3 err)"
done < <(grep -E '^    (cc |\./|sim [a-z]|examples/)' "$source/docs/library.md" | sed 's/^ *//')
((shown >= 5)) || complain "docs/library.md shows only $shown commands"

# --- the reader in Python
if ! command -v python3 >/dev/null || ! python3 -c 'import sqlite3' 2>/dev/null; then
	echo 'not run: examples/read_result.py; there is no python3 with sqlite3'
	exit $((failures != 0))
fi
reader() {
	python3 -I -B "$source/examples/read_result.py" "$@"
}
[[ $(reader cli.json --metric reboot.latency | cut -f 5) == "$(jq .answer.mean cli.json)" ]] || complain 'reader: mean of a result'
[[ $(reader cli.json --json | jq -c '.points[0].metrics[] | select(.band95) | [.name, .band95]') == \
	"$(jq -c '[.answer.metric, .answer.band95]' cli.json)" ]] || complain 'reader: band of a result'
"$sim" sweep "$source/scenarios/s390-pv/designs.json" --replications 4 --set /guests/0/strategy=async,sync \
	--set /guests/0/memory=4GiB,8GiB -o s.sqlite --csv s.csv || complain 'sim sweep fails'
reader s.sqlite --json >s.json || complain 'reader: a sweep'
jq -e '.kind == "sweep" and .missing == 0 and (.points | length) == 4 and
	.points[3].settings == {"/guests/0/strategy": "sync", "/guests/0/memory": "8GiB"}' s.json >/dev/null || complain 'reader: points'
python3 -I - s.csv s.json <<'PYTHON' || complain 'reader: a sweep and its export differ'
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1])))
points = json.load(open(sys.argv[2]))["points"]
read = [(point["settings"]["/guests/0/strategy"], point["settings"]["/guests/0/memory"], metric["name"], metric["mean"])
        for point in points for metric in point["metrics"]]
told = [(row["/guests/0/strategy"], row["/guests/0/memory"], row["metric"], float(row["mean"]) if row["mean"] else None)
        for row in rows]
key = lambda item: item[:3]
same = len(read) == len(told) > 50 and all(
    a[:3] == b[:3] and (a[3] == b[3] or abs(a[3] - b[3]) <= 1e-12 * abs(b[3]))
    for a, b in zip(sorted(read, key=key), sorted(told, key=key)))
sys.exit(not same)
PYTHON
"$sim" plan "$source/scenarios/s390-pv/plan-wave.json" --set /plan/between='[1, 4]' --format json -o plan.json
[[ $(reader plan.json --json | jq -c '[.answers[] | [.for, .value]]') == "$(jq -c '[.answers[] | [.for, .value]]' plan.json)" ]] ||
	complain 'reader: a plan'
refuse() { # FILE MESSAGE
	reader "$1" >/dev/null 2>err
	(($? == 2)) && grep -q "$2" err && ! grep -q Traceback err || complain "$1 is not refused: $(tail -n 1 err)"
}
head -c 6000 s.sqlite >cut.sqlite
damage() { # FILE SQL: one thing of the sweep
	cp s.sqlite "$1"
	python3 -I -c 'import sqlite3, sys; base = sqlite3.connect(sys.argv[1]); base.executescript(sys.argv[2]); base.commit()' "$1" "$2"
}
damage value.sqlite "UPDATE metric SET mean = mean * 1.0000000001 WHERE point = 2 AND name = 'reboot.latency'"
damage seed.sqlite "UPDATE sweep SET value = '8' WHERE key = 'seed'"
damage view.sqlite 'CREATE VIEW v AS SELECT 1'
jq '.version = 99' cli.json >later.json
jq 'del(.metrics)' cli.json >less.json
refuse cut.sqlite 'damaged'
refuse value.sqlite 'values of point 2'
refuse seed.sqlite 'of the sweep is not'
refuse view.sqlite 'more than tables'
refuse later.json 'version 99'
refuse less.json 'is missing'
refuse "$scenario" 'format None'
refuse "$source/README.md" 'neither a sweep nor JSON'
refuse nowhere.json 'No such file'
((failures == 0))
