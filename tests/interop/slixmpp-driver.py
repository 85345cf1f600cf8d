#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a client on Debian's slixmpp that takes commands and prints what happens.

Commands, one a line:   send JID PATH | stop-after BYTES (the next file, either way)
Options of a command:   --answer accept|decline    what to say to offers
                        --methods s5b,inband       what to offer and to take
                        --block N                  of an in-band stream that we open
                        --messages                 in-band data in messages, not in requests
                        --mend                     see mend() below
"""

import argparse
import asyncio
import json
import math
import os
import sys
import uuid

import slixmpp
from slixmpp.exceptions import IqError, IqTimeout
from slixmpp.xmlstream.handler import CoroutineCallback
from slixmpp.xmlstream.matcher import StanzaPath

METHODS = {"s5b": "http://jabber.org/protocol/bytestreams", "inband": "http://jabber.org/protocol/ibb"}
PLUGINS = ("xep_0004", "xep_0030", "xep_0199", "xep_0047", "xep_0065", "xep_0095", "xep_0096")


def say(event, **values):
    print(json.dumps({"event": event, **values}), flush=True)


class File:
    """What is being received: complete with the last byte, whatever closes the stream."""

    def __init__(self, path, size, limit):
        self.path, self.size, self.limit, self.count = path, size, limit, 0
        self.stream = None
        self.file = open(path, "wb")

    def add(self, data):
        if self.file.closed:
            return
        self.file.write(data)
        self.count += len(data)
        if self.count >= self.limit:
            stop(self.stream)

    def end(self):
        if self.file.closed:
            return
        self.file.close()
        if self.count == self.size:
            say("received", path=self.path)
        else:
            say("failed", reason=f"{self.count} of {self.size} bytes")


def stop(stream):
    """In the middle: there is no other word for it than the end of the stream."""
    if hasattr(stream, "transport"):
        stream.transport.abort()
    else:
        stream.close()


class Client(slixmpp.ClientXMPP):
    def __init__(self, options):
        super().__init__(f"{options.jid}/slixmpp", options.password)
        self.options = options
        self.files = {}
        self.limit = math.inf  # stop the next file after so many bytes
        self.ca_certs = options.cert
        for plugin in PLUGINS:
            self.register_plugin(plugin, {"max_block_size": 65535} if plugin == "xep_0047" else {})
        for name, namespace in METHODS.items():
            if name not in options.methods:
                self["xep_0095"].unregister_method(namespace)
        if options.mend:
            self.mend()
        for event, handler in {
            "session_start": self.on_start, "si_request": self.on_offer,
            "ibb_stream_data": self.on_inband_data, "ibb_stream_end": self.on_inband_end,
            "failed_auth": lambda error: say("ended"),
        }.items():
            self.add_event_handler(event, handler)

    def mend(self):
        """1.8.3 registers the coroutine that answers offers where only functions are called."""
        self.remove_handler("SI Request")
        self.register_handler(CoroutineCallback("SI Request", StanzaPath("iq@type=set/si"),
                                                self["xep_0095"]._handle_request))

    async def on_start(self, event):
        self.send_presence()
        await self.get_roster()
        self.loop.add_reader(0, self.read_commands)
        say("ready")

    def read_commands(self):
        lines = os.read(0, 65536).decode().splitlines()
        if not lines:
            self.loop.remove_reader(0)
        for line in lines:
            verb, *words = line.split(" ", 2)
            if verb == "send":
                asyncio.ensure_future(self.guard(self.send_file(*words)))
            elif verb == "stop-after":
                self.limit = int(words[0])

    async def guard(self, work):
        try:
            await work
        except IqError as error:
            say("failed", reason=error.iq["error"]["condition"])
        except (IqTimeout, OSError, RuntimeError) as error:
            say("failed", reason=repr(error))

    def take_limit(self):
        limit, self.limit = self.limit, math.inf
        return limit

    # --- Receiving

    async def on_offer(self, iq):
        sid, sender, file = iq["si"]["id"], iq["from"], iq["si"]["file"]
        own = slixmpp.JID(self.boundjid.full)  # its tables are kept by exactly this
        if self.options.answer == "decline":
            # It waits for an answer to its own error, which nobody sends.
            asyncio.ensure_future(self["xep_0095"].decline(sender, sid, ifrom=own))
            return
        path = os.path.join(self.options.dir, uuid.uuid4().hex)
        self.files[sid] = File(path, int(file["size"]), self.take_limit())
        say("offered", name=file["name"])
        asyncio.ensure_future(self["xep_0095"].accept(
            sender, sid, ifrom=own, stream_handler=lambda stream: self.on_stream(sid, stream)))

    def on_stream(self, sid, stream):
        file = self.files[sid]
        file.stream = stream
        if not hasattr(stream, "transport"):
            return

        def happen(name, data=None):
            if name == "socks5_data":
                file.add(data)
            elif name == "socks5_closed":
                file.end()

        # Its events do not say to which connection they belong.
        stream.event = happen

    def on_inband_data(self, stream):
        if stream.sid in self.files:
            self.files[stream.sid].add(stream.read())

    def on_inband_end(self, stream):
        if stream.sid in self.files:
            self.files.pop(stream.sid).end()

    # --- Sending

    async def find_device(self, jid):
        while not self.client_roster.presence(jid):
            await asyncio.sleep(0.05)
        return slixmpp.JID(f"{jid}/{next(iter(self.client_roster.presence(jid)))}")

    async def send_file(self, jid, path):
        to, sid = await self.find_device(jid), uuid.uuid4().hex
        answer = await self["xep_0096"].request_file_transfer(
            to, sid=sid, name=os.path.basename(path), size=str(os.path.getsize(path)), timeout=60,
            methods=[{"value": METHODS[name]} for name in self.options.methods])
        method = answer["si"]["feature_neg"]["form"].get_fields()["stream-method"]["value"]
        if method == METHODS["inband"]:
            await self.send_inband(to, sid, path)
        else:
            await self.send_socks5(to, sid, path)
        say("sent")

    def read_file(self, path, block):
        left = self.take_limit()
        with open(path, "rb") as file:
            while left > 0 and (data := file.read(min(block, left))):
                left -= len(data)
                yield data
        if left <= 0:
            raise RuntimeError("stopped")

    async def send_inband(self, to, sid, path):
        stream = await self["xep_0047"].open_stream(
            to, sid=sid, block_size=self.options.block, use_messages=self.options.messages)
        try:
            for data in self.read_file(path, self.options.block):
                await stream.send(data, timeout=60)
        finally:
            await stream.close()

    async def send_socks5(self, to, sid, path):
        stream = await self["xep_0065"].handshake(to, sid=sid)
        if stream is None:
            raise RuntimeError("no SOCKS5 stream")
        try:
            for data in self.read_file(path, 65536):
                await stream.write(data)
        finally:
            stream.transport.close()


def main():
    parser = argparse.ArgumentParser()
    for name in ("dir", "jid", "password", "address", "cert"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--answer", choices=("accept", "decline"), default="accept")
    parser.add_argument("--methods", type=lambda text: text.split(","), default=list(METHODS))
    parser.add_argument("--block", type=int, default=4096)
    parser.add_argument("--messages", action="store_true")
    parser.add_argument("--mend", action="store_true")
    options = parser.parse_args()
    client = Client(options)
    client.connect((options.address, options.port))
    client.process(forever=True)


if __name__ == "__main__":
    sys.exit(main())
