#!/usr/bin/env bash
# Usage: documents_can_fail_test.sh SIM
# A faulty command of each kind in pages, in a --help and in the manual is found, and an answer that none gives.
set -uo pipefail
sim=$(realpath "$1") here=$(realpath "$(dirname "$0")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
mkdir -p tests docs/models bin
cp -r "$here/../foreign" tests/
ln -s "$here/../../scenarios" scenarios
printf '# x\n\n    sim costs planted-1\n    sim costs \\\n      planted-2\n' >README.md
printf 'see `sim costs\nplanted-3` and `sim planted-4`.\n' >CONTRIBUTING.md
printf '    scripts/run costs planted-5\n' >docs/a.md
printf '`sim models planted-6`\n    perf planted-none\n' >docs/models/b.md
printf '    sim models\n\n    s390-pv\n    planted-10\n' >docs/tour-a.md
cat >bin/sim <<END
#!/usr/bin/env bash
case "\$*" in
	"costs --help") "$sim" costs --help | sed 's/sim costs s390-pv\$/sim costs planted-7/' ;;
	--help) printf '  costs x\\n  models x\\n\\nExamples:\\n  sim flows planted-8\\n' ;;
	manual) "$sim" manual | sed 's/sim models s390/sim models planted-9/' ;;
	*) exec "$sim" "\$@" ;;
esac
END
chmod +x bin/sim
"$here/documents_test.sh" bin/sim . >out 2>&1 && { echo 'faulty commands pass'; exit 1; }
(($? != 77)) || { cat out; exit 77; }
failures=0
for i in 1 2 3 4 5 6 7 8; do
	grep -q "^  sim .*planted-$i" out || { echo "planted-$i is not found"; ((failures++)); }
done
grep -q 'the manual lacks the example of models: sim models s390-pv' out || { echo 'planted-9 is not found'; ((failures++)); }
grep -q '^  planted-10' out || { echo 'planted-10 is not found'; ((failures++)); }
grep -q '^  s390-pv$' out && { echo 'what a command answers is not found'; ((failures++)); }
grep -q planted-none out && { echo 'a command of another program runs'; ((failures++)); }
exit $((failures > 0))
