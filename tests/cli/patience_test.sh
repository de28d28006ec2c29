#!/usr/bin/env bash
# Usage: patience_test.sh SIM
# What takes long shows on a terminal what it does, how far it is and how long it has to go, and nothing elsewhere.
# Interrupted it ends with status 130, says what it kept and leaves nothing half-written, also within a replication
# and where it waits for input. Needs python3.
set -uo pipefail
sim=$(realpath "$1")
source=$(realpath "$(dirname "$0")/../..")
python3 -c 'import pty' 2>/dev/null || { echo "there is no python3"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
cat >test.py <<'PYTHON'
import os, pty, re, select, signal, subprocess, sys, time

sim, source = sys.argv[1:]
s390 = source + "/scenarios/s390-pv/"
failed = 0

def fail(text):
	global failed
	failed += 1
	print(text)

class Run:
	"""sim on a terminal (its standard error; its output goes to a file)."""
	def __init__(self, arguments, stdin=subprocess.DEVNULL):
		self.terminal, slave = pty.openpty()
		self.process = subprocess.Popen([sim] + arguments, stdin=stdin, stdout=open("out", "wb"), stderr=slave)
		os.close(slave)
		self.seen = b""

	def read(self, until=None, most_s=120):
		"""Until it says so, or to its end."""
		end = time.time() + most_s
		while time.time() < end and not (until and re.search(until, self.seen)):
			if select.select([self.terminal], [], [], 0.2)[0]:
				try:
					self.seen += os.read(self.terminal, 65536)
				except OSError:
					break
			elif self.process.poll() is not None:
				break
		return not until or bool(re.search(until, self.seen))

	def interrupt(self, number):
		self.process.send_signal(number)
		self.read()
		return self.process.wait(60)

	def stop(self):
		self.process.kill()
		self.process.wait()
		os.close(self.terminal)

left = rb"\d+ %, [^\r]* left"
runs = { # what is shown of it, and what it keeps
	"run": (["run", s390 + "reboot-64g.json", "--replications", "400000"],
	        rb"of 400000 replications, mean known to [^\r]*" + left),
	"run, until it is sure": (["run", s390 + "plan-guests.json", "--precision", "0.00001"],
	                           rb"wanted: 0.001 %\), " + left),
	"one long replication": (["run", s390 + "reboot-64g.json", "--exact-pages", "--replications", "1"],
	                         rb"% of a simulation"),
	"compare": (["compare", s390 + "reboot-64g.json", "--over", "/guests/0/strategy=sync,async", "--precision", "1e-6"],
	            rb"design \d of 2: to \d+ replications[^\r]*" + left),
	"sensitivity": (["sensitivity", s390 + "reboot-64g.json", "--morris=10000"], rb"runs with other prices, " + left),
	"uncertainty": (["run", s390 + "reboot-64g.json", "--uncertainty=100000"], rb"runs with other prices"),
	"validate": (["validate", "-j1"], rb"table \d+ of \d+[^\r]*" + left),
	"explain": (["explain", s390 + "reboot-64g.json", "--observed", "reboot.latency=34s", "--replications", "4096"],
	            rb"runs with other prices|replications"),
	"plan": (["plan", s390 + "plan-guests.json"], rb"replications|looks?|value"),
	"report": (["report", s390 + "reboot-64g.json", "--precision", "1e-6"], rb"replications"),
	"sweep": (["sweep", s390 + "reboot-64g.json", "--set", "/guests/0/memory=2GiB..64GiB", "--samples", "20000",
	           "--replications", "2000", "-o", "s.sqlite"], rb"of 20000 points, [^\r]*/s"),
	"replay": (["replay", "result.json"], rb"% of a simulation"),
	"replay, a comparison": (["replay", "compare.json", "--all"], rb"design \d of 2: to \d+ replications"),
	"calibrate": (["calibrate"], rb"round \d of \d+: [^\r]*" + left),
	"trace import": (["trace", "import", "--format", "azure2017", "big.csv"], rb"big.csv, line \d+, " + left),
}
subprocess.run([sim, "compare", s390 + "reboot-64g.json", "--over", "/guests/0/strategy=sync,async", "--replications", "2",
                "--format", "json", "-o", "compare.json"], check=True)
text = open("compare.json").read().replace('"replications": 2', '"replications": 400000')
open("compare.json", "w").write(text)
subprocess.run([sim, "run", s390 + "reboot-64g.json", "--study", "none", "--replications", "1", "--format", "json",
                "--set", "/experiment/exact_pages=true", "-o", "result.json"], check=True)
with open("big.csv", "wb") as file: # a trace of 200 MB: longer than two seconds anywhere
	for i in range(100000):
		file.write(b"".join(b"v%d==,s1Qz==,d1Ab==,0,2591400,99.1,12.4,80.2,Interactive,4,7\n" % (i * 32 + k) for k in range(32)))
for name, (arguments, shown) in runs.items():
	number = signal.SIGTERM if name in ("compare", "sweep") else signal.SIGINT
	if name not in ("sweep",):
		arguments = arguments + ["-o", "kept"]
	if "-j1" not in arguments and name not in ("replay", "calibrate", "trace import"):
		arguments = arguments + ["-j1"] # its time is one core's
	run = Run(arguments)
	if not run.read(shown):
		fail(f"{name}: shows {run.seen[-300:]}")
	if run.process.poll() is not None:
		fail(f"{name}: is over before it was interrupted")
	status = run.interrupt(number)
	if status != 130:
		fail(f"{name}: status {status} when it is interrupted")
	said = b"s.sqlite keeps the points" if name == "sweep" else b"interrupted"
	if said not in run.seen:
		fail(f"{name}: does not say what it kept: {run.seen[-300:]}")
	if os.path.exists("kept") or [file for file in os.listdir(".") if file.startswith("kept.")]:
		fail(f"{name}: leaves a file: {os.listdir('.')}")
	run.stop()

# the sweep goes on
arguments = runs["sweep"][0]
if subprocess.run([sim] + arguments, capture_output=True).returncode != 2:
	fail("sweep: there is no file")

# who waits for input is interrupted, too
reader, writer = os.pipe()
for arguments in (["run", "-"], ["check", "-"], ["fit", "-", "--term", "mm.fault", "--model", "kvm"]):
	run = Run(arguments, stdin=reader)
	time.sleep(0.5)
	status = run.interrupt(signal.SIGINT)
	if status != 130 or b"interrupted: nothing was written" not in run.seen:
		fail(f"{arguments}: status {status}, {run.seen}")
	run.stop()

# nothing of it where nobody looks, and no progress of what is short
quiet = subprocess.run([sim, "run", s390 + "reboot-64g.json", "--replications", "20000"], capture_output=True)
if quiet.returncode or quiet.stderr:
	fail(f"standard error that is no terminal: {quiet.stderr}")
short = Run(["run", s390 + "reboot-64g.json", "--study", "none", "--replications", "2"])
short.read()
if short.process.wait() or short.seen:
	fail(f"a short command shows {short.seen}")
sys.exit(failed != 0)
PYTHON
python3 test.py "$sim" "$source"
