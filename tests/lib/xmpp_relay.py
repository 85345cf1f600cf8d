#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A relay between clients and their server, whose connections can be cut:

    xmpp_relay.py ADDRESS SERVER_PORT NAME…

listens once for each NAME and prints "NAME PORT" lines. Then it does what it reads from stdin, and says
"ok N" after each line, with the number of connections that NAME has made so far:

    hole NAME    what is said on NAME's connections from now on gets lost, and nobody can know
    cut NAME     NAME's connections are reset
    away NAME    as cut, and new ones are refused
    back NAME    no longer
    count NAME   nothing

Ends with whoever started it. As a module: the class Relay runs it.
"""

import asyncio
import contextlib
import ctypes
import signal
import socket
import struct
import subprocess
import sys

PR_SET_PDEATHSIG = 1
CHUNK = 1 << 16


class Relay:
    """The relay as a process at @prefix (see netlab.Network.prefix())."""

    def __init__(self, address, server_port, names, prefix=()):
        self.process = subprocess.Popen(
            [*prefix, sys.executable, __file__, address, str(server_port), *names],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ports = {}
        for _ in names:
            name, port = self.process.stdout.readline().split()
            self.ports[name] = int(port)

    def tell(self, verb, name):
        self.process.stdin.write(f"{verb} {name}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if answer[:1] != ["ok"]:
            raise RuntimeError(f"the relay did not {verb}")
        return int(answer[1])

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


class Gate:
    """What stands between the clients of one name and the server."""

    def __init__(self, address, server_port):
        self.address = address
        self.server_port = server_port
        self.pairs = set()  # of pairs of StreamWriter
        self.holes = set()  # those of them that lose everything
        self.is_away = False
        self.n_connections = 0

    async def copy(self, reader, writer, pair):
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                if pair not in self.holes:
                    writer.write(data)
                    await writer.drain()

    async def serve(self, reader, writer):
        self.n_connections += 1
        if self.is_away:
            reset(writer)
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(self.address, self.server_port)
        except OSError:
            reset(writer)
            return
        pair = (writer, far_writer)
        self.pairs.add(pair)
        ways = [asyncio.create_task(self.copy(reader, far_writer, pair)),
                asyncio.create_task(self.copy(far_reader, writer, pair))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        # What is in our hands still arrives where only one side has ended it.
        for way in ways:
            way.cancel()
        self.pairs.discard(pair)
        self.holes.discard(pair)
        for end in pair:
            end.close()

    def cut(self):
        for pair in self.pairs:
            for writer in pair:
                reset(writer)
        self.pairs.clear()


def reset(writer):
    sock = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def obey(gate, verb):
    if verb == "hole":
        gate.holes |= gate.pairs
    elif verb == "back":
        gate.is_away = False
    elif verb != "count":
        gate.is_away = gate.is_away or verb == "away"
        gate.cut()


async def main():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    address, server_port, *names = sys.argv[1:]
    gates = {name: Gate(address, int(server_port)) for name in names}
    for name, gate in gates.items():
        server = await asyncio.start_server(gate.serve, address, 0)
        print(name, server.sockets[0].getsockname()[1], flush=True)
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():
        verb, name = line.decode().split()
        obey(gates[name], verb)
        print("ok", gates[name].n_connections, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
