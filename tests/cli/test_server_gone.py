#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server dies at a nasty moment: what does not need it goes on, what does waits for it."""

import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from ferrylab import Profile, Server, sha256, write_file  # noqa: E402

CLI = None
# Much more than the relay and all buffers take before it ends.
SIZES = {"proxy": 1 << 30, "inband": 16 << 20}


class ServerGoneTest(unittest.TestCase):
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
            write_file(self.path, SIZES[route])
        receiver = self.bob.receive("--timeout", "120")
        sender = self.alice.start("send", self.path, "--to", self.bob.jid, "--route", route,
                                  "--timeout", "120")
        return sender, receiver

    def check_no_whole_file(self):
        self.assertEqual([name for name in os.listdir(self.bob.inbox)
                          if not name.startswith(".")], [])

    def check_server_gone_over_direct(self, size, end_server):
        """Bytes on a direct connection do not need the server."""
        write_file(self.path, size)
        sender, receiver = self.start("direct")
        with sender, receiver:
            receiver.wait_event("route")
            end_server()
            done = receiver.wait_event("done", timeout=60)
            # The sender's checksum comes by the server, so only the size can be vouched for.
            self.assertEqual(done["verified"], "size")
            self.assertEqual(sha256(done["path"]), sha256(self.path))
            # It cannot hear that all is well, but nor may it wait for ever to hear it.
            self.assertEqual(sender.wait(), 0, sender.events)
            self.assertEqual(sender.find("done")[0].get("verified"), None)
            self.assertEqual(receiver.wait(), 0, receiver.events)

    def test_server_stopped_over_direct(self):
        self.check_server_gone_over_direct(512 << 20, self.server.interrupt)

    def test_server_killed_over_direct(self):
        self.check_server_gone_over_direct(512 << 20, self.server.kill)

    def test_server_restarted_over_direct(self):
        self.check_server_gone_over_direct(512 << 20, self.server.restart)

    def check_goes_on(self, sender, receiver):
        done = receiver.wait_event("done", timeout=90)
        self.assertEqual(sha256(done["path"]), sha256(self.path))
        self.assertEqual(receiver.wait(), 0, receiver.events)
        self.assertEqual(sender.wait(), 0, sender.events)

    def test_server_restarts_in_band(self):
        sender, receiver = self.start("inband")
        with sender, receiver:
            receiver.wait_event("route")
            self.server.restart()
            self.check_goes_on(sender, receiver)

    def test_proxy_gone(self):
        """Prosody is the proxy: its end cuts the bytes. Both wait until it is there again."""
        for end_server in (self.server.interrupt, self.server.kill):
            with self.subTest(end_server=end_server.__name__):
                sender, receiver = self.start("proxy")
                with sender, receiver:
                    # What breaks before its first byte is for the user to try again.
                    for process in (sender, receiver):
                        process.wait_event("progress", where=lambda event: event["bytes"] > 0)
                    end_server()
                    for process in (sender, receiver):
                        process.wait_event("progress", "waiting", timeout=60, where=lambda event:
                                           event["state"] in ("reconnecting", "waiting-peer"))
                    self.check_no_whole_file()
                    self.server.restart()
                    self.check_goes_on(sender, receiver)
                os.unlink(receiver.find("done")[0]["path"])

    def test_server_restarts_during_negotiation(self):
        with open(self.path, "wb") as file:
            file.write(b"x")
        with self.bob.ask("--count", "1") as receiver:
            with self.alice.start("send", self.path, "--to", self.bob.jid) as sender:
                receiver.wait_event("offer")
                self.server.restart()
                sender.wait_event("waiting", timeout=60)
                receiver.wait_event("offer", timeout=60)
                receiver.answer("y")  # to the first question, or to the second
                receiver.answer("y")
                self.assertEqual(sender.wait(), 0, sender.events)
            self.assertEqual(receiver.wait(), 0, receiver.events)


if __name__ == "__main__":
    CLI = os.environ["FERRY_CLI"]
    unittest.main(verbosity=2)
