#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends known SYNs to the XDP world and checks every answer, byte for byte.

The world's rules are written down here a second time, on purpose: a mistake in
include/anyscan/world.h that scanner and responder share would show nowhere else.

Usage: world_probe.py IF SEED SEEN-LIST TRUTH-LIST STATS-LIST; the last three are
written: what the world should have marked, what it should call the truth, and
`name value` for each counter. Exit 1 and a sentence at the first wrong answer.
"""
import collections
import socket
import struct
import sys

NET, ADDRS, PORTS = 0x0A000000, 1024, (80, 443)
MASK = (1 << 64) - 1
OPEN, CLOSED, UNREACH, FORGED, SILENT = "open", "closed", "unreach", "forged", "silent"
SHARES = ((OPEN, 0.25), (CLOSED, 0.25), (UNREACH, 0.125), (FORGED, 0.25))  # as in t_world; exact in binary
LOSS, DUP = 1 << 29, 1 << 29  # 0.125
TTL, WINDOW, MSS = 57, 64240, 1460
SCAN_MAC, WORLD_MAC = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
LOCAL = 0xC6120001  # 198.18.0.1
FORGED_DELTA = 0x5A5A5A5A


def mix(x):
    x ^= x >> 30
    x = x * 0xBF58476D1CE4E5B9 & MASK
    x ^= x >> 27
    x = x * 0x94D049BB133111EB & MASK
    return x ^ x >> 31


def pair(seed, addr, port):
    return mix(mix(seed ^ 0x9E3779B97F4A7C15) + (addr << 16 | port) & MASK)


def fate(seed, addr, port):
    draw = pair(seed, addr, port) & 0xFFFFFFFF
    for name, share in SHARES:
        if draw < share * 2**32:
            return name
        draw -= int(share * 2**32)
    return SILENT


def path(seed, addr, port, sport, seq):
    draw = mix(pair(seed, addr, port) ^ (sport << 32 | seq))
    return draw & 0xFFFFFFFF < LOSS, draw >> 32 < DUP


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip(saddr, daddr, proto, payload, ttl, ident=0, df=True):
    head = struct.pack("!BBHHHBBHII", 0x45, 0, 20 + len(payload), ident, 0x4000 if df else 0, ttl, proto, 0, saddr, daddr)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def tcp(saddr, daddr, sport, dport, seq, ack, flags, window, options=b""):
    head = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, (20 + len(options)) << 2, flags, window, 0, 0) + options
    pseudo = struct.pack("!IIHH", saddr, daddr, 6, len(head))
    return head[:16] + struct.pack("!H", checksum(pseudo + head)) + head[18:]


def frame(dst, src, packet):
    return dst + src + b"\x08\x00" + packet


OPTIONS = (b"", b"\x02\x04\x05\xb4", b"\x01" * 3 + b"\x02\x04\x05\xb4" + b"\x00", b"\x02\x04\x05\xb4" + b"\x01" * 36)


def probe(addr, port, sport, seq):
    """Option lengths 0, 4, 8 and 40: answers shrink and grow the frame."""
    options = OPTIONS[(addr + port) & 3]
    return frame(WORLD_MAC, SCAN_MAC, ip(LOCAL, addr, 6, tcp(LOCAL, addr, sport, port, seq, 0, 2, 65535, options), 64, 7, False))


def answer(seed, addr, port, sport, seq, sent):
    """The one frame that the world must send, or None."""
    bits = pair(seed, addr, port)
    what, forgery = fate(seed, addr, port), bits >> 32 & 3
    isn, ack, from_port = bits >> 16 & 0xFFFFFFFF, (seq + 1) & 0xFFFFFFFF, port
    wrong = (ack + FORGED_DELTA) & 0xFFFFFFFF

    def reply(flags, seq_, ack_):
        syn = flags & 2
        segment = tcp(addr, LOCAL, from_port, sport, seq_, ack_, flags, WINDOW if syn else 0,
                      struct.pack("!BBH", 2, 4, MSS) if syn else b"")
        return frame(SCAN_MAC, WORLD_MAC, ip(addr, LOCAL, 6, segment, TTL))

    def unreachable(quote):
        code = (0x0D0A0301 >> (bits >> 34 & 3) * 8) & 0xFF
        body = struct.pack("!BBHI", 3, code, 0, 0) + quote
        body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
        return frame(SCAN_MAC, WORLD_MAC, ip(addr & 0xFFFFFF00 | 1, LOCAL, 1, body, TTL))

    if what == SILENT:
        return None
    if what == OPEN:
        return reply(0x12, isn, ack)
    if what == CLOSED:
        return reply(0x14, 0, ack)
    quote = sent[14:42]
    if what == UNREACH:
        return unreachable(quote)
    if forgery == 0:
        return reply(0x12, isn, wrong)
    if forgery == 1:
        return reply(0x14, 0, wrong)
    if forgery == 2:
        from_port = port ^ 0x8000
        return reply(0x12, isn, ack)
    return unreachable(quote[:24] + struct.pack("!I", (seq + FORGED_DELTA) & 0xFFFFFFFF))


class Wire:
    def __init__(self, dev):
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
        self.sock.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
        self.sock.bind((dev, 0x0800))
        self.sock.settimeout(5)

    def send(self, data):
        self.sock.send(data)

    def receive_until(self, last):
        """Everything that came up to and including the frame `last`."""
        got = collections.Counter()
        while True:
            try:
                data, origin = self.sock.recvfrom(4096)
            except socket.timeout:
                sys.exit("no answer within 5 s, after %d" % sum(got.values()))
            if origin[2] == socket.PACKET_OUTGOING:
                continue
            got[data] += 1
            if data == last:
                return got


def fail(what, data):
    sys.exit("%s: %s" % (what, data.hex()))


def main():
    dev, seed = sys.argv[1], int(sys.argv[2])
    wire, expected, count, seen = Wire(dev), collections.Counter(), collections.Counter(), set()

    def put(addr, port, sport, seq):
        sent = probe(addr, port, sport, seq)
        wire.send(sent)
        count["frames"] += 1
        count[fate(seed, addr, port)] += 1
        count["repeats"] += (addr, port) in seen
        seen.add((addr, port))
        reply = answer(seed, addr, port, sport, seq, sent)
        lost, twice = path(seed, addr, port, sport, seq)
        if reply is None:
            return None, 0
        times = 0 if lost else 2 if twice else 1
        count["lost"] += lost
        count["duplicated"] += times == 2
        count["answers"] += times
        if times:
            expected[reply] += times
        return reply, times

    targets = [(NET + i, port) for i in range(ADDRS) for port in PORTS]
    for n, (addr, port) in enumerate(targets[:-256]):
        put(addr, port, 32768 + n % 1000, mix(n) & 0xFFFFFFFF)
    for addr, port in targets[::8]:  # a second frame, another draw of loss and duplication
        put(addr, port, 50000, addr * 3 & 0xFFFFFFFF)

    for where in (24, 50):  # one bit of the IP, then of the TCP checksum
        for addr, port in targets[-256:]:
            broken = bytearray(probe(addr, port, 40000, 1))
            broken[where] ^= 0x10
            wire.send(bytes(broken))
            count["frames"] += 1
            count["bad_checksum"] += 1
    for addr, port in ((NET + ADDRS, 80), (NET - 1, 80), (NET, 81), (NET, 0), (NET, 65535)):
        wire.send(probe(addr, port, 40000, 1))
        count["outside"] += 1
    strays = (ip(LOCAL, NET, 17, b"\0\x50\0\x50\0\x08\0\0", 64), ip(LOCAL, NET, 6, tcp(LOCAL, NET, 1, 80, 1, 1, 0x12, 1), 64),
              ip(LOCAL, NET, 6, tcp(LOCAL, NET, 1, 80, 1, 0, 5, 1), 64), ip(LOCAL, NET, 6, b"\0" * 8, 64),
              ip(LOCAL, NET, 6, tcp(LOCAL, NET, 1, 80, 1, 0, 2, 1) + b"data", 64))
    for stray in strays:
        wire.send(frame(WORLD_MAC, SCAN_MAC, stray))
        count["other"] += 1

    reset = frame(WORLD_MAC, SCAN_MAC, ip(LOCAL, NET, 6, tcp(LOCAL, NET, 1, 80, 1, 0, 4, 1), 64))
    wire.send(reset)
    count["resets"] += 1
    wire.send(reset[:50] + bytes([reset[50] ^ 0x10]) + reset[51:])  # its TCP checksum is wrong
    count["other"] += 1

    # the last: an open target whose answer comes once; after it, nothing can still be under way
    for seq in range(100000):
        addr, port = next(t for t in targets if fate(seed, *t) == OPEN)
        if path(seed, addr, port, 60000, seq) == (False, False):
            break
    last, _ = put(addr, port, 60000, seq)

    got = wire.receive_until(last)
    for data in got - expected:
        fail("an answer that should not be, or too often", data)
    for data in expected - got:
        fail("an answer that is missing", data)

    count["targets_seen"] = len(seen)
    with open(sys.argv[3], "w") as f:
        f.writelines("%s,%d\n" % (socket.inet_ntoa(struct.pack("!I", a)), p) for a, p in sorted(seen))
    words = {OPEN: "synack", CLOSED: "rst", UNREACH: "icmp"}
    with open(sys.argv[4], "w") as f:
        f.writelines("%s,%d,%s\n" % (socket.inet_ntoa(struct.pack("!I", a)), p, words[fate(seed, a, p)])
                     for a, p in targets if fate(seed, a, p) in words)
    with open(sys.argv[5], "w") as f:
        for name in ("frames", OPEN, CLOSED, UNREACH, FORGED, SILENT, "lost", "duplicated", "bad_checksum",
                     "repeats", "resets", "outside", "other", "failed", "answers", "targets_seen"):
            f.write("%s %d\n" % (name, count[name]))
    print("%d frames, %d answers, all as expected" % (count["frames"], count["answers"]))


main()
