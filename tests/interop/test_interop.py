#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ferry and the real Dino and Gajim: every way a file can go between them. See README.md."""

import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from ferrylab import Profile, Server, sha256, write_file  # noqa: E402
from peers import Dino, Gajim  # noqa: E402

# Gajim never dials 127.0.0.1, a proxy there included.
ADDRESS = "127.0.0.2"
FILE_NAME = "Übergröße – 1.bin"
SIZE = 1 << 20
# Both clients wait for the answer to each block of 4096 bytes.
IN_BAND_SIZE = 100000
EXIT_FAILED, EXIT_TIMED_OUT = 4, 5


class InteropTest(unittest.TestCase):
    def setUp(self):
        self.ferry = Profile(os.environ["FERRY_CLI"], self.server, "alice")
        self.addCleanup(self.ferry.close)
        self.path = os.path.join(self.ferry.folder, FILE_NAME)

    @classmethod
    def setUpClass(cls):
        if cls.__name__ == "InteropTest":
            raise unittest.SkipTest("it is the base of the others")
        cls.server = Server("--domain", "localhost", address=ADDRESS,
                            accounts="alice:secret,dino:secret,gajim:secret,stock:secret")
        cls.addClassCleanup(cls.server.stop)
        cls.peer = cls.start_peer()
        cls.addClassCleanup(cls.peer.close)

    def write(self, route):
        write_file(self.path, IN_BAND_SIZE if route == "inband" else SIZE)

    def start_sending(self, route, timeout_s=60):
        self.write(route)
        return self.ferry.start("send", self.path, "--to", self.peer.jid, "--route", route,
                                "--timeout", str(timeout_s))

    def check_send(self, route):
        with self.start_sending(route) as sender:
            received = self.peer.wait_event("received", 60)
            self.assertEqual(sender.wait(90), 0, f"{sender.events}\n{sender.stderr}")
        self.assertEqual(sender.find("done")[0]["route"], route)
        self.assertEqual(sha256(received["path"]), sha256(self.path))

    def check_receive(self, route, verified):
        self.write(route)
        with self.ferry.receive("--route", route, "--timeout", "60") as receiver:
            self.peer.send(self.ferry.jid, self.path)
            self.assertEqual(receiver.wait(90), 0, f"{receiver.events}\n{receiver.stderr}")
        done = receiver.find("done")[0]
        self.assertEqual((done["route"], done["verified"]), (route, verified))
        self.assertEqual(os.path.basename(done["path"]), FILE_NAME)
        self.assertEqual(sha256(done["path"]), sha256(self.path))

    def check_receiver_cancels(self):
        """Stopped as soon as bytes flow: nothing is left that looks like a file."""
        write_file(self.path, 2 * SIZE)
        with self.ferry.receive("--route", "inband") as receiver:
            self.peer.send(self.ferry.jid, self.path)
            receiver.wait_event("route", timeout=30)
            receiver.popen.terminate()
            self.assertNotEqual(receiver.wait(20), 0)
        self.assertNotIn(FILE_NAME, os.listdir(self.ferry.inbox))


class DinoTest(InteropTest):
    @classmethod
    def start_peer(cls):
        return Dino(cls.server, "dino", "alice@localhost")

    def test_send_direct(self):
        self.check_send("direct")

    def test_send_proxy(self):
        self.check_send("proxy")

    def test_receive_direct(self):
        self.check_receive("direct", "size")

    def test_receive_proxy(self):
        self.check_receive("proxy", "size")

    def test_receive_inband(self):
        self.check_receive("inband", "size")

    def test_receiver_cancels(self):
        self.check_receiver_cancels()


class DinoInBandTest(InteropTest):
    """A Dino of its own: it may crash after this."""

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
    @classmethod
    def start_peer(cls):
        return Gajim(cls.server, "gajim", mended=True)

    def test_send_direct(self):
        self.check_send("direct")

    def test_send_proxy(self):
        self.check_send("proxy")

    def test_send_inband(self):
        self.check_send("inband")

    def test_receive_direct(self):
        self.check_receive("direct", "sha-512")

    def test_receive_proxy(self):
        self.check_receive("proxy", "sha-512")

    def test_receive_inband(self):
        self.check_receive("inband", "sha-512")

    def test_receiver_cancels(self):
        self.check_receiver_cancels()


class StockGajimTest(InteropTest):
    @classmethod
    def start_peer(cls):
        return Gajim(cls.server, "stock", mended=False)

    def test_send(self):
        """As installed it acknowledges an offer and says nothing more: Ferry gives up."""
        with self.start_sending("auto", timeout_s=5) as sender:
            self.assertEqual(sender.wait(20), EXIT_TIMED_OUT, sender.events)
        self.assertEqual(sender.find("done"), [])


def find_missing():
    programs = ("dino-im", "gajim", "prosody", "Xvfb", "xvfb-run", "dbus-run-session")
    missing = [name for name in programs if shutil.which(name) is None]
    if not os.environ.get("FERRY_DINO_DRIVER"):
        missing.append("a C compiler for Dino's driver")
    return ", ".join(missing)


if __name__ == "__main__":
    lacking = find_missing()
    if lacking:
        print(f"skipped: other clients cannot be tried without {lacking}")
        sys.exit(77)
    if "FERRY_INTEROP_DISPLAY" not in os.environ:
        os.environ["FERRY_INTEROP_DISPLAY"] = "1"
        sys.exit(subprocess.call(["xvfb-run", "-a", "dbus-run-session", "--", sys.executable,
                                  __file__, *sys.argv[1:]]))
    unittest.main(verbosity=2)
