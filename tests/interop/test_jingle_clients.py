#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ferry and the real Dino and Gajim: every way a file can go between them. See README.md."""

import os
import shutil

from folders import check_send_folder
from interop import EXIT_FAILED, EXIT_TIMED_OUT, MIB, InteropTest, run
from peers import Dino, Gajim


class DinoTest(InteropTest):
    accounts = "alice dino"

    @classmethod
    def start_peer(cls):
        return Dino(cls.server, "dino", "alice@localhost")

    def test_send_direct(self):
        self.check_send("direct")

    def test_send_proxy(self):
        self.check_send("proxy")

    def test_send_folder(self):
        check_send_folder(self)

    def test_receive_direct(self):
        self.check_receive("direct")

    def test_receive_proxy(self):
        self.check_receive("proxy")

    def test_receive_inband(self):
        self.check_receive("inband")

    def test_receiver_cancels(self):
        self.check_receiver_cancels()


class DinoRestartTest(InteropTest):
    accounts = "alice dino"
    server_options = ("--option", "smacks_hibernation_time = 2")

    @classmethod
    def start_peer(cls):
        return Dino(cls.server, "dino", "alice@localhost")

    def test_dino_killed(self):
        self.check_restarts()


class DinoInBandTest(InteropTest):
    """A Dino of its own: it may crash after this."""

    accounts = "alice dino"

    @classmethod
    def start_peer(cls):
        return Dino(cls.server, "dino", "alice@localhost")

    def test_send_inband(self):
        """Dino answers every block and has failed at the first: this is not a delivery."""
        with self.start_sending("inband", timeout_s=15) as sender:
            self.peer.wait_event("failed", 20)
            self.assertIn(sender.wait(40), (EXIT_FAILED, EXIT_TIMED_OUT), sender.events)
        self.assertEqual(sender.find("done"), [])


class GajimTest(InteropTest):
    accounts = "alice gajim"
    # Of what we announce it takes the strongest.
    received_as = "sha3-512"

    @classmethod
    def start_peer(cls):
        return Gajim(cls.server, "gajim", mended=True)

    def test_send_direct(self):
        self.check_send("direct")

    def test_send_proxy(self):
        self.check_send("proxy")

    def test_send_folder(self):
        check_send_folder(self)

    def test_send_inband(self):
        self.check_send("inband")

    def test_receive_direct(self):
        self.check_receive("direct")

    def test_receive_proxy(self):
        self.check_receive("proxy")

    def test_receive_inband(self):
        self.check_receive("inband")

    def test_receiver_cancels(self):
        self.check_receiver_cancels()


class GajimRestartTest(InteropTest):
    accounts = "alice gajim"
    server_options = ("--option", "smacks_hibernation_time = 2")

    @classmethod
    def start_peer(cls):
        return Gajim(cls.server, "gajim", mended=True)

    def test_gajim_killed(self):
        self.check_restarts()


class StockGajimTest(InteropTest):
    accounts = "alice stock"

    @classmethod
    def start_peer(cls):
        return Gajim(cls.server, "stock", mended=False)

    def test_send(self):
        """As installed it acknowledges an offer and says nothing more: Ferry gives up."""
        with self.start_sending("auto", timeout_s=5) as sender:
            self.assertEqual(sender.wait(20), EXIT_TIMED_OUT, sender.events)
        self.assertEqual(sender.find("done"), [])


def find_missing():
    missing = [name for name in ("dino-im", "gajim") if shutil.which(name) is None]
    if not os.environ.get("FERRY_DINO_DRIVER"):
        missing.append("a C compiler for Dino's driver")
    return missing


if __name__ == "__main__":
    run(__file__, find_missing())
