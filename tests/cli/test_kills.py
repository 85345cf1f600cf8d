#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody dies at a nasty moment; the others say what they wait for, and leave nothing half-made
behind when their user gives up. How files go on is in test_resume.py."""

import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from ferrylab import Profile, Server, sha256, write_file  # noqa: E402

CLI = None
SIZES = {"direct": 1 << 30, "proxy": 1 << 30, "inband": 32 << 20}


class KillTest(unittest.TestCase):
    def setUp(self):
        # A server takes a client that vanished for one with a bad network, until this is over.
        self.server = Server("--option", "smacks_hibernation_time = 3")
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

    def check_stopped(self, process):
        """Its user gives up: then nothing of it is left."""
        process.interrupt()
        self.assertEqual(process.wait(), 6, process.events)

    def test_sender_gone(self):
        for route in SIZES:
            with self.subTest(route=route):
                sender, receiver = self.start(route)
                with sender, receiver:
                    receiver.wait_event("route")
                    receiver.wait_event("progress", "waiting", where=lambda event: event["bytes"] > 0)
                    sender.kill()
                    receiver.wait_event("progress", "waiting", where=lambda event: event["state"] in (
                        "reconnecting", "waiting-peer"))
                    self.check_no_whole_file()
                    self.check_stopped(receiver)
                self.assertEqual(os.listdir(self.bob.inbox), [])
                # Else the killed one's file would be offered again, too.
                self.alice.close()
                self.alice = Profile(CLI, self.server, "alice")
                self.path = os.path.join(self.alice.folder, "victim.bin")

    def test_receiver_gone(self):
        for route in SIZES:
            with self.subTest(route=route):
                sender, receiver = self.start(route)
                with sender, receiver:
                    sender.wait_event("route")
                    sender.wait_event("progress", "waiting", where=lambda event: event["bytes"] > 0)
                    receiver.kill()
                    sender.wait_event("progress", "waiting", where=lambda event: event["state"] in (
                        "reconnecting", "waiting-peer"))
                    self.check_stopped(sender)
                self.check_no_whole_file()
                os.unlink(self.path)
                self.bob.close()
                self.bob = Profile(CLI, self.server, "bob")

    def test_receiver_gone_before_it_answers(self):
        with open(self.path, "wb") as file:
            file.write(b"x")
        with self.alice.start("send", self.path, "--to", self.bob.jid) as sender:
            with self.bob.ask() as receiver:  # nobody answers
                receiver.wait_event("offer")
                receiver.kill()
            sender.wait_event("waiting", timeout=60)
            with self.bob.receive() as receiver:
                self.assertEqual(sender.wait(), 0, sender.events)
                self.assertEqual(receiver.wait(), 0, receiver.events)

    def test_sender_gone_before_the_answer(self):
        with open(self.path, "wb") as file:
            file.write(b"x")
        with self.bob.ask("--count", "1") as receiver:
            with self.alice.start("send", self.path, "--to", self.bob.jid) as sender:
                receiver.wait_event("offer")
                sender.kill()
            with self.alice.start("receive"):  # its queue goes on, whatever it was started for
                receiver.wait_event("offer")
                receiver.answer("y")  # to the first question, or to the second
                receiver.answer("y")
                self.assertEqual(receiver.wait(), 0, receiver.events)


class GhostTest(unittest.TestCase):
    """A server keeps the session of a killed client for minutes, in the hope of its return."""

    def setUp(self):
        self.server = Server("--option", "smacks_hibernation_time = 3600")
        self.alice = Profile(CLI, self.server, "alice")
        self.path = os.path.join(self.alice.folder, "victim.bin")
        write_file(self.path, 100000)

    def tearDown(self):
        self.alice.close()
        self.server.stop()

    def check_arrives(self, killed, started, is_offered):
        with killed.receive() as ghost:
            if is_offered:
                self.alice.run("contacts", check=True)  # learns what such a program can do
            ghost.kill()
        with self.alice.start("send", self.path, "--to", killed.jid) as sender:
            # To nobody; or nobody says what it can do.
            sender.wait_event("offer" if is_offered else "waiting")
            with started.receive() as receiver:
                self.assertEqual(sender.wait(120), 0, sender.events)
                self.assertEqual(receiver.wait(), 0, receiver.events)
        self.assertEqual(sha256(receiver.find("done")[0]["path"]), sha256(self.path))

    def test_same_device_comes_back(self):
        for is_offered in (False, True):
            with self.subTest(is_offered=is_offered), Profile(CLI, self.server, "bob") as bob:
                self.check_arrives(bob, bob, is_offered)

    def test_other_device_comes(self):
        with Profile(CLI, self.server, "bob", resource="old") as old, \
                Profile(CLI, self.server, "bob", resource="new") as new:
            self.check_arrives(old, new, True)


if __name__ == "__main__":
    CLI = os.environ["FERRY_CLI"]
    unittest.main(verbosity=2)
