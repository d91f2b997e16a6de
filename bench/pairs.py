#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tools that took turns: medians, and the ratio of each of ours to each peer turn by turn, so that a machine whose speed
drifts does not decide. What has anyscan-world at its far end ("_silent", "_third") is compared with peers that send to a
silent one, all else with the others.

    pairs.py NAME <TURNS      a turn a line: "case tool frames-a-second frames-a-CPU-second hop-before hop-after"; ours is
                              called ours..., a hop is the ns of a cache line between the CPUs

Turns are sorted by where the CPUs were: "near" if both hops took less than twice the shortest of all, "far" if neither did.
A turn during which they moved counts for nothing.

One JSON object a case, place and tool on standard output, a table on standard error: "1.07 (1.09)" is by the clock, and
by the CPU time of the thread that sends. The latter says nothing where that thread waits for a slower one."""
import json
import statistics
import sys


def ratio(ours, peer, column):
    return statistics.median(a[column] / b[column] for a, b in zip(ours, peer))


def into_world(tool):
    return tool.endswith(("_silent", "_third"))


def say(case, place, tool, turns, peers):
    low, pps, high = min(t[0] for t in turns), statistics.median(t[0] for t in turns), max(t[0] for t in turns)
    per_cpu = statistics.median(t[1] for t in turns)
    ratios = {peer: (ratio(turns, theirs, 0), ratio(turns, theirs, 1)) for peer, theirs in peers.items()}
    print(f"{case:<10} {place:<5} {tool:<18} {len(turns):4} {pps:10.0f} {low:10.0f} .. {high:<10.0f} {per_cpu:12.0f}  " +
          ", ".join(f"{a:.2f} ({b:.2f}) of {peer}" for peer, (a, b) in ratios.items()), file=sys.stderr)
    print(json.dumps({
        "bench": sys.argv[1], "case": case, "cpus": place, "hop_ns": statistics.median(t[2] for t in turns), "tool": tool,
        "pps": round(pps), "pps_min": round(low), "pps_max": round(high), "pps_per_cpu_second": round(per_cpu),
        "ratio": {peer: round(a, 3) for peer, (a, _) in ratios.items()},
        "ratio_cpu": {peer: round(b, 3) for peer, (_, b) in ratios.items()}, "runs": len(turns), "stat": "median"}))


lines = [(case, tool, [float(n) for n in numbers]) for case, tool, *numbers in map(str.split, sys.stdin)]
shortest = min(min(numbers[2:]) for _, _, numbers in lines)
cases = {}
for case, tool, numbers in lines:
    near = {hop < 2 * shortest for hop in numbers[2:]}
    if len(near) == 1:
        place = "near" if near.pop() else "far"
        cases.setdefault((case, place), {}).setdefault(tool, []).append(numbers)

print(f"{'case':<10} {'CPUs':<5} {'tool':<18} {'runs':>4} {'frames/s':>10} {'min .. max':>24} {'a CPU second':>12}",
      file=sys.stderr)
for (case, place), tools in cases.items():
    peers = {tool: turns for tool, turns in tools.items() if not tool.startswith("ours")}
    for tool, turns in tools.items():
        alike = {peer: theirs for peer, theirs in peers.items() if into_world(peer) == into_world(tool)}
        say(case, place, tool, turns, alike if tool not in peers else {})
