#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that answers oddly, for connections which nftables redirects to it:

    odd_host.py silent    accepts and says nothing
    odd_host.py lying     says yes to every SOCKS5 request, and nothing comes of it
    odd_host.py dribble   is where the connection was going, but the answers to the SOCKS5 dialogue come
                          one byte at a time
    odd_host.py cut       is where the connection was going until the SOCKS5 dialogue is over, and hangs up when
                          the first byte follows

Prints its port, and ends with whoever started it.
"""

import asyncio
import contextlib
import ctypes
import signal
import socket
import struct
import sys

SO_ORIGINAL_DST = 80
PR_SET_PDEATHSIG = 1
DIALOGUE = 64  # bytes; both answers together are shorter
PAUSE_S = 0.002


def get_original_address(sock):
    port, address = struct.unpack("!2xH4s8x", sock.getsockopt(socket.SOL_IP, SO_ORIGINAL_DST, 16))
    return socket.inet_ntoa(address), port


async def copy(reader, writer, n_single):
    with contextlib.suppress(OSError):
        while data := await reader.read(1 if n_single > 0 else 65536):
            writer.write(data)
            await writer.drain()
            if n_single > 0:
                n_single -= 1
                await asyncio.sleep(PAUSE_S)
        writer.write_eof()


async def dribble(reader, writer):
    try:
        far_reader, far_writer = await asyncio.open_connection(
            *get_original_address(writer.get_extra_info("socket")))
    except OSError:
        writer.close()
        return
    await asyncio.gather(copy(reader, far_writer, 0), copy(far_reader, writer, DIALOGUE))
    far_writer.close()
    writer.close()


async def cut(reader, writer):
    try:
        far_reader, far_writer = await asyncio.open_connection(
            *get_original_address(writer.get_extra_info("socket")))
    except OSError:
        writer.close()
        return
    with contextlib.suppress(asyncio.IncompleteReadError, OSError):
        for asked, answered in ((3, 2), (47, 47)):
            far_writer.write(await reader.readexactly(asked))
            writer.write(await far_reader.readexactly(answered))
        await asyncio.wait([asyncio.ensure_future(side.read(1)) for side in (reader, far_reader)],
                           return_when=asyncio.FIRST_COMPLETED)
    for side in (writer, far_writer):
        side.transport.abort()


async def silent(reader, writer):
    while await reader.read(65536):
        pass
    writer.close()


async def lying(reader, writer):
    with contextlib.suppress(asyncio.IncompleteReadError, OSError):
        await reader.readexactly(3)
        writer.write(b"\5\0")
        request = await reader.readexactly(47)
        writer.write(request[:1] + b"\0" + request[2:])
    await silent(reader, writer)


async def main():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    manner = {"silent": silent, "lying": lying, "dribble": dribble, "cut": cut}[sys.argv[1]]
    server = await asyncio.start_server(manner, "0.0.0.0", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
