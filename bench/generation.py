#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench/generation's turns on standard input, "tool few-seconds few-probes many-seconds many-probes": one JSON object a
tool on standard output, a table on standard error. A ratio is the median over the rounds of ZMap's time by that of the
other tool in the same round."""
import json
import statistics
import sys

turns = {}
for tool, *numbers in map(str.split, sys.stdin):
    few_seconds, few, many_seconds, many = map(float, numbers)
    if not few < many:
        sys.exit(f"generation.py: {tool} made {few:.0f} probes in its short run, {many:.0f} in its long one")
    turns.setdefault(tool, []).append((many_seconds - few_seconds) / (many - few) * 1e9)

print(f"{'tool':<8} {'ns a probe':>10} {'min .. max':>18} {'of zmap4':>9}", file=sys.stderr)
for tool, ns in turns.items():
    ratio = statistics.median(zmap / own for zmap, own in zip(turns["zmap4"], ns))
    print(f"{tool:<8} {statistics.median(ns):10.2f} {min(ns):8.2f} .. {max(ns):6.2f} {ratio:8.2f}x", file=sys.stderr)
    print(json.dumps({"bench": "generation", "case": tool, "cores": 1, "ns_per_item": round(statistics.median(ns), 3),
                      "ns_min": round(min(ns), 3), "ns_max": round(max(ns), 3), "items": "probes",
                      "zmap4_ratio": round(ratio, 3), "runs": len(ns), "stat": "median"}))
