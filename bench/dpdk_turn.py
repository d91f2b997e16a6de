#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One turn of bench/dpdk: runs a sender and prints what it sent, "frames-a-second frames-a-CPU-second".

    dpdk_turn.py testpmd SECONDS COMMAND...    dpdk-testpmd -i --auto-start, by its own counters over that time,
                                               or by COUNTER, a file
    dpdk_turn.py pipe SECONDS COMMAND...       anyscan-pipe, which is given -t SECONDS and a file of metadata

CPU seconds are those of the thread that sends: what else the machine does disturbs them less than the time by the clock.
Neither command outlives the turn by more than PATIENCE seconds."""
import json
import os
import re
import select
import subprocess
import sys
import tempfile
import time

PATIENCE = 30  # seconds beyond those of the turn, on a machine that has much else to do
PROMPT = b"testpmd> "
COUNTS = rb"TX-packets: +(\d+)[^#]*####"
COUNTER = os.environ.get("COUNTER")


def cpu_seconds(pid, names):
    """Of the threads so named: their time on a CPU. None where the process has ended."""
    total = 0
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/comm") as comm, open(f"/proc/{pid}/task/{task}/schedstat") as stat:
                if re.match(names, comm.read()):
                    total += int(stat.read().split()[0])
    except (FileNotFoundError, ProcessLookupError):
        return None
    return total / 1e9


def fail(what, said):
    sys.exit(f"dpdk_turn.py: {what}: {said.decode(errors='replace')[-1500:]}")


class Testpmd:
    def __init__(self, command, seconds):
        self.until = time.monotonic() + seconds + PATIENCE
        self.process = subprocess.Popen(["stdbuf", "-oL", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        self.answer(PROMPT)

    def answer(self, pattern):
        said = b""
        while not re.search(pattern, said):
            left = self.until - time.monotonic()
            ready = left > 0 and select.select([self.process.stdout], [], [], left)[0]
            more = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not more:
                fail("dpdk-testpmd does not answer", said)
            said += more
        return said

    def sent(self):
        """By the kernel's counter where there is one: some drivers have none on some kernels."""
        if COUNTER:
            with open(COUNTER) as counter:
                return int(counter.read())
        self.process.stdin.write(b"show port stats 0\n")
        self.process.stdin.flush()
        return int(re.search(COUNTS, self.answer(COUNTS)).group(1))

    def look(self):
        """Frames, seconds and CPU seconds so far."""
        return self.sent(), time.monotonic(), cpu_seconds(self.process.pid, "(lcore|rte)-worker")

    def end(self):
        try:
            self.process.communicate(b"quit\n", timeout=max(1, self.until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()


def testpmd(seconds, command):
    sender = None
    try:
        sender = Testpmd(command, seconds)
        frames, start, cpu = sender.look()
        time.sleep(seconds)
        frames_after, end, cpu_after = sender.look()
        sender.end()
    except BaseException:
        if sender:
            sender.kill()
        raise
    frames = frames_after - frames
    return frames / (end - start), frames / (cpu_after - cpu)


def pipe(seconds, command):
    with tempfile.TemporaryDirectory() as folder, open(folder + "/said", "wb+") as said:
        process = subprocess.Popen([*command, "-t", str(seconds), "-m", folder + "/m"], stdout=said, stderr=said)
        ends = time.monotonic() + seconds  # not before that; until then it is disturbed as little as may be
        until = ends + PATIENCE
        cpu = 0
        while process.poll() is None and time.monotonic() < until:
            cpu = max(cpu, cpu_seconds(process.pid, "(gen|build|tx)[0-9]") or 0)  # threads go when they have sent all
            time.sleep(0.005 if time.monotonic() > ends else 0.05)
        if process.poll() is None:
            process.kill()
        if process.wait() != 0:
            said.seek(0)
            fail(f"anyscan-pipe ended with {process.returncode}", said.read())
        with open(folder + "/m") as f:
            m = json.load(f)
    if m["send_seconds"] < 0.9 * seconds:
        print(f"dpdk_turn.py: all {m['probes_sent']} probes were sent after {m['send_seconds']:.2f} s of {seconds:g}: "
              "its CPU time may lack 50 ms; scan more", file=sys.stderr)
    return m["probes_sent"] / m["send_seconds"], m["probes_sent"] / cpu


kind, seconds, *command = sys.argv[1:]
print("%.0f %.0f" % {"testpmd": testpmd, "pipe": pipe}[kind](float(seconds), command))
