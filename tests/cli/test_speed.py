#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Speed limits: kept by one file and by several together, and in nobody's way."""

import os
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from ferrylab import PATIENCE, Profile, Server, sha256, write_file  # noqa: E402

CLI = os.environ["FERRY_CLI"]
RATE = 400_000


class Speed(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.stop)
        self.alice = Profile(CLI, self.server, "alice")
        self.bob = Profile(CLI, self.server, "bob")
        self.addCleanup(self.alice.close)
        self.addCleanup(self.bob.close)

    def files(self, number, size):
        paths = [os.path.join(self.alice.folder, f"file-{i}") for i in range(number)]
        for i, path in enumerate(paths):
            write_file(path, size, seed=i)
        return paths

    def measure(self, paths, send=(), receive=()):
        """Returns: bytes a second, from the first open way to the last byte."""
        receiver = self.bob.receive(*receive, count=len(paths))
        self.addCleanup(receiver.kill)
        sender = self.alice.start("send", *paths, "--to", self.bob.jid, *send)
        self.addCleanup(sender.kill)
        self.assertEqual(sender.wait(120), 0, sender.events)
        self.assertEqual(receiver.wait(120), 0, receiver.events)
        for path in paths:
            self.assertEqual(sha256(path),
                             sha256(os.path.join(self.bob.inbox, os.path.basename(path))))
        begun = min(event["at"] for event in receiver.find("route"))
        ended = max(event["at"] for event in receiver.find("verifying"))
        return sum(os.stat(path).st_size for path in paths) / (ended - begun)

    def assert_rate(self, measured):
        # Never faster; slower only where the machine is busy, as it is while other tests run.
        self.assertLess(measured, RATE * 1.1)
        self.assertGreater(measured, RATE * 0.5 / PATIENCE)

    def test_one_file_up(self):
        self.assert_rate(self.measure(self.files(1, 5 * RATE), send=["--limit-rate", "400k"]))

    def test_one_file_down(self):
        self.assert_rate(self.measure(self.files(1, 5 * RATE), receive=["--limit-rate", "400k"]))

    def test_three_files_share_it(self):
        self.assert_rate(self.measure(self.files(3, 2 * RATE), send=["--limit-rate", "400k"]))

    def test_cancel_is_instant(self):
        path, = self.files(1, 50 * RATE)
        receiver = self.bob.receive()
        self.addCleanup(receiver.kill)
        sender = self.alice.start("send", path, "--to", self.bob.jid, "--limit-rate", "50k")
        self.addCleanup(sender.kill)
        sender.wait_event("progress", where=lambda event: event["bytes"] > 0)
        began = time.monotonic()
        sender.interrupt()
        self.assertEqual(sender.wait(), 6)
        self.assertLess(time.monotonic() - began, 3 * PATIENCE)

    def test_no_rate(self):
        for wrong in ("0", "-1", "fast", "1T", "", "k"):
            done = self.alice.run("send", __file__, "--to", self.bob.jid, "--limit-rate", wrong)
            self.assertEqual(done.returncode, 1, wrong)
            self.assertIn("is not a speed", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
