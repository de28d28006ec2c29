#!/usr/bin/env bash
# Usage: schema_test.sh SIM
# What sim reads fits the schemas that it prints: every shipped scenario, cost profile, published
# table and design, and the inputs of tests/cases. Who names a schema names the right one, and a
# wrong key does not fit. What sim writes fits the schemas of that: every format, of scenarios of
# every model; and headings of CSV are the columns that the reference lists. Needs python3 with
# jsonschema.
set -uo pipefail
sim=$(realpath "$1")
cd "$(dirname "$0")/../.." || exit 1
python3 -c 'import jsonschema' 2>/dev/null || { echo "there is no python3 with jsonschema"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for kind in scenario profile published design; do
	"$sim" schema $kind >"$folder/$kind" || exit 1
done
outputs=(result comparison plan sensitivity explanation validation stored-scenario resolved costs functions platform platforms)
for kind in "${outputs[@]}"; do
	"$sim" schema $kind >"$folder/$kind" || exit 1
done
write() { # KIND ARGUMENTS...: one more document of that kind
	((written++))
	"$sim" "${@:2}" >"$folder/$1.$written.json" 2>"$folder/err"
	(($? == 0 || $? == 3 || $? == 4 || $? == 5)) || [[ -s $folder/$1.$written.json ]] || { echo "sim ${*:2}: $(cat "$folder/err")"; exit 1; }
}
written=0 s390=scenarios/s390-pv/reboot-64g.json
write result run $s390 --format json
write result run scenarios/s390-pv/designs.json --replications 8 --study full --format json
write result run scenarios/sev/start-memlock.json --replications 4 --format json
write result run scenarios/s390-pv/crypto-queues.json --replications 8 --study none --format json
write result run scenarios/fleet/small-exit.json --format json
write result run scenarios/kvm/exit.json --platform epyc-7j13 --replications 4 --format json
write result run $s390 --study none --set /experiment/until=1s --format json
for model in arm64 cca kvm memslots sev tdx theory; do
	for file in $(ls scenarios/$model/*.json | head -n 3); do
		write result run "$file" --replications 2 --study none --set /experiment/until=20min --format json
	done
done
for file in tests/cases/*.json; do
	write result run "$file" --replications 2 --study none --format json
done
write comparison compare $s390 --over /guests/0/strategy=sync,async --replications 32 --format json
write comparison compare "$folder/result.1.json" "$folder/result.1.json" --format json
write plan plan scenarios/s390-pv/plan-wave.json --set '/plan/between=[1, 4]' --format json
write sensitivity sensitivity $s390 --replications 16 --format json
write sensitivity sensitivity $s390 --replications 16 --morris=2 --format json
write explanation explain $s390 --observed reboot.latency=34s --format json
write explanation explain $s390 --observations scenarios/s390-pv/reboot-times.csv --format json
write validation validate snp-concurrent tdx-accept memslot-zap-2g vfio-pin --format json # of the whole: results_test.sh
write stored-scenario replay "$folder/result.1.json" --extract /dev/stdout
write resolved check $s390 --resolved
write costs costs --format json
write costs costs sev --format json
write functions costs --functions --format json
write platforms platforms --format json
write platform platforms epyc-7j13 --format json
heading() { # KIND FILE: the columns of its reference, but those that vary
	diff <(head -n 1 "$2" | tr , '\n' | grep -v '^/') <("$sim" schema $1 --format md | sed -n 's/^| `\([a-z0-9_]*\)` |.*/\1/p') >"$folder/diff" ||
		{ echo "$1 has other columns"; cat "$folder/diff"; exit 1; }
}
"$sim" run $s390 --replications 4 --study none --format csv >"$folder/run.csv" && heading result-csv "$folder/run.csv"
"$sim" sensitivity $s390 --replications 4 --format csv >"$folder/sensitivity.csv" && heading sensitivity-csv "$folder/sensitivity.csv"
"$sim" sweep $s390 --replications 4 --study none --set /guests/0/vcpus=1,2 -o "$folder/s.sqlite" --csv "$folder/sweep.csv" && heading sweep-csv "$folder/sweep.csv"
"$sim" compare $s390 --over /guests/0/vcpus=1,2 --replications 4 --format csv | sed '1s/,teardown.latency.*//' >"$folder/compare.csv" && heading comparison-csv "$folder/compare.csv"
python3 - "$folder" <<'PYTHON'
import glob, json, os, sys
import jsonschema

files = {
	"scenario": [file for file in glob.glob("scenarios/*/*.json") + glob.glob("tests/cases/*.json")
	             if file.split("/")[1] not in ("published", "designs")],
	"profile": glob.glob("models/costs/*.json"),
	"published": glob.glob("scenarios/published/*.json"),
	"design": glob.glob("scenarios/designs/*.json"),
}
failed = 0

def fail(text):
	global failed
	failed += 1
	print(text)

for kind, names in files.items():
	schema = json.load(open(f"{sys.argv[1]}/{kind}"))
	jsonschema.Draft7Validator.check_schema(schema)
	validator = jsonschema.Draft7Validator(schema)
	names = [name for name in names if not name.endswith(".schema.json")]
	if not names:
		fail(f"there is no {kind}")
	for name in names:
		document = json.load(open(name))
		for error in validator.iter_errors(document):
			fail(f"{name}: /{'/'.join(map(str, error.path))}: {error.message[:200]}")
		named = os.path.join(os.path.dirname(name), document.get("$schema", "none"))
		if name.startswith("tests/") or (kind == "design" and named.endswith("none")):
			pass
		elif not os.path.exists(named) or json.load(open(named))["title"] != schema["title"]:
			fail(f"{name}: $schema does not name the schema of a {kind}")
		if validator.is_valid(document | {"wrong": 1}):
			fail(f"{name}: a wrong key fits the schema")
		if kind == "scenario" and document["guests"] and "designs" not in document:
			document["guests"][0]["strategy"] = "wrong"
			if validator.is_valid(document):
				fail(f"{name}: a wrong strategy fits the schema")
	print(f"{len(names)} files of kind {kind}")

# A validator points at what is wrong, not at the whole guest.
validator = jsonschema.Draft7Validator(json.load(open(f"{sys.argv[1]}/scenario")))
good = json.load(open("scenarios/s390-pv/reboot-64g.json"))
for pointer, value in [("guests/0/memory", "64"), ("guests/0/memory", 64), ("guests/0/image", "100"),
                       ("guests/0/model", "s390"), ("guests/0/strategy", "Async"), ("guests/0/resident", 80),
                       ("objectives/0/metric", "reboot.latenzy")]:
	wrong = json.loads(json.dumps(good | {"objectives": [{"metric": "lock.mmap_lock.wait", "at_most": "1s"}]}))
	assert validator.is_valid(wrong)
	*way, key = [int(word) if word.isdigit() else word for word in pointer.split("/")]
	at = wrong
	for word in way:
		at = at[word]
	at[key] = value
	found = ["/".join(map(str, error.absolute_path)) for error in validator.iter_errors(wrong)]
	if set(found) != {pointer}:
		fail(f"{pointer} = {value!r}: the schema points at {found}")

def spoil(document, schema):
	"""A key of the document that must be there is not."""
	first = document[0] if isinstance(document, list) else document
	del first[(schema["items"] if isinstance(document, list) else schema)["required"][-1]]

outputs = {}
for name in sorted(glob.glob(f"{sys.argv[1]}/*.*.json")):
	outputs.setdefault(os.path.basename(name).split(".")[0], []).append(name)
for kind, names in outputs.items():
	schema = json.load(open(f"{sys.argv[1]}/{kind}"))
	jsonschema.Draft7Validator.check_schema(schema)
	validator = jsonschema.Draft7Validator(schema)
	for name in names:
		document = json.load(open(name))
		for error in validator.iter_errors(document):
			fail(f"{name}: /{'/'.join(map(str, error.path))}: {error.message[:200]}")
		spoil(document, schema)
		if validator.is_valid(document):
			fail(f"{name}: a document without a key fits the schema")
	print(f"{len(names)} documents of kind {kind}")
if len(outputs) != 12:
	fail(f"{len(outputs)} kinds of documents were written, not 12")
sys.exit(failed != 0)
PYTHON
