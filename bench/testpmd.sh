# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# How DPDK's testpmd is started beside our engines. Sourced.
#
#   testpmd_command CPU DEVICE MODE BURST EAL...
#
# prints the words of a command that sends or receives on that CPU and waits for words on the other of CPU 0 and CPU $FAR;
# it ends with its standard input. Frames of $FRAME bytes, where it makes them: flowgen takes the four of the FCS off.
testpmd_command() {
	local length=$FRAME
	[[ $3 != flowgen ]] || length=$((FRAME + 4))
	printf '%s ' dpdk-testpmd --lcores "0@$((FAR - $1)),1@$1" --main-lcore 0 --no-pci --no-telemetry \
		--file-prefix "as$$-$RANDOM" "${@:5}" --vdev "$2" -- -i --auto-start "--forward-mode=$3" "--burst=$4" \
		--nb-cores=1 "--txpkts=$length" --total-num-mbufs=16384
}
