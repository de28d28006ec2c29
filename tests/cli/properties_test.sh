#!/usr/bin/env bash
# Usage: properties_test.sh SIM
# What must hold of any answer, whatever the values are: scaled clocks scale times, the order of
# guests does not matter, strangers change no draw, cores that are free do not hurt, designs
# without edits change no byte.
set -uo pipefail
sim=$(realpath "$1") source=$(realpath "$(dirname "$0")/../..")
command -v jq >/dev/null || {
	echo 'skipped: jq, which reads the results, is not installed'
	exit 77
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failed=0

complain() {
	printf '%s\n' "$*"
	failed=1
}

run() { # NAME ARGUMENTS...: the metrics of a run, a line each
	local name=$1 status
	shift
	"$sim" run "$@" --study none --format json -o "$name.result" 2>messages
	status=$?
	((status == 0 || status == 3 || status == 5)) || complain "$name: status $status: $(cat messages)"
	jq -c '.metrics[]' "$name.result" | sort >"$name"
}

# All prices and durations times ten, all speeds and rates a tenth: all times are ten times as
# long, and all counts the same.
cat >scales.jq <<'E2'
def near: (. - 1 | fabs) < 1e-5;
[[$a[0].metrics, $b[0].metrics] | transpose[] | select(.[0].n > 0) |
 # how long nothing happens does not scale
 select(.[0].name | IN("time.observed", "limbo.mean", "memory.in_use.mean", "neighbour.slowdown") | not) |
 select(if .[0].mean < 1000 then (.[1].mean - .[0].mean * (if .[0].unit == "ns" then 10 else 1 end) | fabs) > 100
	else .[1].mean / .[0].mean / (if .[0].unit == "ns" then 10 else 1 end) | near | not end) |
 [.[0].name, .[0].group, .[0].mean, .[1].mean]] | if . == [] then empty else .[] | tostring end
E2
ten_times() { # SCENARIO MODEL ARGUMENTS...; in these {N} is N once and a tenth of it at ten times
	local scenario=$1 model=$2 k argument arguments
	shift 2
	for k in 1 10; do
		"$sim" costs "$model" --format json | jq --argjson k $k '{name: "scaled", about: "scaled",
			costs: (map({key: .term, value: {mean: "\(.mean * $k)ns", cv, status: "assumed", source: "scaled",
				range: (.range | map("\(. * $k)ns"))}}) | from_entries)}' >costs-$k.json
		arguments=()
		for argument; do
			((k == 1)) || argument=$(sed -E 's/\{([0-9]*)0\}/\1/' <<<"$argument")
			arguments+=(--set "$(tr -d '{}' <<<"$argument")")
		done
		run times-$k "$source/scenarios/$scenario.json" --replications 12 --set "/costs=[\"$PWD/costs-$k.json\"]" \
			--set /experiment/until=1000h "${arguments[@]}"
	done
	local off
	off=$(jq -nr --slurpfile a times-1.result --slurpfile b times-10.result -f scales.jq)
	[[ -z $off ]] || complain "$scenario ${*:3}: ten times the prices: $off"
	[[ $(jq '[.metrics[] | select(.unit == "ns" and .mean > 0)] | length' times-1.result) -ge 3 ]] ||
		complain "$scenario: nothing was observed"
}
bandwidth='/host/memory_bandwidth={2000}MB/s'
for strategy in sync lazy async; do
	ten_times s390-pv/reboot-64g s390-pv "$bandwidth" /guests/0/strategy=$strategy \
		'/guests/0/workload_rate={500}MB/s' '/guests/0/image_bandwidth={500}MB/s'
done
ten_times kvm/exit kvm "$bandwidth"
ten_times kvm/async-teardown kvm "$bandwidth"
ten_times arm64/first-run-4g arm64 "$bandwidth" '/guests/0/workload_rate={500}MB/s'
ten_times cca/shutdown-exit cca "$bandwidth"

# Guests in another order; another guest, before or behind them.
cat >three.json <<'E2'
{ "name": "three", "host": { "cores": 64, "memory": "2TiB", "features": ["misc_uv"] },
  "guests": [ { "name": "a", "model": "s390-pv", "strategy": "async", "vcpus": 4, "memory": "16GiB", "image": "100MiB" },
              { "name": "b", "model": "kvm", "strategy": "exit", "vcpus": 2, "memory": "32GiB", "count": 3 },
              { "name": "c", "model": "sev", "strategy": "upfront", "vcpus": 2, "memory": "8GiB" } ],
  "events": [ { "at": "10s", "do": "reboot", "guests": "a" }, { "at": "100s", "do": "shutdown", "guests": "b" },
              { "at": "200s", "do": "kill", "guests": "c" } ],
  "experiment": { "until": "1h", "replications": 30, "seed": 1 } }
E2
run three three.json
for order in 2,0,1 1,2,0 2,1,0; do
	jq ".guests |= [.[$order]]" three.json >permuted.json
	run permuted permuted.json
	cmp -s three permuted || complain "guests in the order $order: $(diff three permuted | head -4)"
done
for guests in '[{name: "stranger", model: "kvm", strategy: "exit", vcpus: 1, memory: "1GiB"}] + .' \
	'. + [{name: "stranger", model: "kvm", strategy: "exit", vcpus: 1, memory: "1GiB", count: 7}]'; do
	jq ".guests |= ($guests)" three.json >stranger.json
	run stranger stranger.json
	for guest in a b c; do
		diff <(grep "\"group\":\"$guest\"" three) <(grep "\"group\":\"$guest\"" stranger) >differ ||
			complain "a stranger changes $guest: $(head -4 differ)"
	done
done

# More cores: where guests share no lock nobody is later, in any replication.
for strategy in s390-pv:sync cca:exit sev:demand; do
	latest=
	for cores in 1 2 3 4 8 16; do
		jq --arg strategy $strategy --argjson cores $cores '.host.cores = $cores
			| .guests |= map(. + ($strategy | split(":") | {model: .[0], strategy: .[1]}))' <<'E2' >cores.json
{ "name": "cores", "host": { "memory": "2TiB" },
  "guests": [ { "name": "g", "vcpus": 1, "memory": "8GiB", "count": 5 }, { "name": "h", "vcpus": 1, "memory": "3GiB", "count": 3 } ],
  "events": [ { "at": "10s", "do": "shutdown", "guests": "g" }, { "at": "10s", "do": "shutdown", "guests": "h" } ],
  "experiment": { "until": "1h", "replications": 20, "seed": 1 } }
E2
		run cores cores.json
		now=$(jq '[.metrics[] | select(.name == "shutdown.latency") | .max] | max' cores.result)
		[[ -z $latest ]] || ((now <= latest)) || complain "$strategy, $cores cores: $now ns, and fewer take $latest ns"
		latest=$now
	done
done

# A design without edits is the strategy it is based on.
for strategy in s390-pv/reboot-64g:async s390-pv/reboot-64g:lazy kvm/exit:exit; do
	jq --arg base "${strategy#*:}" '.designs = [{name: "same", extends: "\(.guests[0].model)/\($base)"}]
		| .guests[0].strategy = "same"' "$source/scenarios/${strategy%:*}.json" >same.json
	run same same.json --set /costs=[] --replications 20
	run based "$source/scenarios/${strategy%:*}.json" --set /costs=[] --set "/guests/0/strategy=${strategy#*:}" --replications 20
	cmp -s same based || complain "a design without edits is not $strategy: $(diff same based | head -4)"
done
exit $failed
