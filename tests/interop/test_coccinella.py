#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ferry and the real Coccinella, whose every library is its own: see README.md."""

import os
import shutil

from interop import EXIT_CANCELLED, LONG, MIB, InteropTest, run
from peers import HERE, Peer

PROGRAM = "/usr/share/coccinella/Coccinella.tcl"


class Coccinella(Peer):
    def __init__(self, server, user):
        super().__init__(server, user)
        self.jid += "/cocci"

    def command(self):
        resources = os.path.join(self.folder, ".coccinella", "resources")
        os.makedirs(resources)
        with open(os.path.join(resources, "config.tcl"), "w", encoding="utf-8") as config:
            config.write(f"source -encoding utf-8 {{{HERE / 'coccinella-driver.tcl'}}}\n")
        # "secure" means SASL; it has TLS only with a package that Debian's does not need.
        return ["env", f"DRIVER_FOLDER={self.folder}", "wish8.6", PROGRAM,
                "-jid", f"{self.jid}/cocci", "-password", "secret", "-ip", self.server.address,
                "-port", str(self.server.port), "-dnssrv", "0", "-method", "sasl", "-secure", "1"]


class CoccinellaBase(InteropTest):
    accounts = "alice cocci"
    server_options = ("--option", "c2s_require_encryption = false",
                      "--option", "allow_unencrypted_plain_auth = true")
    via = "si"
    resource = "ferry"

    @classmethod
    def start_peer(cls):
        return Coccinella(cls.server, "cocci")


class CoccinellaTest(CoccinellaBase):
    # Both sides dial: the first connection carries the file. The proxy, which Coccinella tries
    # before it tries us, must not.
    both_ways = ("direct", "fast")

    def test_send_direct(self):
        self.check_send("direct")

    def test_send_direct_large(self):
        self.check_send("direct", size=20 * MIB)

    def test_send_byte(self):
        self.check_send("direct", size=1)

    def test_send_fast(self):
        self.check_send("fast")

    def test_send_fast_large(self):
        self.check_send("fast", size=20 * MIB)

    def test_send_proxy(self):
        self.check_send("proxy")

    def test_send_proxy_large(self):
        self.check_send("proxy", size=20 * MIB)

    def test_send_inband(self):
        self.check_send("inband", size=MIB)

    def test_send_auto(self):
        self.via = "auto"
        self.check_send("auto", expected_route=self.both_ways)

    def test_receive_direct(self):
        self.check_receive("direct")

    def test_receive_direct_large(self):
        self.check_receive("direct", size=20 * MIB)

    def test_receive_byte(self):
        self.check_receive("direct", size=1)

    def test_receive_fast(self):
        self.check_receive("fast")

    def test_receive_fast_large(self):
        self.check_receive("fast", size=20 * MIB)

    def test_receive_proxy(self):
        self.check_receive("proxy")

    def test_receive_proxy_large(self):
        self.check_receive("proxy", size=20 * MIB)

    def test_receive_inband(self):
        """Its blocks are messages, as fast as it can read the file."""
        self.check_receive("inband", size=2 * MIB)

    def test_receive_auto(self):
        self.check_receive("auto", expected_route=self.both_ways)

    def test_peer_declines(self):
        self.peer.tell("decline")
        self.addCleanup(self.peer.tell, "accept")
        self.check_peer_declines()

    def test_we_decline(self):
        self.check_we_decline()

    def test_receiver_cancels(self):
        self.check_receiver_cancels("direct", size=20 * MIB)

    def test_sender_cancels(self):
        """It does not compare the size: what came before the end is the file, it believes."""
        with self.start_sending("direct", size=20 * MIB) as sender:
            sender.wait_event("route", timeout=60)
            sender.interrupt()
            self.assertEqual(sender.wait(60), EXIT_CANCELLED, sender.events)
        received = self.peer.wait_event("received", 60)
        self.assertLess(os.path.getsize(received["path"]), 20 * MIB)

    def test_peer_stops_receiving(self):
        self.check_peer_stops_receiving("direct", size=LONG)

    def test_peer_stops_sending(self):
        self.check_peer_stops_sending("direct", size=20 * MIB)


class CoccinellaOrderTest(CoccinellaBase):
    """It takes the first that answers, from the end of our list: our relay answers, too."""

    via = "auto"

    def test_send_without_fast(self):
        self.check_send("direct,proxy", expected_route="direct")

    def test_send_to_hidden(self):
        """In fast mode we would dial it, but cannot reach it."""
        self.peer.tell("hide")
        self.peer.wait_event("hidden")
        self.check_send("auto", expected_route="direct")


class CoccinellaInBandTest(CoccinellaBase):
    """A Coccinella of its own: it sends all of the file, heard or not, and shows an error for each
    block that comes back."""

    def test_receiver_cancels(self):
        self.check_receiver_cancels("inband")


def find_missing():
    missing = [] if os.path.exists(PROGRAM) else ["coccinella"]
    return missing + [name for name in ("wish8.6",) if shutil.which(name) is None]


if __name__ == "__main__":
    run(__file__, find_missing())
