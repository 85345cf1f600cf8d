#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ferry and the real Psi and Psi+: every way a file can go between them. See README.md."""

import os
import re
import shutil
from pathlib import Path

from folders import check_send_folder
from interop import (
    EXIT_FAILED, EXIT_TIMED_OUT, FILE_NAME, IN_BAND_SIZE, LONG, MIB, SLOW, InteropTest, run, sha256,
    write_file)
from psi import Psi, PsiPlus

RELAY = "proxy.localhost"
LARGE = 20 * MIB
# What Ferry fetches again of a part that it has.
OVERLAP = MIB


def empty(folder):
    for name in os.listdir(folder):
        os.remove(os.path.join(folder, name))


class PsiTest(InteropTest):
    """As it comes: it can be reached, and has no relay of its own."""

    accounts = "alice psi"
    via = "si"

    @classmethod
    def start_peer(cls):
        return Psi(cls.server, "psi")

    def setUp(self):
        super().setUp()
        self.peer.forget_events()
        # Psi would take up what an earlier test has interrupted.
        empty(self.peer.inbox)

    def check_each(self, check, routes, size):
        for route in routes:
            with self.subTest(route=route):
                check(route, size=size)
                empty(self.ferry.inbox)
                empty(self.peer.inbox)

    # Ferry sends.

    def test_send_direct(self):
        self.check_send("direct")

    def test_send_fast(self):
        """We dial the address that Psi offers."""
        self.check_send("fast")

    def test_send_proxy(self):
        self.check_send("proxy")

    def test_send_inband(self):
        self.check_send("inband")

    def test_send_empty(self):
        """Psi may have all of it before it says that it is connected."""
        self.check_each(self.check_send, ("direct", "fast", "proxy", "inband"), 0)

    def test_send_one_byte(self):
        self.check_each(self.check_send, ("proxy",), 1)

    def test_send_folder(self):
        check_send_folder(self)

    def test_send_auto(self):
        """With everything allowed it is the quick way, whoever of both was reached first."""
        self.via = "auto"
        with self.start_sending("auto", size=LARGE) as sender:
            received = self.peer.wait_event("received", 120)
            self.assertEqual(sender.wait(120), 0, f"{sender.events}\n{sender.stderr}")
        done = sender.find("done")[0]
        self.assertEqual(done["signalling"], "si")
        self.assertIn(done["route"], ("direct", "fast"))
        self.assertEqual(sha256(received["path"]), sha256(self.path))

    def test_send_rest(self):
        """Psi keeps what it has of an interrupted file, and asks for the rest of it next time."""
        with self.start_sending("inband", size=2 * MIB) as sender:
            sender.wait_event("progress", where=lambda event: event["bytes"] > IN_BAND_SIZE)
            sender.interrupt()
            sender.wait(60)
        self.peer.wait_event("failed", 60)
        had = os.path.getsize(os.path.join(self.peer.inbox, f"{FILE_NAME}.part"))
        self.assertGreater(had, 0)

        log = os.path.join(self.ferry.folder, "log.xml")
        with self.ferry.start("--log-xml", log, "send", self.path, "--to", self.peer.jid,
                              "--route", "direct", "--timeout", "60") as sender:
            received = self.peer.wait_event("received", 120)
            self.assertEqual(sender.wait(120), 0, f"{sender.events}\n{sender.stderr}")
        self.assertIn(f"<range offset='{had}'/>", Path(log).read_text(encoding="utf-8"))
        self.assertEqual(sha256(received["path"]), sha256(self.path))

    # Ferry receives.

    def test_receive_direct(self):
        self.check_receive("direct")

    def test_receive_fast(self):
        """Psi dials the address that we offer."""
        self.check_receive("fast")

    def test_receive_proxy(self):
        """Psi dials the relay that we offer."""
        self.check_receive("proxy")

    def test_receive_inband(self):
        self.check_receive("inband")

    def test_receive_empty(self):
        self.check_each(self.check_receive, ("direct", "fast", "inband"), 0)

    def test_receive_one_byte(self):
        self.check_each(self.check_receive, ("direct", "fast", "inband"), 1)

    def test_receive_auto(self):
        self.write("auto", LARGE)
        with self.ferry.receive("--timeout", "120") as receiver:
            self.peer.send(self.ferry.jid, self.path)
            self.assertEqual(receiver.wait(180), 0, f"{receiver.events}\n{receiver.stderr}")
        done = receiver.find("done")[0]
        self.assertIn(done["route"], ("direct", "fast"))
        self.assertEqual(sha256(done["path"]), sha256(self.path))

    # Somebody does not want it.

    def test_psi_declines(self):
        self.peer.tell("decline")
        self.addCleanup(self.peer.tell, "accept")
        self.check_peer_declines()

    def test_we_decline(self):
        self.check_we_decline()

    def test_receiver_cancels_direct(self):
        self.check_receiver_cancels("direct", size=LONG)
        self.peer.wait_event("failed", 60)

    def test_receiver_cancels_inband(self):
        self.check_receiver_cancels("inband")
        self.peer.wait_event("failed", 60)

    def test_sender_cancels_direct(self):
        self.check_sender_cancels("direct", size=LONG)
        self.assertNotIn(FILE_NAME, os.listdir(self.peer.inbox))

    def test_sender_cancels_inband(self):
        self.check_sender_cancels("inband")
        self.assertNotIn(FILE_NAME, os.listdir(self.peer.inbox))

    def test_psi_stops_receiving_direct(self):
        self.check_peer_stops_receiving("direct", size=LONG)

    def test_psi_stops_receiving_inband(self):
        self.check_peer_stops_receiving("inband")

    def test_psi_stops_sending_direct(self):
        self.check_peer_stops_sending("direct", size=LONG)

    def test_psi_stops_sending_inband(self):
        """It says nothing to us: we believe in it for a minute of silence."""
        write_file(self.path, 2 * MIB)
        with self.ferry.receive("--route", "inband") as receiver:
            self.peer.send(self.ferry.jid, self.path)
            receiver.wait_event("route", timeout=60)
            self.peer.tell("cancel")
            self.assertEqual(receiver.wait(150), EXIT_TIMED_OUT, receiver.events)
        self.assertNotIn(FILE_NAME, os.listdir(self.ferry.inbox))


class PsiResumeTest(InteropTest):
    """What stops in the middle goes on where it stopped, without a byte of the first part."""

    accounts = "alice psi"
    via = "si"
    # So that a new Ferry takes the place of a killed one.
    resource = "ferry"

    @classmethod
    def start_peer(cls):
        return Psi(cls.server, "psi")

    def setUp(self):
        super().setUp()
        self.peer.forget_events()
        empty(self.peer.inbox)
        write_file(self.path, LONG)
        self.log = os.path.join(self.ferry.folder, "log.xml")

    def start(self, *arguments):
        return self.ferry.start("--log-xml", self.log, *arguments)

    def start_receiving(self):
        receiver = self.start("receive", "--yes", "--dir", self.ferry.inbox, "--count", "1",
                              "--route", "direct", *SLOW)
        receiver.wait_event("connected", timeout=60)
        return receiver

    def wait_middle(self, process):
        process.wait_event("progress", timeout=60, where=lambda event:
                           event["state"] == "active" and event["bytes"] > MIB)

    def get_part_size(self, inbox):
        parts = [name for name in os.listdir(inbox) if "part" in name]
        self.assertEqual(len(parts), 1, os.listdir(inbox))
        return os.path.getsize(os.path.join(inbox, parts[0]))

    def find_offset(self):
        """What was asked for: all from an offset on. Psi would stall if it were a length."""
        log = Path(self.log).read_text(encoding="utf-8")
        offsets = re.findall(r"<range offset='(\d+)'/>", log)
        self.assertEqual(len(offsets), 1, offsets)
        return int(offsets[0])

    # Ferry sends.

    def check_psi_gets_rest(self, had):
        received = self.peer.wait_event("received", 180)
        self.assertEqual(self.find_offset(), had)
        self.assertEqual(sha256(received["path"]), sha256(self.path))

    def test_psi_killed(self):
        """It is offered the file again when it is back."""
        with self.start("send", self.path, "--to", f"psi@{self.server.domain}", "--route",
                        "direct", "--wait", *SLOW) as sender:
            self.wait_middle(sender)
            self.peer.kill()
            had = self.get_part_size(self.peer.inbox)
            self.peer.restart()
            route = sender.wait_event("route", timeout=120)
            self.check_psi_gets_rest(had)
            self.assertEqual(sender.wait(120), 0, f"{sender.events[-3:]}\n{sender.stderr}")
        self.assertGreaterEqual(route["bytes"], had)

    def test_sender_killed(self):
        """The next Ferry on that profile offers it again."""
        with self.start("send", self.path, "--to", self.peer.jid, "--route", "direct",
                        *SLOW) as sender:
            self.wait_middle(sender)
            sender.kill()
        self.peer.wait_event("failed", 60)
        had = self.get_part_size(self.peer.inbox)
        os.remove(self.log)
        with self.start("receive"):
            self.check_psi_gets_rest(had)

    # Ferry receives: only Psi's user can send it again.

    def check_ferry_gets_rest(self):
        had = self.get_part_size(self.ferry.inbox)
        os.remove(self.log)
        with self.start_receiving() as receiver:
            self.peer.send(self.ferry.jid, self.path)
            route = receiver.wait_event("route", timeout=120)
            self.assertEqual(receiver.wait(180), 0, f"{receiver.events}\n{receiver.stderr}")
        self.assertEqual(receiver.find("offer"), [], "nobody is asked twice")
        offset = self.find_offset()
        self.assertGreater(offset, had - OVERLAP)
        self.assertGreaterEqual(route["bytes"], offset)
        done = receiver.find("done")[0]
        self.assertEqual(sha256(done["path"]), sha256(self.path))
        self.assertEqual(os.listdir(self.ferry.inbox), [FILE_NAME])

    def test_receiver_killed(self):
        with self.start_receiving() as receiver:
            self.peer.send(self.ferry.jid, self.path)
            self.wait_middle(receiver)
            receiver.kill()
        self.peer.wait_event("failed", 60)
        self.check_ferry_gets_rest()

    def test_psi_stops(self):
        with self.start_receiving() as receiver:
            self.peer.send(self.ferry.jid, self.path)
            self.wait_middle(receiver)
            self.peer.tell("cancel")
            self.assertEqual(receiver.wait(60), EXIT_FAILED, receiver.events)
        self.check_ferry_gets_rest()


class HiddenPsiTest(InteropTest):
    """Nobody reaches it, and it has a relay for that."""

    accounts = "alice psi"

    @classmethod
    def start_peer(cls):
        return Psi(cls.server, "psi", relay=RELAY, listens=False)

    def test_send_direct(self):
        self.check_send("direct")

    def test_receive_proxy(self):
        self.check_receive("proxy")

    def test_receive_fast(self):
        """What it can offer is its relay; what we offer is better."""
        self.check_receive("auto", expected_route="fast")


class DeadRelayPsiTest(InteropTest):
    """The only relay there is does not answer."""

    accounts = "alice psi"
    via = "si"
    server_options = ("--proxy-address", "127.0.0.9")

    @classmethod
    def start_peer(cls):
        return Psi(cls.server, "psi")

    def test_send(self):
        """Psi cannot go on in-band by itself: it is offered the file once more."""
        self.check_send("proxy,inband", size=IN_BAND_SIZE, expected_route="inband")


class InbandPsiTest(InteropTest):
    """With the option to send through the servers only."""

    accounts = "alice psi"

    @classmethod
    def start_peer(cls):
        return Psi(cls.server, "psi", inband_only=True)

    def test_receive(self):
        self.check_receive("auto", size=IN_BAND_SIZE, expected_route="inband")


class PsiPlusTest(PsiTest):
    @classmethod
    def start_peer(cls):
        return PsiPlus(cls.server, "psi")


class PsiPlusResumeTest(PsiResumeTest):
    @classmethod
    def start_peer(cls):
        return PsiPlus(cls.server, "psi")


class HiddenPsiPlusTest(HiddenPsiTest):
    @classmethod
    def start_peer(cls):
        return PsiPlus(cls.server, "psi", relay=RELAY, listens=False)


class DeadRelayPsiPlusTest(DeadRelayPsiTest):
    @classmethod
    def start_peer(cls):
        return PsiPlus(cls.server, "psi")


class InbandPsiPlusTest(InbandPsiTest):
    @classmethod
    def start_peer(cls):
        return PsiPlus(cls.server, "psi", inband_only=True)


if __name__ == "__main__":
    missing = [name for name in ("psi", "psi-plus") if shutil.which(name) is None]
    if not os.environ.get("FERRY_PSI_DRIVER"):
        missing.append("qtbase5-dev")
    run(__file__, missing)
