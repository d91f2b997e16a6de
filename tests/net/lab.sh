# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Sourced by the net tests and the demo. A lab is two network namespaces of its
# own, joined by veth pairs scan0-world0, scan1-world1, ...; nothing in them has
# a route out, and nothing ever appears in the namespace that started it.
#
#   lab_up [PAIRS]                  namespaces and pairs; lab_down comes by itself at exit
#   lab_scan CMD...                 runs in the scan namespace; "${IN_SCAN[@]}" CMD & where $! must be CMD
#   lab_world_start DEV ARG...      anyscan-world run on the world's end, until lab_world_stop DEV
#   lab_kernel_world_up NET PORTS   the kernel's own TCP as the world, fate by last octet & 7:
#                                   0,1 silent  2 admin-prohibited  3 host-unreachable  4-7 real TCP
#
# The sender's CPU runs the peer's NAPI too (veth's default): lossless and
# repeatable. Threaded NAPI would be faster and drop silently at 256 frames.
#
# Exit codes of a test: 0 passed, 1 failed, 77 skipped, the last line says why.
set -euo pipefail
export LC_ALL=C

LAB_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
B=${B:-build}
[[ $B = /* ]] || B=$LAB_ROOT/$B
PIPE=$B/anyscan-pipe
WORLD=$B/anyscan-world
QUEUES=${QUEUES:-4}
LAB_PAIRS=0
LAB_UP=
declare -A LAB_PIDS=()

skip() { echo "skipped: $*"; exit 77; }
fail() { echo "failed: $*"; exit 1; }
note() { echo "$*" >&2; }

LAB_DIR=$(mktemp -d "${TMPDIR:-/tmp}/anyscan-lab.XXXXXX")
LAB_SCAN=as$$-scan LAB_WORLD=as$$-world
IN_SCAN=(ip netns exec "$LAB_SCAN")
IN_WORLD=(ip netns exec "$LAB_WORLD")

lab_down() {
	local pid
	for pid in "${LAB_PIDS[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	LAB_PIDS=()
	if [[ $LAB_UP ]]; then # the pairs die with their namespaces
		ip netns del "$LAB_SCAN" 2>/dev/null || true
		ip netns del "$LAB_WORLD" 2>/dev/null || true
	fi
	LAB_UP=
	if [[ ${KEEP:-} ]]; then
		note "kept: $LAB_DIR"
	else
		rm -rf "$LAB_DIR"
	fi
}
trap lab_down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

lab_need() { # PROGRAM...
	local program
	for program; do
		command -v "$program" >/dev/null || skip "$program is not installed: see tools/install-deps"
	done
}
lab_need_root() {
	((EUID == 0)) || skip "network namespaces need root"
	PATH=$PATH:/usr/sbin:/sbin
	lab_need ip nft ethtool
	ip netns add "$LAB_SCAN" 2>/dev/null || skip "this host does not let us make network namespaces"
	LAB_UP=1
	ip netns exec "$LAB_SCAN" true 2>/dev/null || skip "this host does not let us enter network namespaces"
}
lab_need_built() { # PATH...
	local path
	for path; do
		[[ -x $path ]] || skip "$path is not built"
	done
}

# The test's own C programs, e.g. `lab_program json -ljson-c` -> $LAB_DIR/json
lab_program() {
	local name=$1
	shift
	${CC:-cc} -O2 -std=gnu11 -o "$LAB_DIR/$name" "$LAB_ROOT/tests/net/$name.c" "$@" ||
		skip "cannot compile $name.c"
}

lab_sysctl() { # NAMESPACE KEY=VALUE...; procps is not everywhere
	local ns=$1 pair key
	shift
	for pair; do
		key=${pair%%=*}
		ip netns exec "$ns" sh -c "echo ${pair#*=} >/proc/sys/${key//.//}" 2>/dev/null ||
			note "lab: $pair is not settable here"
	done
}

lab_pair() { # NUMBER: scanN 198.18.N.1/30 - 198.18.N.2/30 worldN, default route of metric N
	local n=$1 ns dev peer mac
	local -A other=([scan$n]=world$n [world$n]=scan$n) addr=([scan$n]=198.18.$n.1 [world$n]=198.18.$n.2)
	mac=02:00:00:00:0$n
	local -A macs=([scan$n]=$mac:01 [world$n]=$mac:02)

	local queues=(numtxqueues "$QUEUES" numrxqueues "$QUEUES")
	ip link add "scan$n" netns "$LAB_SCAN" address "$mac:01" "${queues[@]}" type veth \
		peer name "world$n" netns "$LAB_WORLD" address "$mac:02" "${queues[@]}"
	for dev in "scan$n" "world$n"; do
		ns=$LAB_SCAN peer=${other[$dev]}
		[[ $dev = world* ]] && ns=$LAB_WORLD
		lab_sysctl "$ns" "net.ipv4.conf.$dev.rp_filter=0"
		# tx off: the kernel's replies would carry half a checksum
		# gro on: NAPI, which takes redirected XDP frames
		ip netns exec "$ns" ethtool -K "$dev" tx off tso off gso off gro on >/dev/null
		ip -n "$ns" addr add "${addr[$dev]}/30" dev "$dev"
		ip -n "$ns" link set "$dev" up
		ip -n "$ns" neigh replace "${addr[$peer]}" lladdr "${macs[$peer]}" nud permanent dev "$dev"
	done
	ip -n "$LAB_SCAN" route add default via "198.18.$n.2" dev "scan$n" \
		src "198.18.$n.1" metric $((100 + n))
}

# Replies reach packet sockets of either kind, not the scanner's own TCP, which would
# reset what it never opened. A netdev ingress hook would be cheaper, but comes before
# sockets bound to ETH_P_IP. ARP passes.
lab_quiet() {
	"${IN_SCAN[@]}" nft -f - <<-N
		table ip quiet {
		  chain in {
		    type filter hook prerouting priority raw; policy drop;
		    iifname "lo" accept
		  }
		}
	N
}

lab_up() { # [PAIRS]
	local ns
	lab_need_root
	ip netns add "$LAB_WORLD"
	for ns in "$LAB_SCAN" "$LAB_WORLD"; do
		lab_sysctl "$ns" net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 \
			net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
		ip -n "$ns" link set lo up
	done
	for ((LAB_PAIRS = 0; LAB_PAIRS < ${1:-1}; LAB_PAIRS++)); do
		lab_pair "$LAB_PAIRS"
	done
	lab_quiet
}

lab_scan() { "${IN_SCAN[@]}" "$@"; }

# ---- the XDP world: $LAB_DIR/DEV.stats and DEV.seen exist after lab_world_stop or lab_world_snapshot
lab_world_start() { # DEV ARG...
	lab_world_run "$1" --dev "$@"
}
lab_world_run() { # DEV ARG...: with all its arguments; DEV is but a name
	local dev=$1 line=
	shift
	rm -f "$LAB_DIR/$dev".{ready,stats,seen}
	mkfifo "$LAB_DIR/$dev.ready"
	"${IN_WORLD[@]}" "$WORLD" run \
		--stats "$LAB_DIR/$dev.stats" --seen "$LAB_DIR/$dev.seen" "$@" \
		>"$LAB_DIR/$dev.ready" 2>"$LAB_DIR/$dev.log" &
	LAB_PIDS[$dev]=$!
	read -r line <"$LAB_DIR/$dev.ready" || true
	[[ $line = ready ]] || fail "the world on $dev does not start: $(cat "$LAB_DIR/$dev.log")"
}
lab_world_stop() { # DEV
	local pid=${LAB_PIDS[$1]}
	kill -TERM "$pid"
	wait "$pid" || fail "the world on $1 ended badly: $(cat "$LAB_DIR/$1.log")"
	unset "LAB_PIDS[$1]"
}
lab_world_stat() { # DEV KEY
	sed -n "s/.*\"$2\":\([0-9]*\).*/\1/p" "$LAB_DIR/$1.stats"
}

# ---- the kernel's TCP as the world, on world0
lab_kernel_world_up() { # NET PORTS
	local line=
	ip -n "$LAB_WORLD" route add local "$1" dev lo
	# syncookies=2: every SYN answered once, statelessly, whatever the backlog
	lab_sysctl "$LAB_WORLD" net.ipv4.tcp_syncookies=2 net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_ratemask=0 \
		net.ipv4.icmp_msgs_per_sec=100000000 net.ipv4.icmp_msgs_burst=100000000
	"${IN_WORLD[@]}" nft -f - <<-N
		table ip fate {
		  chain in {
		    type filter hook input priority 0; policy accept;
		    iifname != "world0" accept
		    ip daddr & 0.0.0.6 == 0.0.0.0 counter drop
		    ip daddr & 0.0.0.7 == 0.0.0.2 counter reject with icmp type admin-prohibited
		    ip daddr & 0.0.0.7 == 0.0.0.3 counter reject with icmp type host-unreachable
		  }
		}
	N
	lab_program listeners
	mkfifo "$LAB_DIR/listeners.ready"
	"${IN_WORLD[@]}" "$LAB_DIR/listeners" "$2" >"$LAB_DIR/listeners.ready" &
	LAB_PIDS[listeners]=$!
	read -r line <"$LAB_DIR/listeners.ready" || true
	[[ $line = ready ]] || fail "the listeners do not start"
}

# ---- what a scan found, and what it should have
lab_equal() { # WHAT EXPECTED-FILE FOUND-FILE; lines in any order, each exactly once
	local missing extra
	sort "$2" >"$2.sorted"
	sort "$3" >"$3.sorted"
	cmp -s "$2.sorted" "$3.sorted" && return
	missing=$(comm -23 "$2.sorted" "$3.sorted" | wc -l)
	extra=$(comm -13 "$2.sorted" "$3.sorted" | wc -l)
	comm -23 "$2.sorted" "$3.sorted" | sed -n '1,3s/^/  missing: /p'
	comm -13 "$2.sorted" "$3.sorted" | sed -n '1,3s/^/  extra:   /p'
	fail "$1: of $(wc -l <"$2") expected, $missing are missing; $extra are extra"
}
lab_same() { # WHAT EXPECTED FOUND
	[[ $2 = "$3" ]] || fail "$1: $3, expected $2"
}
lab_json() { # FILE [KEY.KEY | --sum KEY.KEY]; fails on what is not JSON
	[[ -x $LAB_DIR/json ]] || lab_program json -ljson-c >&2
	"$LAB_DIR/json" "$@"
}

# A scan's metadata against what the worlds counted: every target got one probe, nothing was lost on the way.
lab_check_counts() { # METADATA TARGETS DEV...
	local metadata=$1 targets=$2 dev frames=0 seen=0 repeats=0 bad=0
	shift 2
	for dev; do
		frames=$((frames + $(lab_world_stat "$dev" frames)))
		seen=$((seen + $(lab_world_stat "$dev" targets_seen)))
		repeats=$((repeats + $(lab_world_stat "$dev" repeats)))
		bad=$((bad + $(lab_world_stat "$dev" bad_checksum)))
	done
	lab_same "targets that the world saw" "$targets" "$seen"
	lab_same "targets probed again" 0 "$repeats"
	lab_same "wrong checksums" 0 "$bad"
	lab_same "frames that the world got" "$targets" "$frames"
	lab_same "probes_sent" "$frames" "$(lab_json "$metadata" probes_sent)"
	lab_same "drops" 0 "$(lab_json "$metadata" --sum drops)"
}

# The options that make every scan of a test: exact rows, one a line, in $LAB_DIR/found
SCAN_OPTIONS=(--include-reserved -q -O csv --no-header-row -f "saddr,sport,classification"
	--output-filter 'repeat = 0' -o "$LAB_DIR/found" -m "$LAB_DIR/metadata")
# ENGINE=NAME[:XDP-MODE], or dpdk:PMD[,ARGUMENT...]: the same tests on another engine
case ${ENGINE:-} in
'') ;;
dpdk:*)
	SCAN_OPTIONS+=(--io-engine dpdk)
	[[ -e $B/anyscan-dpdk.so ]] || skip "this build has no engine dpdk"
	export PROGRAM=$PIPE
	PIPE=$LAB_ROOT/tests/net/dpdk_pipe
	;;
*)
	SCAN_OPTIONS+=(--io-engine "${ENGINE%%:*}")
	[[ $ENGINE != *:* ]] || SCAN_OPTIONS+=(--xdp-mode "${ENGINE#*:}")
	;;
esac

lab_targets() { # NET PORTS: how many pairs
	local ports=${2//[^,]/}
	echo $(((1 << (32 - ${1#*/})) * (${#ports} + 1)))
}

# Runs a scan to its end; its words are shown when it fails.
lab_run() { # EXIT-CODE CMD...
	local expected=$1 rc=0
	shift
	"$@" >"$LAB_DIR/stdout" 2>"$LAB_DIR/stderr" || rc=$?
	((rc == expected)) && return
	tail -20 "$LAB_DIR/stderr"
	fail "exit code $rc, expected $expected: $*"
}

# One scan against the XDP world: what it finds is the truth, and every count agrees.
lab_truth_scan() { # NET PORTS SPEC RATE [OPTION...]
	local net=$1 ports=$2 spec=$3 rate=$4
	shift 4
	lab_world_start world0 --net "$net" --ports "$ports" --world "$spec"
	lab_run 0 lab_scan "$PIPE" -i scan0 "$net" -p "$ports" -r "$rate" -c 1 "${SCAN_OPTIONS[@]}" "$@"
	lab_world_stop world0
	lab_expect_truth "$net" "$ports" "$spec" "$rate" world0
}

# What the scan has just found is the truth, and what it counted is what the world counted.
lab_expect_truth() { # NET PORTS SPEC RATE DEV
	local net=$1 ports=$2 spec=$3 rate=$4 dev=$5
	"$WORLD" truth --net "$net" --ports "$ports" --world "$spec" >"$LAB_DIR/truth"
	lab_equal "$net at $rate" "$LAB_DIR/truth" "$LAB_DIR/found"
	lab_check_counts "$LAB_DIR/metadata" "$(lab_targets "$net" "$ports")" "$dev"
	# each forged answer is rejected for its cookie, in the kernel or in rx; some came twice
	(($(lab_json "$LAB_DIR/metadata" rejects.cookie) >= $(lab_world_stat "$dev" forged))) ||
		fail "$(lab_world_stat "$dev" forged) forged, but only $(lab_json "$LAB_DIR/metadata" rejects.cookie) rejected"
	note "$net port $ports at $rate: $(wc -l <"$LAB_DIR/found") answers, exact," \
		"in $(lab_json "$LAB_DIR/metadata" send_seconds) s"
}
