# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Sourced after lab.sh by tests of wires that DPDK makes in user space: the scanner is one process, the world another,
# and both are in namespaces without any interface.
#
#   dpdk_up [PAGES]                         the lab without a pair; PAGES huge pages of 2 MiB more, until the end
#   dpdk_world_start DEVICE ARG...          anyscan-world run --dpdk DEVICE, on the last CPU; lab_world_stop wire
#   dpdk_scan DEVICE ARG...                 the command of a scan on DEVICE, on the first CPU, in $SCAN
#   dpdk_truth_scan WORLD-DEVICE SCAN-DEVICE NET SPEC RATE [OPTION...]
#                                           found = truth, sent = received at the world

DPDK_PAGES=0
readonly DPDK_NR=/proc/sys/vm/nr_hugepages

# More or fewer huge pages, as many as the kernel can find; several tests at once add up. Prints by how many.
dpdk_more_pages() { # NUMBER
	local before
	(
		flock 9
		before=$(<$DPDK_NR)
		echo $((before + $1)) >$DPDK_NR
		echo $(($(<$DPDK_NR) - before))
	) 9<"$DPDK_NR"
}

dpdk_down() {
	lab_down # first: pages in use would not go
	((DPDK_PAGES == 0)) || dpdk_more_pages "-$DPDK_PAGES" >/dev/null
	DPDK_PAGES=0
}

dpdk_up() { # [PAGES]
	lab_need_built "$PIPE" "$WORLD"
	lab_need flock
	grep -q libdpdk <("$PIPE" --version) || skip "built without libdpdk: see tools/install-deps"
	lab_up 0
	trap dpdk_down EXIT
	((${1:-0} > 0)) || return 0
	[[ -w $DPDK_NR ]] || skip "this kernel has no huge pages"
	DPDK_PAGES=$(dpdk_more_pages "$1")
	((DPDK_PAGES >= $1)) || skip "only $DPDK_PAGES of $1 huge pages are to be had"
}

dpdk_world_start() { # DEVICE ARG...
	local device=$1
	shift
	lab_world_run wire --dpdk "$device" --dpdk-eal "-l $(($(nproc) - 1)) --no-huge" "$@"
}

# The world answers for every Ethernet address. Huge pages that are free may be those of another test: only who asked for
# some takes them.
dpdk_scan() { # DEVICE ARG...
	local memory=--no-huge
	((DPDK_PAGES == 0)) || memory=--single-file-segments
	SCAN=("$PIPE" --io-engine dpdk --dpdk-eal "$memory" -i "$1" -S 198.18.0.1 -G 02:00:00:00:00:02
		--cores 0 --fuse -c 1 "${SCAN_OPTIONS[@]}" "${@:2}")
}

dpdk_truth_scan() { # WORLD-DEVICE SCAN-DEVICE NET SPEC RATE [OPTION...]
	local world=$1 device=$2 net=$3 spec=$4 rate=$5
	shift 5
	dpdk_world_start "$world" --net "$net" --ports 443 --world "$spec"
	dpdk_scan "$device" "$net" -p 443 -r "$rate" "$@"
	lab_run 0 lab_scan "${SCAN[@]}"
	lab_world_stop wire
	lab_expect_truth "$net" 443 "$spec" "$rate" wire
	lab_same "answers that did not reach the scanner" 0 "$(lab_world_stat wire failed)"
}
