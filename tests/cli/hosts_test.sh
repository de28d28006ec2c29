#!/usr/bin/env bash
# Usage: hosts_test.sh SIM
# A sweep over four hosts, which are network namespaces joined by a bridge: ranks reach each
# other by TCP alone. The exported bytes are those of one thread, also with a rank that stops.
set -uo pipefail
sim=$(realpath "$1") source=$(realpath "$(dirname "$0")/../..")

skip() {
	printf 'skipped: %s\n' "$1"
	exit 77
}

((EUID == 0)) || skip 'needs root, for network namespaces'
command -v mpirun >/dev/null && [[ -e ${sim%/*}/../lib/sim/ranks.so ]] || skip 'needs mpirun and a sim with MPI'
[[ $(mpirun --version) == *'Open MPI'* ]] || skip 'needs Open MPI'
command -v ip >/dev/null || skip 'needs ip, of iproute2'

folder=$(mktemp -d)
tag=sim$$
net=10.213.77
clean() {
	for host in 1 2 3 4; do
		ip netns pids $tag-$host 2>/dev/null | xargs -r kill -9 2>/dev/null
		ip netns del $tag-$host 2>/dev/null
		rm -rf "/etc/netns/$tag-$host"
	done
	ip link del br$$ 2>/dev/null
	rm -rf "$folder"
}
trap clean EXIT
ip netns add $tag-1 2>/dev/null || skip 'no network namespaces here'
ip link add br$$ type bridge 2>/dev/null || skip 'no bridges here'
ip link set br$$ up
for host in 1 2 3 4; do
	((host == 1)) || ip netns add $tag-$host
	ip link add v$$-$host type veth peer name eth0 netns $tag-$host
	ip link set v$$-$host master br$$ up
	ip -n $tag-$host addr add $net.$host/24 dev eth0
	ip -n $tag-$host link set eth0 up
	ip -n $tag-$host link set lo up
	mkdir -p /etc/netns/$tag-$host
	printf '127.0.0.1 localhost\n%s.1 h1\n%s.2 h2\n%s.3 h3\n%s.4 h4\n' $net $net $net $net >/etc/netns/$tag-$host/hosts
done
# what stands for ssh: HOST COMMAND...
cat >"$folder/agent" <<EOF
#!/bin/sh
host=\$1; shift
exec ip netns exec $tag-\${host#h} unshare --uts sh -c "hostname \$host; exec \$*"
EOF
chmod +x "$folder/agent"

cd "$source" || exit 1
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
grid=(scenarios/s390-pv/reboot-64g.json --set /host/memory=8TiB --replications 100 -j 1
      --set /guests/0/memory=4GiB,8GiB,16GiB,32GiB,64GiB,128GiB,256GiB,512GiB,1TiB,2TiB
      --set /guests/0/strategy=sync,lazy,async --set /guests/0/vcpus=1,2,4,8)
"$sim" sweep "${grid[@]}" -o "$folder/one.sqlite" --csv "$folder/one.csv" || exit 1

over_hosts() { # NAME ARGUMENTS...
	timeout 120 ip netns exec $tag-1 unshare --uts sh -c 'hostname h1; exec "$@"' sh \
		mpirun -n 4 --host h1,h2,h3,h4 --oversubscribe --bind-to none \
		--mca plm_rsh_agent "$folder/agent" --mca btl tcp,self \
		--mca btl_tcp_if_include $net.0/24 --mca oob_tcp_if_include $net.0/24 "${@:2}" >"$folder/out" 2>&1
}

over_hosts names hostname
if [[ $(grep -x "h[1-4]" "$folder/out" | sort -u | tr '\n' ' ') != 'h1 h2 h3 h4 ' ]]; then
	cat "$folder/out"
	skip 'mpirun does not reach the namespaces here'
fi
failures=0
over_hosts sweep "$sim" sweep "${grid[@]}" -o "$folder/four.sqlite" --csv "$folder/four.csv" ||
	{ cat "$folder/out"; failures=1; }
cmp "$folder/one.csv" "$folder/four.csv" || failures=1

# a host that hangs: its point goes to another, and the rest ends by itself
over_hosts stopped "$sim" sweep "${grid[@]}" --lease 1 -o "$folder/stopped.sqlite" --csv "$folder/stopped.csv" &
for ((i = 0; i < 200; i++)); do [[ -s $folder/stopped.sqlite ]] && break; sleep 0.05; done
ip netns pids $tag-3 | while read -r pid; do
	[[ $(cat "/proc/$pid/comm") == sim ]] && kill -STOP "$pid"
done
wait
cmp "$folder/one.csv" "$folder/stopped.csv" || { cat "$folder/out"; failures=1; }
grep -q '1 of 4 ranks were lost' "$folder/out" || { echo 'no rank was lost'; cat "$folder/out"; failures=1; }
exit $failures
