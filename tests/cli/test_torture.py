#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The quick part of torture: everything that can happen happens once, over each route and signalling.
`./dev torture` has as many rounds as one likes, and leaves to chance what happens when."""

import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import torture  # noqa: E402
from torture import MIB, Event, Plan  # noqa: E402

PLANS = [
    Plan(1, "direct", "jingle", 12 * MIB, 600, (
        Event("killed", "bob", 0.3, 0, 0.2), Event("link-down", "alice", 0.6, 0, 5),
        Event("killed", "alice", 0.6, 1, 0.5))),
    Plan(2, "direct", "si", 16 * MIB, 2, (
        Event("clock-jump", "both", 0.2, 0, 4), Event("disk-full", "bob", 0.4, 0, 5),
        Event("bytes-cut", "bob", 0.7, 0, 0))),
    Plan(3, "proxy", "jingle", 16 * MIB, 600, (
        Event("server-restarted", "bob", 0.3, 0, 1), Event("frozen", "bob", 0.7, 0, 1))),
    Plan(4, "proxy", "si", 12 * MIB, 600, (
        Event("bytes-cut", "alice", 0.3, 0, 0), Event("killed", "both", 0.6, 0, 0.5))),
    Plan(5, "inband", "jingle", 4 * MIB, 600, (
        Event("stream-away", "alice", 0.3, 0, 2), Event("killed", "alice", 0.6, 0, 0.2))),
    Plan(6, "inband", "si", 4 * MIB, 600, (
        Event("disk-full", "bob", 0.2, 0, 5), Event("stream-cut", "both", 0.5, 0, 3))),
]


class TortureTest(unittest.TestCase):
    def test_everything_once(self):
        with torture.Lab(os.environ["FERRY_CLI"]) as lab:
            happened = {event.kind for plan in PLANS for event in plan.events}
            self.assertEqual(happened, set(torture.KINDS))
            for plan in PLANS:
                plan = plan._replace(events=tuple(
                    event for event in plan.events if event.kind in lab.kinds))
                with self.subTest(plan=str(plan)):
                    self.assertEqual(lab.play(plan), [])


if __name__ == "__main__":
    lacking = torture.missing()
    if lacking is not None:
        print(f"skipped: torture lacks {lacking}")
        sys.exit(77)
    unittest.main(verbosity=2)
