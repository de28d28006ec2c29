#!/usr/bin/env bash
# Usage: calls_test.sh SIM
# Each system call on files fails once, with what a full or broken disk gives (strace injects it): a
# message and status 1 or 2, or the same answer where it can be done without; never half a file, a
# temporary one, or another answer. A sweep whose calls failed goes on with --resume to the same bytes.
set -uo pipefail
sim=$(realpath "$1") source=$(realpath "$(dirname "$0")/../..")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/work" && cd "$folder/work" || exit 1
export TMPDIR=$folder/work
strace -o "$folder/trace" -e inject=openat:error=EIO:when=1000 true 2>/dev/null || {
	echo 'skipped: needs strace, and leave to trace'
	exit 77
}
failed=0 tried=0

complain() {
	printf '%s\n' "$*"
	failed=1
}

# The calls of a kind that touch files of the folder: their numbers.
numbers() { # CALL ARGUMENTS...
	local call=$1
	shift
	rm -rf ./*
	strace -f -y -o "$folder/trace" -e trace="$call" "$sim" "$@" >/dev/null 2>&1
	grep -E "^[0-9]+ +$call\(" "$folder/trace" | awk -v folder="$folder/work" 'index($0, folder) { print NR }'
}

fail_each() { # CALL ERROR ARGUMENTS...: they write ./out
	local call=$1 error=$2 k status
	shift 2
	rm -rf ./*
	"$sim" "$@" >/dev/null || { complain "sim $*: fails by itself"; return; }
	cp out "$folder/right"
	for k in $(numbers "$call" "$@" | head -40); do
		rm -rf ./*
		timeout 60 strace -f -o "$folder/trace" -e trace="$call" -e inject="$call:error=$error:when=$k" \
			"$sim" "$@" >/dev/null 2>"$folder/messages"
		status=$?
		((tried++))
		if ((status == 0)); then
			cmp -s out "$folder/right" || complain "$call $k, $error: status 0, and another file"
		elif ((status > 2)) || [[ ! -s $folder/messages ]]; then
			complain "$call $k, $error: status $status: $(cat "$folder/messages")"
		elif [[ -e out ]] && ! cmp -s out "$folder/right"; then
			complain "$call $k, $error: half a file"
		fi
		[[ -z $(ls -A | grep -vxE 'out|points.sqlite|points.sqlite-(journal|wal|shm)') ]] ||
			complain "$call $k, $error: left: $(ls -A)"
		[[ ! -e points.sqlite ]] || resumed "$call $k, $error" "$@"
	done
}

resumed() { # WHAT ARGUMENTS...
	local what=$1 status
	shift
	"$sim" "$@" --resume >/dev/null 2>"$folder/messages"
	status=$?
	((status == 0)) || { complain "$what: --resume: $(cat "$folder/messages")"; return; }
	cmp -s out "$folder/right" || complain "$what: --resume gives another file"
}

run=(run "$source/scenarios/s390-pv/reboot-64g.json" --study none --replications 3 -j 1 --format json -o out)
sweep=(sweep "$source/scenarios/s390-pv/reboot-64g.json" --set /guests/0/memory=4GiB,8GiB --set /guests/0/strategy=sync,async
       --replications 8 -j 1 -o points.sqlite --csv out)
for failure in openat:EACCES openat:ENOSPC write:ENOSPC write:EIO fsync:EIO rename:EIO close:EIO; do
	fail_each "${failure%:*}" "${failure#*:}" "${run[@]}"
done
for failure in openat:EIO pwrite64:ENOSPC pwrite64:EIO pread64:EIO write:ENOSPC fdatasync:EIO fsync:EIO unlink:EIO rename:EIO; do
	fail_each "${failure%:*}" "${failure#*:}" "${sweep[@]}"
done
# Interrupted calls are made again.
for call in read write pwrite64 pread64; do
	fail_each $call EINTR "${sweep[@]}"
done
((tried > 60)) || complain "only $tried calls failed"
exit $failed
