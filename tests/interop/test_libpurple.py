#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ferry and the real libpurple, which Pidgin and Finch are: see README.md."""

import os

from interop import LONG, MIB, InteropTest, run
from peers import Peer

DRIVER = os.environ.get("FERRY_PURPLE_DRIVER")
# An address where nobody listens: a proxy there is offered and cannot be reached.
NOWHERE = "127.0.0.9"


class Purple(Peer):
    def __init__(self, server, user, *mode):
        self.mode = mode
        super().__init__(server, user)
        self.jid += "/purple"

    def command(self):
        return [DRIVER, f"{self.jid}/purple", "secret", self.server.address,
                str(self.server.port), self.folder, *self.mode]


class PurpleCase(InteropTest):
    """A libpurple for each class."""

    accounts = "alice purple"
    via = "si"
    resource = "ferry"
    mode = ()

    @classmethod
    def start_peer(cls):
        return Purple(cls.server, "purple", *cls.mode)


class PurpleTest(PurpleCase):
    def test_send_direct(self):
        self.check_send("direct")

    def test_send_direct_large(self):
        self.check_send("direct", size=20 * MIB)

    def test_send_byte(self):
        self.check_send("direct", size=1)

    def test_send_proxy(self):
        self.check_send("proxy")

    def test_send_proxy_large(self):
        self.check_send("proxy", size=20 * MIB)

    def test_send_inband(self):
        self.check_send("inband", size=MIB)

    def test_send_auto(self):
        self.via = "auto"
        self.check_send("auto", expected_route="direct")

    def test_receive_direct(self):
        self.check_receive("direct")

    def test_receive_direct_large(self):
        self.check_receive("direct", size=20 * MIB)

    def test_receive_byte(self):
        self.check_receive("direct", size=1)

    def test_receive_proxy(self):
        self.check_receive("proxy")

    def test_receive_inband(self):
        self.check_receive("inband", size=MIB)

    def test_receive_auto(self):
        self.check_receive("auto", expected_route="direct")

    def test_peer_declines(self):
        self.peer.tell("decline")
        self.addCleanup(self.peer.tell, "accept")
        self.check_peer_declines()

    def test_we_decline(self):
        self.check_we_decline()

    def test_receiver_cancels(self):
        self.check_receiver_cancels("direct", size=LONG)

    def test_sender_cancels(self):
        self.check_sender_cancels("direct", size=LONG)

    def test_sender_cancels_inband(self):
        self.check_sender_cancels("inband")

    def test_peer_stops_receiving(self):
        self.check_peer_stops_receiving("inband")

    def test_peer_stops_sending(self):
        self.check_peer_stops_sending("direct", size=LONG)


class PurpleRestartTest(PurpleCase):
    via = "auto"
    resource = None
    # The server is to know soon that the killed one is gone.
    server_options = ("--option", "smacks_hibernation_time = 2")

    def test_purple_killed(self):
        self.check_restarts()


class PurpleStopsInBandTest(PurpleCase):
    """A libpurple of its own: it may crash at the answer to a block of a file that has stopped, and
    that may be in the middle of the next test."""

    def test_peer_stops_sending(self):
        self.check_peer_stops_sending("inband")


class PurpleIsStoppedInBandTest(PurpleCase):
    """The same, stopped by us."""

    def test_receiver_cancels(self):
        self.check_receiver_cancels("inband")


class PurpleWithoutPortTest(PurpleCase):
    """libpurple cannot listen and there is no proxy: it opens in-band at once, although SOCKS5 was
    agreed on."""

    server_options = ("--no-proxy",)
    mode = ("inband",)

    def test_receive(self):
        self.check_receive("auto", size=MIB, expected_route="inband")

    def test_send(self):
        """Ferry can listen: what its peer lacks does not matter."""
        self.check_send("auto", expected_route="direct")


class PurpleDeadProxyTest(PurpleCase):
    """All streamhosts are dead: in-band on the same stream id, with no word between."""

    server_options = ("--proxy-address", NOWHERE)
    mode = ("inband",)

    def test_receive(self):
        self.check_receive("auto", size=MIB, expected_route="inband")

    def test_send(self):
        """Only the proxy may be used and in-band, if it fails."""
        self.check_send("proxy,inband", size=MIB, expected_route="inband")


if __name__ == "__main__":
    run(__file__, [] if DRIVER else ["libpurple's headers"], display=False)
