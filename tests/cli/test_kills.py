#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody dies at a nasty moment; the others say so, and leave nothing half-made behind."""

import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from ferrylab import Profile, Server, sha256, write_file  # noqa: E402

CLI = None
SIZES = {"direct": 3 << 30, "proxy": 1 << 30, "inband": 32 << 20}


class KillTest(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.alice = Profile(CLI, self.server, "alice")
        self.bob = Profile(CLI, self.server, "bob")
        self.path = os.path.join(self.alice.folder, "victim.bin")

    def tearDown(self):
        self.alice.close()
        self.bob.close()
        self.server.stop()

    def start(self, route):
        if not os.path.exists(self.path):
            # Sparse is enough: nobody reads it to the end.
            with open(self.path, "wb") as file:
                file.truncate(SIZES[route])
        receiver = self.bob.receive("--timeout", "60")
        sender = self.alice.start("send", self.path, "--to", self.bob.jid, "--route", route,
                                  "--timeout", "60")
        return sender, receiver

    def check_no_whole_file(self):
        self.assertEqual([name for name in os.listdir(self.bob.inbox)
                          if not name.startswith(".")], [])

    def test_sender_gone(self):
        for route in SIZES:
            with self.subTest(route=route):
                sender, receiver = self.start(route)
                with sender, receiver:
                    receiver.wait_event("route")
                    sender.kill()
                    self.assertEqual(receiver.wait(), 4, receiver.events)
                self.assertIn(receiver.find("failed")[0]["error"]["code"], ("broken", "gone"))
                self.check_no_whole_file()
                os.unlink(self.path)

    def test_receiver_gone(self):
        for route in SIZES:
            with self.subTest(route=route):
                sender, receiver = self.start(route)
                with sender, receiver:
                    sender.wait_event("route")
                    receiver.kill()
                    self.assertEqual(sender.wait(), 4, sender.events)
                self.assertIn(sender.find("failed")[0]["error"]["code"], ("broken", "gone"))
                self.check_no_whole_file()
                os.unlink(self.path)

    def test_receiver_gone_before_it_answers(self):
        with open(self.path, "wb") as file:
            file.write(b"x")
        receiver = self.bob.start("receive", "--dir", self.bob.inbox)  # nobody answers
        with receiver:
            receiver.wait_event("connected")
            with self.alice.start("send", self.path, "--to", self.bob.jid) as sender:
                receiver.wait_event("offer")
                receiver.kill()
                self.assertEqual(sender.wait(), 4, sender.events)
                self.assertEqual(sender.find("failed")[0]["error"]["code"], "gone")

    def test_server_gone_over_direct(self):
        """Bytes on a direct connection do not need the server."""
        write_file(self.path, 1 << 30)
        sender, receiver = self.start("direct")
        with sender, receiver:
            receiver.wait_event("route")
            self.server.interrupt()
            done = receiver.wait_event("done", timeout=60)
            # The sender's checksum comes by the server, so only the size can be vouched for.
            self.assertEqual(done["verified"], "size")
            self.assertEqual(sha256(done["path"]), sha256(self.path))

    def test_server_gone_in_band(self):
        sender, receiver = self.start("inband")
        with sender, receiver:
            receiver.wait_event("route")
            self.server.restart()
            self.assertEqual(receiver.wait(), 4)
            self.assertEqual(sender.wait(), 4)
        self.check_no_whole_file()

    def test_proxy_gone(self):
        """Prosody is the proxy: killing it cuts the bytes."""
        sender, receiver = self.start("proxy")
        with sender, receiver:
            receiver.wait_event("route")
            self.server.interrupt()
            self.assertEqual(receiver.wait(), 4)
            self.assertEqual(sender.wait(), 4)
        self.check_no_whole_file()


if __name__ == "__main__":
    CLI = os.environ["FERRY_CLI"]
    unittest.main(verbosity=2)
