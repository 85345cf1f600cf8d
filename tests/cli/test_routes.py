#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The quick part of the network lab: what is peculiar to each signalling, and the failures that other
programs are known for. `./dev lab` has the whole table."""

import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import lab  # noqa: E402
from lab import sha256  # noqa: E402

# The suite runs on busy machines; `./dev lab` takes the limits as they are.
PATIENCE = 4


class RouteTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = lab.Lab(os.environ["FERRY_CLI"])

    @classmethod
    def tearDownClass(cls):
        cls.lab.close()

    def check(self, name, *signallings):
        situation = next(each for each in lab.SITUATIONS if each.name == name)
        for signalling in signallings:
            with self.subTest(signalling=signalling):
                outcome = self.lab.measure(situation, signalling)
                print(f"{name}, {signalling}: {outcome.route}, first byte after {outcome.seconds:.2f} s")
                self.assertIsNone(self.lab.judge(situation, signalling, outcome, PATIENCE))

    def test_both_reachable(self):
        self.check("both reachable", *lab.SIGNALLINGS)

    def test_proxy_is_not_chosen_where_direct_works(self):
        self.check("only the receiver reachable", *lab.SIGNALLINGS)

    def test_not_stuck_on_an_unreachable_first_streamhost(self):
        self.check("first streamhost unreachable", *lab.SIGNALLINGS)

    def test_relay_when_packets_are_dropped(self):
        self.check("both behind NAT, a relay outside, packets dropped", "Jingle", "SI, fast")

    def test_relay_that_answers_byte_by_byte(self):
        self.check("both behind NAT, relay dribbles", "SI")

    def test_cut_before_the_first_byte(self):
        """Nobody is asked twice, and both go on by themselves when the network does."""
        network = self.lab.network
        _, alice, bob = self.lab.worlds[False]
        for signalling in ("si", "jingle"):
            with self.subTest(signalling=signalling), network.odd_host("cut") as port:
                network.rule(redirect=[
                    f"ip daddr {lab.netlab.HOMES} meta l4proto tcp redirect to :{port}"])
                with bob.ask("--count", "1") as receiver, alice.start(
                        "send", self.lab.path, "--to", bob.jid, "--wait", "--via",
                        signalling) as sender:
                    receiver.wait_event("offer")
                    receiver.answer("y")
                    for process in (sender, receiver):
                        process.wait_event("progress", "waiting", where=lambda event:
                                           event["state"] == "reconnecting", timeout=60)
                    network.rule()
                    self.assertEqual(sender.wait(), 0, sender.events)
                    self.assertEqual(receiver.wait(), 0, receiver.events)
                self.assertEqual(len(receiver.find("offer")), 1, "asked twice")
                done = receiver.find("done")[0]
                self.assertEqual(sha256(done["path"]), sha256(self.lab.path))
                os.unlink(done["path"])
                self.assertEqual(os.listdir(bob.inbox), [])

    def test_inband_where_nothing_else_works(self):
        self.check("both behind NAT, relay refuses", *lab.SIGNALLINGS)

    def test_inband_when_the_relay_is_silent(self):
        self.check("both behind NAT, relay silent", "SI", "Jingle")


if __name__ == "__main__":
    lacking = lab.netlab.missing()
    if lacking is not None:
        print(f"skipped: the network lab lacks {lacking}")
        sys.exit(77)
    unittest.main(verbosity=2)
