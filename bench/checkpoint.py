#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What checkpoints cost: scans of a billion probes into the null engine with and without, turn by turn. One takes 5 to
8 s of CPU time, of which the start and the end of a process are too little to be seen.

CPU time of the whole process for a probe, which other work on the machine disturbs less than the time by the clock;
ratios are of runs that followed each other. usage: bench/checkpoint.py [ROUNDS]"""
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile

PROBES = 1_000_000_000
PIPE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../build/anyscan-pipe")
SCAN = f"--io-engine null 8.0.0.0/6 --yes-large-scan -p 1-16 -r max -e 1 -c 0 -q -n {PROBES} -o found".split()
CASES = {"none": None, "5 s": "5", "1 s": "1"}


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(interval):
    """ns of CPU for a probe."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--checkpoint-file", "F", "--checkpoint-interval", interval] if interval else []
        before = cpu_seconds()
        subprocess.run([PIPE, *SCAN, *options], cwd=folder, check=True)
        return (cpu_seconds() - before) * 1e9 / PROBES


rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
found = {case: [] for case in CASES}
for turn in range(rounds):
    for case, interval in list(CASES.items())[:: 1 if turn % 2 == 0 else -1]:  # whoever is first is not always the same
        found[case].append(run(interval))
for case, ns in found.items():
    ratios = sorted(n / plain for n, plain in zip(ns, found["none"]))
    print(json.dumps({
        "bench": "checkpoint", "case": case, "ns_per_item": round(statistics.median(ns), 3),
        "ratio": round(statistics.median(ratios), 4), "ratio_least": round(ratios[0], 4),
        "ratio_most": round(ratios[-1], 4), "least_ns": round(min(ns), 3), "runs": rounds, "stat": "median"}))
