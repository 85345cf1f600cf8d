#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ferry and a client on slixmpp, which speaks stream initiation only. See README.md."""

import os
import subprocess

from interop import EXIT_TIMED_OUT, LONG, MIB, InteropTest, run
from peers import HERE, Peer

PYTHON = "/usr/bin/python3"  # that of the package
EXIT_DECLINED = 3


class Slixmpp(Peer):
    def __init__(self, server, user, *options):
        self.options = options
        super().__init__(server, user)

    def command(self):
        return [PYTHON, str(HERE / "slixmpp-driver.py"), "--dir", self.folder, "--jid", self.jid,
                "--password", "secret", "--address", self.server.address,
                "--port", str(self.server.port), "--cert", self.server.values["CERT"], *self.options]


class SlixmppTest(InteropTest):
    """Each way needs a slixmpp that knows only that one: it takes in-band wherever it can."""

    accounts = "alice slixmpp"
    address = "127.0.0.1"
    options = ()

    @classmethod
    def start_peer(cls):
        return Slixmpp(cls.server, "slixmpp", "--mend", *cls.options)

    def check_peer_stops_receiving(self, route, size):
        self.peer.tell("stop-after", MIB)
        with self.start_sending(route, size=size) as sender:
            self.peer.wait_event("failed", 60)
            self.check_noticed(sender)

    def check_peer_stops_sending(self, route, size):
        self.write(route, size)
        with self.ferry.receive("--route", route, "--timeout", "60") as receiver:
            self.peer.tell("stop-after", MIB)
            self.peer.send(self.ferry.jid, self.path)
            self.peer.wait_event("failed", 60)
            self.check_noticed(receiver)
        self.assertEqual(os.listdir(self.ferry.inbox), [])


class SlixmppSocks5Test(SlixmppTest):
    options = ("--methods", "s5b")

    def test_send_direct(self):
        self.check_send("direct")

    def test_send_direct_large(self):
        self.check_send("direct", size=20 * MIB)

    def test_send_byte(self):
        self.check_send("direct", size=1)

    def test_send_empty(self):
        self.check_send("direct", size=0)

    def test_send_proxy(self):
        self.check_send("proxy")

    def test_send_proxy_large(self):
        self.check_send("proxy", size=20 * MIB)

    def test_send_auto(self):
        self.check_send("auto", expected_route="direct")

    def test_receive_proxy(self):
        self.check_receive("proxy")

    def test_receive_proxy_large(self):
        self.check_receive("proxy", size=20 * MIB)

    def test_receive_byte(self):
        self.check_receive("proxy", size=1)

    def test_receive_empty(self):
        self.check_receive("proxy", size=0)

    def test_receive_auto(self):
        """It listens nowhere: there is the proxy, or nothing."""
        self.check_receive("auto", expected_route="proxy")

    def test_peer_stops_receiving(self):
        self.check_peer_stops_receiving("direct", LONG)

    def test_peer_stops_sending(self):
        self.check_peer_stops_sending("proxy", LONG)

    def test_receiver_cancels(self):
        self.check_receiver_cancels("proxy", size=LONG)


class SlixmppInBandTest(SlixmppTest):
    options = ("--methods", "inband")

    def test_send(self):
        self.check_send("inband", size=MIB)

    def test_send_byte(self):
        self.check_send("inband", size=1)

    def test_send_empty(self):
        self.check_send("inband", size=0)

    def test_receive(self):
        self.check_receive("inband", size=MIB)

    def test_receive_byte(self):
        self.check_receive("inband", size=1)

    def test_receive_empty(self):
        self.check_receive("inband", size=0)

    def test_receiver_cancels(self):
        self.check_receiver_cancels()

    def test_peer_stops_receiving(self):
        self.check_peer_stops_receiving("inband", 4 * MIB)

    def test_peer_stops_sending(self):
        """It closes the stream in order, but too early: that is no file."""
        self.check_peer_stops_sending("inband", 4 * MIB)


class SlixmppMessagesTest(SlixmppTest):
    """In-band data in messages, whose arrival nobody acknowledges."""

    options = ("--methods", "inband", "--messages", "--block", "8192")

    def test_receive(self):
        self.check_receive("inband", size=MIB)


class SlixmppBothTest(SlixmppTest):
    def test_send(self):
        """Of what it is offered it takes in-band."""
        self.check_send("auto", size=MIB, expected_route="inband")

    def test_receive(self):
        """Of what it offers Ferry takes SOCKS5."""
        self.check_receive("auto", expected_route="proxy")


class SlixmppDecliningTest(SlixmppTest):
    options = ("--answer", "decline")

    def test_peer_declines(self):
        with self.start_sending("auto") as sender:
            self.assertEqual(sender.wait(60), EXIT_DECLINED, sender.events)

    def test_we_decline(self):
        self.write("auto")
        with self.ferry.ask("--count", "1", "--timeout", "60") as receiver:
            self.peer.send(self.ferry.jid, self.path)
            receiver.wait_event("offer")
            receiver.answer("n")
            self.assertEqual(self.peer.wait_event("failed")["reason"], "forbidden")


class StockSlixmppTest(InteropTest):
    accounts = "alice stock"
    address = "127.0.0.1"

    @classmethod
    def start_peer(cls):
        return Slixmpp(cls.server, "stock")

    def test_send(self):
        """As installed it never answers an offer: Ferry gives up."""
        with self.start_sending("auto", timeout_s=5) as sender:
            self.assertEqual(sender.wait(30), EXIT_TIMED_OUT, sender.events)

    def test_receive(self):
        """But it sends."""
        self.check_receive("proxy")


def find_missing():
    found = subprocess.run([PYTHON, "-c", "import slixmpp"], capture_output=True)
    return [] if found.returncode == 0 else ["python3-slixmpp"]


if __name__ == "__main__":
    run(__file__, find_missing(), display=False)
