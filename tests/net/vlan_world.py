#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""vlan_world.py DEV ID PROBES: answers SYNs that carry the tag ID, by last octet of their target: even with a tagged
SYN-ACK, odd with an untagged one (as a NIC that strips it). Prints "ready", then, after PROBES tagged SYNs,
"TAGGED UNTAGGED BAD": SYNs with the tag, IP packets without or with another, wrong checksums."""
import socket
import struct
import sys

SOL_PACKET, PACKET_AUXDATA, TP_STATUS_VLAN_VALID = 263, 8, 1 << 4
SYN, RST = 2, 4
device, wanted, probes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data[: len(data) & ~1]))
    total += data[-1] << 8 if len(data) % 2 else 0
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pseudo(ip, tcp):
    return ip[12:20] + struct.pack("!BBH", 0, 6, len(tcp))


def answer(frame, ip, tcp, tagged):
    sport, dport, seq = struct.unpack("!HHI", tcp[:8])
    reply = struct.pack("!BBHHHBBH", 0x45, 0, 40, 0, 0, 64, 6, 0) + ip[16:20] + ip[12:16]
    reply = reply[:10] + struct.pack("!H", checksum(reply)) + reply[12:]
    segment = struct.pack("!HHIIBBHHH", dport, sport, 1, (seq + 1) & 0xFFFFFFFF, 0x50, 0x12, 65535, 0, 0)
    segment = segment[:16] + struct.pack("!H", checksum(pseudo(reply, segment) + segment)) + segment[18:]
    tag = struct.pack("!HH", 0x8100, wanted) if tagged else b""
    return frame[6:12] + frame[:6] + tag + b"\x08\x00" + reply + segment


def main():
    world = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    world.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    world.bind((device, 0))
    world.settimeout(30)
    print("ready", flush=True)
    tagged = untagged = bad = 0
    while tagged < probes:
        frame, aux, _, sender = world.recvmsg(2048, 256)
        if sender[2] == socket.PACKET_OUTGOING or frame[12:14] != b"\x08\x00":
            continue
        status, _, _, _, _, tci, _ = struct.unpack("=IIIHHHH", aux[0][2])
        if not status & TP_STATUS_VLAN_VALID or tci != wanted:
            untagged += 1
            continue
        ip = frame[14:34]
        tcp = frame[34 : 14 + struct.unpack("!H", ip[2:4])[0]]
        bad += checksum(ip) != 0 or checksum(pseudo(ip, tcp) + tcp) != 0 or tcp[13] not in (SYN, RST)
        if tcp[13] == RST:  # of an engine that closes what we opened
            continue
        tagged += 1
        world.send(answer(frame, ip, tcp, ip[19] % 2 == 0))
    print(tagged, untagged, bad, flush=True)


main()
