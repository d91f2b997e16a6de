# SPDX-License-Identifier: Apache-2.0
# Sourced by tests/net/t_coverage and tests/acceptance/a_coverage: runs dry runs and checks each against the bitmap.
# shellcheck shell=bash

B=${B:-build}
SCAN="$B/anyscan-pipe --include-reserved=all --yes-large-scan --fast-dryrun -q"
CHECK=$B/tests/acceptance/coverage
grid_runs=0

# ports of a count, never a multiple of anything by design: 1, 2, 3 are usual ones, else a range from 1000 on
ports_of() {
	case $1 in
	1) echo 80 ;;
	2) echo 80,443 ;;
	3) echo 22,80,443 ;;
	65536) echo '0-65535' ;;
	*) echo "1000-$((999 + $1))" ;;
	esac
}

# PREFIX PORTS GENS SEED [SCANNER ARGS] [-- CHECKER ARGS]: one whole scan
cover() {
	local prefix=$1 ports gens=$3 seed=$4 line
	local -a more=() check=()
	ports=$(ports_of "$2")
	shift 4
	while [ $# -gt 0 ] && [ "$1" != -- ]; do more+=("$1"); shift; done
	[ $# -gt 0 ] && { shift; check=("$@"); }
	line=$($SCAN "$prefix" -p "$ports" -e "$seed" --stages "gen=$gens" "${more[@]}" |
		$CHECK -t "$prefix" -p "$ports" "${check[@]}") || {
		echo "$prefix ports=$2 gen=$gens seed=$seed ${more[*]}: ${line:-no answer}" >&2
		return 1
	}
	grid_runs=$((grid_runs + 1))
}

# PREFIX PORTS SHARDS SEED: every shard with another number of gens, together one whole scan
cover_shards() {
	local prefix=$1 ports shards=$3 seed=$4 line i
	ports=$(ports_of "$2")
	line=$(for ((i = 0; i < shards; i++)); do
		$SCAN "$prefix" -p "$ports" -e "$seed" --shards "$shards" --shard "$i" --stages "gen=$((i % 8 + 1))" || exit
	done | $CHECK -t "$prefix" -p "$ports") || {
		echo "$prefix ports=$2 shards=$shards seed=$seed: ${line:-no answer}" >&2
		return 1
	}
	grid_runs=$((grid_runs + 1))
}

# FILE PIECES: an exclusion file that cuts 10.0.0.0/8 into about so many pieces, with prefixes, ranges and addresses
cut_file() {
	awk -v n="$2" 'BEGIN {
		step = int(16777216 / n)
		for (i = 0; i < n; i++) {
			a = i * step + (i * 7919) % (step > 8 ? step - 8 : 1)
			x = int(a / 65536); y = int(a / 256) % 256; z = a % 256
			if (i % 3 == 0) printf "10.%d.%d.%d\n", x, y, z
			else if (i % 3 == 1) printf "10.%d.%d.%d/31 # a pair\n", x, y, z - z % 2
			else printf "10.%d.%d.%d-10.%d.%d.%d\n", x, y, z - z % 8, x, y, z - z % 8 + 2
		}
	}' >"$1"
}
