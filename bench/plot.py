#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench/compare's JSON lines on standard input, an SVG on standard output: a bar a tool, from zero; the line over its
end spans the slowest and the fastest run. Nothing but the standard library."""
import json
import sys
from xml.sax.saxutils import escape

LEFT, BAR, RIGHT, ROW, TOP = 150, 430, 250, 30, 64
SINKS = {
    "veth": "veth, frames counted by the peer's XDP program",
    "answer": "veth, a third of the probes answered",
    "drop": "veth whose peer drops every frame",
    "ifb": "ifb, the sending path alone",
}
OURS_BEGIN = ("af_packet", "af_xdp", "dpdk")
OURS, PEER, INK, MUTED, GRID = "#1f6feb", "#9aa4b0", "#1c2430", "#5a6674", "#e3e7ec"


def text(x, y, words, size=13, fill=INK, anchor="start", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" text-anchor="{anchor}" '
            f'font-weight="{weight}">{escape(words)}</text>')


def step(most):
    """A round distance of grid lines, at most six of them."""
    size = 1.0
    while most / size > 6:
        size *= 10
    while most / size < 2:
        size /= 10
    return size * (2 if most / size > 6 else 0.5 if most / size < 3 else 1)


def panel(y, sink, rows, most):
    out = [text(LEFT, y, SINKS.get(sink, sink), weight="600")]
    top, bottom = y + 12, y + 12 + ROW * len(rows)
    x, size = 0.0, step(most)
    while x <= most:
        at = LEFT + BAR * x / most
        out.append(f'<line x1="{at:.1f}" y1="{top}" x2="{at:.1f}" y2="{bottom}" stroke="{GRID}"/>')
        out.append(text(at, bottom + 16, f"{x / 1e6:g}", 11, MUTED, "middle"))
        x += size
    for i, row in enumerate(rows):
        middle = top + ROW * (i + 0.5)
        end, low, high = (LEFT + BAR * row[k] / most for k in ("pps", "pps_min", "pps_max"))
        fill = OURS if row["case"].startswith(OURS_BEGIN) else PEER
        out.append(text(LEFT - 10, middle + 4, row["case"], anchor="end"))
        out.append(f'<rect x="{LEFT}" y="{middle - 9}" width="{end - LEFT:.1f}" height="18" rx="2" fill="{fill}"/>')
        out.append(f'<path d="M{low:.1f} {middle}H{high:.1f}M{low:.1f} {middle - 4}v8M{high:.1f} {middle - 4}v8" '
                   f'stroke="{INK}" fill="none"/>')
        out.append(text(LEFT + BAR + 20, middle + 4, f"{row['pps'] / 1e6:.2f}", weight="600"))
        out.append(text(LEFT + BAR + 68, middle + 4,
                        f"{row['cpu_ns_per_frame']} ns CPU, {row['rss_kb'] / 1024:.0f} MiB", 12, MUTED))
    return out, bottom + 46


def main():
    rows = [json.loads(line) for line in sys.stdin]
    width = LEFT + BAR + RIGHT
    most = max(row["pps_max"] for row in rows) * 1.02
    body, y = [], TOP
    for sink in dict.fromkeys(row["sink"] for row in rows):
        part, y = panel(y, sink, [row for row in rows if row["sink"] == sink], most)
        body += part
    head = [
        text(LEFT, 24, "Frames sent by one core, million a second", 16, weight="600"),
        text(LEFT, 42, f"median of {rows[0]['runs']} runs in turn; the line spans slowest to fastest; "
             "CPU per frame, peak memory", 12, MUTED),
    ]
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y - 18}" '
          f'viewBox="0 0 {width} {y - 18}" font-family="system-ui, sans-serif">')
    print(f'<rect width="{width}" height="{y - 18}" fill="#fff"/>')
    print("\n".join(head + body))
    print("</svg>")


if __name__ == "__main__":
    main()
