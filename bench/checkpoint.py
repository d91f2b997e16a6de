#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What checkpoints cost: scans into the null engine with and without them, turn by turn.

Two figures of the CPU time for a probe, each as a share of a scan without checkpoints, with the confidence interval of
its median over the turns (order statistics, so of any distribution; 95% and a little more):

    cost     of the whole process, against the scan without that ran in the same turn. A process finds other pages of memory
             than the one before, which alone changes a run by 1 to 2%: to see 1% takes some twenty turns
    writer   of the thread that writes them, which does little else: exact to the microsecond, kernel included. The
             stages do not know of checkpoints; what they may cost those is what a write takes from caches and memory

usage: chrt -f 20 bench/checkpoint.py [TURNS [PROBES]], 20 turns of 1e9 probes, which take 5 to 8 s each; at least 6"""
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile

TURNS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
PROBES = int(float(sys.argv[2])) if len(sys.argv) > 2 else 1_000_000_000
PIPE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../build/anyscan-pipe")
SCAN = f"--io-engine null 8.0.0.0/6 --yes-large-scan -p 1-16 -r max -e 1 -c 0 -q -n {PROBES} -o found".split()
CASES = {"none": None, "5 s": "5", "1 s": "1"}
CONFIDENCE = 0.95


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(interval):
    """ns of CPU for a probe: of the process, and of its first thread."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--checkpoint-file", "F", "--checkpoint-interval", interval] if interval else []
        before = cpu_seconds()
        scan = subprocess.Popen([PIPE, *SCAN, *options], cwd=folder)
        os.waitid(os.P_PID, scan.pid, os.WEXITED | os.WNOWAIT)
        with open(f"/proc/{scan.pid}/schedstat", encoding="ascii") as f:  # of a thread, even when all have ended
            writer = int(f.read().split()[0])
        if scan.wait() != 0:
            sys.exit(f"bench/checkpoint.py: {PIPE} ended with {scan.returncode}")
        return (cpu_seconds() - before) * 1e9 / PROBES, writer / PROBES


def interval_of_median(values):
    """The values between which the median lies, at CONFIDENCE."""
    n = len(values)
    outside, below = 0.0, 0
    while True:
        outside += 2 * math.comb(n, below) / 2**n
        if outside > 1 - CONFIDENCE:
            break
        below += 1
    ordered = sorted(values)
    return ordered[max(below - 1, 0)], ordered[n - max(below, 1)]


def shares(name, values):
    low, high = interval_of_median(values)
    return {name: round(statistics.median(values), 5), f"{name}_low": round(low, 5), f"{name}_high": round(high, 5)}


if TURNS < 6:
    sys.exit("bench/checkpoint.py: fewer than 6 turns have no interval of 95%")
found = {case: [] for case in CASES}
for turn in range(TURNS):
    for case, interval in list(CASES.items())[:: 1 if turn % 2 == 0 else -1]:  # whoever is first is not always the same
        found[case].append(run(interval))
for case, ns in found.items():
    result = {"bench": "checkpoint", "case": case, "ns_per_item": round(statistics.median(n[0] for n in ns), 3)}
    if case != "none":
        pairs = list(zip(ns, found["none"]))
        result |= shares("cost", [with_[0] / without[0] - 1 for with_, without in pairs])
        result |= shares("writer", [(with_[1] - without[1]) / without[0] for with_, without in pairs])
    print(json.dumps(result | {"runs": TURNS, "stat": "median"}), flush=True)
