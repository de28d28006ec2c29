#!/usr/bin/env bash
# Usage: schema_test.sh SIM
# What sim reads fits the schemas that it prints: every shipped scenario, cost profile, published
# table and design, and the inputs of tests/cases. Who names a schema names the right one, and a
# wrong key does not fit. Needs python3 with jsonschema.
set -uo pipefail
sim=$(realpath "$1")
cd "$(dirname "$0")/../.." || exit 1
python3 -c 'import jsonschema' 2>/dev/null || { echo "there is no python3 with jsonschema"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for kind in scenario profile published design; do
	"$sim" schema $kind >"$folder/$kind" || exit 1
done
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
sys.exit(failed != 0)
PYTHON
