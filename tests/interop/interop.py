# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests with each real client have in common: Ferry's side, and what is compared."""

import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from ferrylab import Profile, Server, sha256, write_file  # noqa: E402

FILE_NAME = "Übergröße – 1.bin"
MIB = 1 << 20
# Most clients wait for the answer to each block of 4096 bytes.
IN_BAND_SIZE = 100000
# What is stopped in its middle must not be over by then, however late that is.
LONG = 64 * MIB
SLOW = ("--limit-rate", "8M")
EXIT_DECLINED, EXIT_FAILED, EXIT_TIMED_OUT, EXIT_CANCELLED = 3, 4, 5, 6
SKIPPED = 77


class InteropTest(unittest.TestCase):
    """One server and one running client per class, one throw-away Ferry per test."""

    accounts = "alice"
    # Gajim never dials 127.0.0.1, a proxy there included.
    address = "127.0.0.2"
    server_options = ()
    via = "auto"
    # Of Ferry: the peer then sends to the full address, without a look at who is online.
    resource = None
    received_as = "size"

    @classmethod
    def start_peer(cls):
        raise NotImplementedError

    @classmethod
    def setUpClass(cls):
        if cls.start_peer.__func__ is InteropTest.start_peer.__func__:
            raise unittest.SkipTest("it is the base of the others")
        accounts = ",".join(f"{name}:secret" for name in cls.accounts.split())
        cls.server = Server("--domain", "localhost", *cls.server_options, address=cls.address,
                            accounts=accounts)
        cls.addClassCleanup(cls.server.stop)
        cls.peer = cls.start_peer()
        cls.addClassCleanup(cls.peer.close)

    def setUp(self):
        self.peer.restart_if_crashed()
        self.ferry = Profile(os.environ["FERRY_CLI"], self.server, "alice", self.resource)
        self.target = self.ferry.jid + (f"/{self.resource}" if self.resource else "")
        self.addCleanup(self.ferry.close)
        self.path = os.path.join(self.ferry.folder, FILE_NAME)

    def write(self, route, size=None):
        if size is None:
            size = IN_BAND_SIZE if route == "inband" else MIB
        write_file(self.path, size)

    def start_sending(self, route, *options, timeout_s=60, size=None):
        self.write(route, size)
        return self.ferry.start("send", self.path, "--to", self.peer.jid, "--route", route,
                                "--via", self.via, "--timeout", str(timeout_s), *options)

    def check_route(self, ferry, expected):
        """@expected: one route, or several of which it may be any"""
        routes = [expected] if isinstance(expected, str) else expected
        self.assertIn(ferry.find("done")[0]["route"], routes)

    def check_send(self, route, size=None, expected_route=None):
        with self.start_sending(route, size=size) as sender:
            received = self.peer.wait_event("received", 120)
            self.assertEqual(sender.wait(120), 0, f"{sender.events}\n{sender.stderr}")
        self.check_route(sender, expected_route or route)
        self.assertEqual(sha256(received["path"]), sha256(self.path))
        return sender

    def check_receive(self, route, size=None, expected_route=None):
        self.write(route, size)
        with self.ferry.receive("--route", route, "--timeout", "60") as receiver:
            self.peer.send(self.target, self.path)
            self.assertEqual(receiver.wait(120), 0, f"{receiver.events}\n{receiver.stderr}")
        done = receiver.find("done")[0]
        self.check_route(receiver, expected_route or route)
        self.assertEqual(done["verified"], self.received_as)
        self.assertEqual(os.path.basename(done["path"]), FILE_NAME)
        self.assertEqual(sha256(done["path"]), sha256(self.path))
        return receiver

    def check_peer_declines(self):
        """The peer's user says no."""
        with self.start_sending("auto") as sender:
            self.assertEqual(sender.wait(90), EXIT_DECLINED, f"{sender.events}\n{sender.stderr}")
        self.assertEqual(len(sender.find("declined")), 1)

    def check_we_decline(self):
        self.write("auto")
        with self.ferry.ask("--count", "1") as receiver:
            self.peer.send(self.target, self.path)
            receiver.wait_event("offer", timeout=60)
            receiver.answer("no")
            self.assertEqual(receiver.wait(60), EXIT_DECLINED, receiver.events)
            self.peer.wait_event("failed", 60)
        self.assertEqual(os.listdir(self.ferry.inbox), [])

    def check_receiver_cancels(self, route="inband", size=2 * MIB):
        """Stopped as soon as bytes flow: nothing is left that looks like a file."""
        write_file(self.path, size)
        with self.ferry.receive("--route", route, *SLOW) as receiver:
            self.peer.send(self.target, self.path)
            receiver.wait_event("route", timeout=60)
            receiver.popen.terminate()
            self.assertNotEqual(receiver.wait(60), 0)
        self.assertNotIn(FILE_NAME, os.listdir(self.ferry.inbox))

    def check_sender_cancels(self, route="inband", size=2 * MIB):
        """We stop sending as soon as bytes flow: the peer does not believe that it has it all."""
        with self.start_sending(route, *SLOW, size=size) as sender:
            sender.wait_event("route", timeout=60)
            sender.interrupt()
            self.assertEqual(sender.wait(60), EXIT_CANCELLED, sender.events)
        self.peer.wait_event("failed", 60)

    def check_noticed(self, process):
        """Who has a word for stopping ends the transfer with it. Where there is none it looks
        like a break, and Ferry would go on; here its user gives up."""
        event = process.wait_event(
            "failed", "waiting", "progress", timeout=90,
            where=lambda e: e.get("state") in ("failed", "reconnecting", "waiting-peer"))
        if event["event"] == "failed":
            self.assertEqual(process.wait(60), EXIT_FAILED, process.events)
        else:
            process.interrupt()
            self.assertEqual(process.wait(60), EXIT_CANCELLED, process.events)
        self.assertEqual(process.find("done"), [])

    def check_restarts(self, route="direct"):
        """Who cannot continue a file gets it once more from its start, by itself, and our user is
        told why."""
        write_file(self.path, LONG)
        with self.ferry.start("send", self.path, "--to", self.peer.jid.partition("/")[0],
                              "--route", route, "--via", self.via, "--wait", *SLOW) as sender:
            sender.wait_event("progress", timeout=60, where=lambda event:
                              event["state"] == "active" and event["bytes"] > MIB)
            self.peer.kill()
            sender.wait_event("progress", "waiting", timeout=120, where=lambda event:
                              event["state"] in ("reconnecting", "waiting-peer"))
            self.peer.restart()
            again = sender.wait_event("route", timeout=120)
            received = self.peer.wait_event("received", 240)
            self.assertEqual(sender.wait(120), 0, f"{sender.events[-3:]}\n{sender.stderr}")
        self.assertLess(again["bytes"], MIB)
        self.assertEqual(sha256(received["path"]), sha256(self.path))
        told = self.ferry.run("--json", "history", "--details", check=True).stdout
        self.assertIn("cannot continue files; it starts over", told)

    def check_peer_stops_receiving(self, route="inband", size=2 * MIB):
        with self.start_sending(route, *SLOW, size=size) as sender:
            self.peer.wait_event("started", 60)
            self.peer.tell("cancel")
            self.check_noticed(sender)

    def check_peer_stops_sending(self, route="inband", size=2 * MIB):
        write_file(self.path, size)
        with self.ferry.receive("--route", route, *SLOW) as receiver:
            self.peer.send(self.target, self.path)
            receiver.wait_event("route", timeout=60)
            self.peer.tell("cancel")
            self.check_noticed(receiver)
        self.assertNotIn(FILE_NAME, os.listdir(self.ferry.inbox))


def run(script, lacking, display=True):
    """Runs the tests of @script, inside a display and a session bus of their own; with
    something @lacking, says so instead."""
    missing = [name for name in ("prosody", *(("Xvfb", "xvfb-run", "dbus-run-session")
                                              if display else ()))
               if shutil.which(name) is None] + lacking
    if missing:
        print(f"skipped: {Path(script).stem} cannot be tried without {', '.join(missing)}")
        sys.exit(SKIPPED)
    if display and "FERRY_INTEROP_DISPLAY" not in os.environ:
        os.environ["FERRY_INTEROP_DISPLAY"] = "1"
        sys.exit(subprocess.call(["xvfb-run", "-a", "dbus-run-session", "--", sys.executable,
                                  script, *sys.argv[1:]]))
    unittest.main(verbosity=2)
