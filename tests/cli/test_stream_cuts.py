#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The XMPP streams of both sides are cut again and again at random moments of an in-band transfer, and
what was said last gets lost. It completes, and each block is sent once and comes once.
FERRY_TEST_CUTS says how often (`./dev torture`: 50), FERRY_TEST_SEED plays one run again."""

import contextlib
import os
import random
import re
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from ferrylab import PATIENCE, Profile, Server, sha256, write_file  # noqa: E402
from xmpp_relay import Relay  # noqa: E402

CLI = None
CUTS = int(os.environ.get("FERRY_TEST_CUTS", "8"))
SEED = int(os.environ.get("FERRY_TEST_SEED", str(time.time_ns() % 1000000)))
SIZE = 8 << 20
LIMIT = 60 + 10 * CUTS  # s
PEOPLE = ("alice", "bob")


def read_blocks(path, direction):
    """The numbers of each stream's <data/> in a log, in order and as often as they are there."""
    streams = {}
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        tag = re.search(r"<data [^>]*>", line)
        if tag is not None and line.split(" ", 2)[1] == direction:
            values = dict(re.findall(r"(\w+)='([^']*)'", tag.group()))
            streams.setdefault(values["sid"], []).append(int(values["seq"]))
    return streams


class StreamCutsTest(unittest.TestCase):
    def setUp(self):
        print(f"FERRY_TEST_CUTS={CUTS} FERRY_TEST_SEED={SEED}", flush=True)
        self.chance = random.Random(SEED)
        with contextlib.ExitStack() as stack:
            self.server = stack.enter_context(Server())
            self.relay = stack.enter_context(Relay("127.0.0.1", self.server.port, PEOPLE))
            self.profiles = {who: stack.enter_context(Profile(
                CLI, self.server, who, port=self.relay.ports[who])) for who in PEOPLE}
            self.addCleanup(stack.pop_all().close)
        self.alice, self.bob = (self.profiles[who] for who in PEOPLE)
        self.path = os.path.join(self.alice.folder, "cut.bin")
        write_file(self.path, SIZE)
        self.logs = {who: os.path.join(self.profiles[who].folder, "traffic.xml") for who in PEOPLE}

    def get_arrived(self):
        for name in os.listdir(self.bob.inbox):
            with contextlib.suppress(FileNotFoundError):
                return os.path.getsize(os.path.join(self.bob.inbox, name))
        return 0

    def wait_arrived(self, n_bytes):
        deadline = time.monotonic() + LIMIT * PATIENCE
        while self.get_arrived() < n_bytes:
            self.assertLess(time.monotonic(), deadline, f"{self.get_arrived()} of {n_bytes} bytes came")
            time.sleep(0.005)

    def cut_at(self, n_bytes):
        self.wait_arrived(n_bytes)
        who = self.chance.choice((("alice",), ("bob",), PEOPLE))
        for each in who:
            self.relay.tell("hole", each)
        time.sleep(self.chance.uniform(0, 0.1))
        for each in who:
            self.relay.tell("cut", each)
        return len(who)

    def check(self, signalling):
        with self.bob.start("--log-xml", self.logs["bob"], "receive", "--yes", "--dir",
                            self.bob.inbox) as receiver:
            receiver.wait_event("connected")
            with self.alice.start("--log-xml", self.logs["alice"], "send", self.path, "--to",
                                  self.bob.jid, "--route", "inband", "--via",
                                  signalling) as sender:
                moments = sorted(self.chance.uniform(0.01, 0.95) for _ in range(CUTS))
                n_cuts = 0
                while n_cuts < CUTS:
                    n_cuts += self.cut_at(int(moments[n_cuts] * SIZE))
                self.assertEqual(sender.wait(LIMIT), 0, sender.events[-3:])
            # It stays until its last words have arrived.
            done = receiver.wait_event("done", timeout=LIMIT)
            receiver.popen.terminate()
            receiver.wait()
        self.assertEqual(sha256(done["path"]), sha256(self.path))
        self.assertTrue(done["encrypted"])
        self.assertEqual(os.listdir(self.bob.inbox), ["cut.bin"])
        sent = read_blocks(self.logs["alice"], ">")
        came = read_blocks(self.logs["bob"], "<")
        # Prosody 0.12 does not always survive a cut in the middle of a stanza: then a new stream
        # takes over where the one before stopped.
        for stream, numbers in sent.items():
            self.assertEqual(numbers, [i % 65536 for i in range(len(numbers))])
            there = came.get(stream, [])
            self.assertEqual(there, numbers[:len(there)])
        n_blocks = sum(map(len, came.values()))
        print(f"{signalling}: {n_cuts} cuts, {len(sent)} streams, {n_blocks} blocks, each once",
              flush=True)

    def test_last_words(self):
        """A receiver that has all it wanted goes when its sender knows that, also where it has to connect
        again for that."""
        with self.bob.receive("--limit-rate", "4M") as receiver, self.alice.start(
                "send", self.path, "--to", self.bob.jid, "--wait") as sender:
            self.wait_arrived(SIZE // 4)
            self.relay.tell("away", "bob")
            receiver.wait_event("done", timeout=LIMIT)
            self.relay.tell("back", "bob")
            self.assertEqual(receiver.wait(LIMIT), 0, receiver.events[-3:])
            self.assertEqual(sender.wait(LIMIT), 0, sender.events[-3:])
            self.assertEqual(sender.find("done")[0]["verified"], "sha-256")

    def test_jingle(self):
        self.check("jingle")

    def test_stream_initiation(self):
        self.check("si")


if __name__ == "__main__":
    CLI = os.environ["FERRY_CLI"]
    unittest.main(verbosity=2)
