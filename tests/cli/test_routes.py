#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which way a file goes when networks are as they are: real hosts, a real router between them."""

import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

import netlab  # noqa: E402
from ferrylab import Profile, Server, sha256, write_file  # noqa: E402

CLI = None
# In-band begins within this many seconds although packets are dropped without a word.
IN_BAND_LIMIT_S = 25

FROM_ALICE = 'iifname "alice" oifname "bob"'
FROM_BOB = 'iifname "bob" oifname "alice"'


class RouteTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.network = netlab.Network()
        cls.server = Server(address=netlab.SERVER_ADDRESS, prefix=cls.network.prefix("hub"))
        cls.alice = Profile(CLI, cls.server, "alice", prefix=cls.network.prefix("alice"))
        cls.bob = Profile(CLI, cls.server, "bob", prefix=cls.network.prefix("bob"))
        cls.path = os.path.join(cls.alice.folder, "file.bin")
        write_file(cls.path, 300000)

    @classmethod
    def tearDownClass(cls):
        cls.alice.close()
        cls.bob.close()
        cls.server.stop()
        cls.network.close()

    def check(self, route, limit_s, forward=(), incoming=()):
        self.network.filter(forward, incoming)
        with self.bob.receive() as receiver:
            with self.alice.start("send", self.path, "--to", self.bob.jid, "--timeout", "60") as sender:
                self.assertEqual(sender.wait(90), 0, f"{sender.events}\n{sender.stderr}")
            self.assertEqual(receiver.wait(), 0)
        accepted, opened = receiver.find("accepted")[0], receiver.find("route")[0]
        done = receiver.find("done")[0]
        seconds = opened["at"] - accepted["at"]
        self.assertEqual(done["route"], route)
        self.assertEqual(sha256(done["path"]), sha256(self.path))
        os.unlink(done["path"])
        print(f"{self.id().split('.')[-1]}: {route}, first byte possible after {seconds:.2f} s")
        self.assertLess(seconds, limit_s)

    def test_both_reachable(self):
        self.check("direct", 5)

    def test_only_sender_reachable(self):
        self.check("direct", 5, forward=[f"{FROM_ALICE} ct state new drop"])

    def test_only_receiver_reachable(self):
        self.check("direct", 5, forward=[f"{FROM_BOB} ct state new drop"])

    def test_relay_when_both_drop(self):
        self.check("proxy", 15, forward=["ct state new drop"])

    def test_relay_when_both_refuse(self):
        self.check("proxy", 8, forward=["meta l4proto tcp reject with tcp reset"])

    def test_in_band_when_all_is_dropped(self):
        port = self.server.values["PROXY_PORT"]
        self.check("inband", IN_BAND_LIMIT_S, forward=["ct state new drop"],
                   incoming=[f"tcp dport {port} drop"])

    def test_in_band_when_all_is_refused(self):
        port = self.server.values["PROXY_PORT"]
        self.check("inband", 12, forward=["meta l4proto tcp reject with tcp reset"],
                   incoming=[f"tcp dport {port} reject with tcp reset"])


if __name__ == "__main__":
    CLI = os.environ["FERRY_CLI"]
    lacking = netlab.missing()
    if lacking is not None:
        print(f"skipped: the network lab lacks {lacking}")
        sys.exit(77)
    unittest.main(verbosity=2)
