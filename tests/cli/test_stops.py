#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One side is stopped, by its user or by --timeout, at every stage and on every route: both end
with the right code, and nothing is left in the folder."""

import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from ferrylab import Profile, Server  # noqa: E402

CLI = None
# Enough that no machine is done before it is stopped. All are sparse.
SIZES = {"direct": 16 << 30, "proxy": 4 << 30, "inband": 256 << 20}
FAILED, TIMED_OUT, CANCELLED = 4, 5, 6


class StopTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.alice = Profile(CLI, cls.server, "alice")
        cls.bob = Profile(CLI, cls.server, "bob")
        cls.path = os.path.join(cls.alice.folder, "stopped.bin")

    @classmethod
    def tearDownClass(cls):
        cls.alice.close()
        cls.bob.close()
        cls.server.stop()

    def send(self, route="auto", *arguments):
        with open(self.path, "wb") as file:
            file.truncate(SIZES.get(route, 1))
        return self.alice.start("send", self.path, "--to", self.bob.jid, "--route", route,
                                *arguments)

    def check_code(self, process, code, error=None):
        self.assertEqual(process.wait(), code, f"{process.events}\n{process.stderr}")
        if error is not None:
            self.assertEqual(process.find("failed")[0]["error"]["code"], error)

    def check_folder(self):
        self.assertEqual(os.listdir(self.bob.inbox), [])

    def test_interrupted_on_the_way(self):
        for route in SIZES:
            for stage in ("connecting", "route"):
                for stopped in ("sender", "receiver"):
                    with self.subTest(route=route, stage=stage, stopped=stopped):
                        with self.bob.receive() as receiver, self.send(route) as sender:
                            one, other = ((sender, receiver) if stopped == "sender"
                                          else (receiver, sender))
                            one.wait_event(stage)
                            one.interrupt()
                            self.check_code(one, CANCELLED)
                            self.check_code(other, FAILED, "cancelled-by-peer")
                        self.check_folder()

    def test_sender_interrupted_before_the_answer(self):
        with self.bob.ask("--count", "1") as receiver:
            with self.send() as sender:
                receiver.wait_event("offer")
                sender.interrupt()
                self.check_code(sender, CANCELLED)
            with self.send() as sender:
                receiver.wait_event("offer")
                receiver.answer("y")  # to the question that is on the terminal still
                receiver.answer("y")
                self.check_code(sender, 0)
            self.check_code(receiver, 0)
        os.unlink(receiver.find("done")[0]["path"])
        self.check_folder()

    def test_receiver_interrupted_before_the_answer(self):
        with self.send() as sender:
            with self.bob.ask() as receiver:
                receiver.wait_event("offer")
                receiver.interrupt()
                self.check_code(receiver, CANCELLED)
            sender.wait_event("waiting")
            with self.bob.ask("--count", "1") as receiver:
                receiver.wait_event("offer")
                receiver.answer("y")
                self.check_code(sender, 0)
                self.check_code(receiver, 0)
        os.unlink(receiver.find("done")[0]["path"])
        self.check_folder()

    def test_sender_has_no_time_to_be_answered(self):
        with self.bob.ask() as receiver:
            with self.send("auto", "--timeout", "3") as sender:
                receiver.wait_event("offer")
                self.check_code(sender, TIMED_OUT)
            self.assertIsNone(receiver.popen.poll())

    def test_sender_has_no_time_to_send(self):
        for route in SIZES:
            with self.subTest(route=route):
                with self.bob.receive() as receiver:
                    with self.send(route, "--timeout", "2") as sender:
                        self.check_code(sender, TIMED_OUT)
                    self.check_code(receiver, FAILED, "cancelled-by-peer")
                self.check_folder()

    def test_receiver_has_no_time(self):
        with self.bob.receive("--timeout", "1") as receiver:
            self.check_code(receiver, TIMED_OUT)
        with self.bob.receive("--timeout", "5") as receiver, self.send("inband") as sender:
            receiver.wait_event("route")
            self.check_code(receiver, TIMED_OUT)
            self.check_code(sender, FAILED, "cancelled-by-peer")
        self.check_folder()


if __name__ == "__main__":
    CLI = os.environ["FERRY_CLI"]
    unittest.main(verbosity=2)
