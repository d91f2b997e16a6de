# SPDX-License-Identifier: Apache-2.0
"""Other programs' TCP on a NIC that is being scanned from.

neighbour.py serve PORT          accepts for ever, echoes what comes; says "ready"
neighbour.py connect COUNT PORT FIRST-SPORT SOURCE HOST...
    COUNT connections, from consecutive source ports, to the hosts in turn: each must open, and one byte must get
    through to the other side's TCP. Prints how many did not.
"""
import socket
import sys
import threading


def echo(s):
    with s:
        while data := s.recv(65536):
            s.sendall(data)


def serve(port):
    s = socket.create_server(("", port), backlog=1024)
    print("ready", flush=True)
    while True:
        threading.Thread(target=echo, args=(s.accept()[0],), daemon=True).start()


def connect(count, port, sport, source, hosts):
    lost = 0
    for i in range(count):
        try:
            # the first SYN must do: a second would come after 1 s
            s = socket.socket()
            s.settimeout(0.9)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind((source, sport + i))
            s.connect((hosts[i % len(hosts)], port))
            s.sendall(b"x")
        except OSError as e:
            lost += 1
            print(f"{sport + i} -> {hosts[i % len(hosts)]}: {e}", file=sys.stderr)
        finally:
            s.close()
        if lost == 5: # it will not get better
            break
    print(lost)


if sys.argv[1] == "serve":
    serve(int(sys.argv[2]))
connect(int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5], sys.argv[6:])
