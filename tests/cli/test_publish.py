#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that wait until they are asked for, and the rules for contacts: two ferry-cli, a server."""

import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from ferrylab import Profile, Server, sha256, write_file  # noqa: E402

CLI = os.environ["FERRY_CLI"]
NAME = "Übergröße – 1.bin"
SIZE = 300000


class PublishTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(accounts="alice:secret,bob:secret,carol:secret")
        cls.addClassCleanup(cls.server.stop)

    def setUp(self):
        self.alice = Profile(CLI, self.server, "alice")
        self.bob = Profile(CLI, self.server, "bob")
        for profile in (self.alice, self.bob):
            self.addCleanup(profile.close)
        self.path = os.path.join(self.alice.folder, NAME)
        write_file(self.path, SIZE)

    def publish(self, *arguments):
        return self.alice.start("send", "--publish", self.path, "--to", self.bob.jid, *arguments)

    def check_arrived(self, receiver, route=None):
        done = receiver.find("done")[0]
        self.assertEqual(os.path.basename(done["path"]), NAME)
        self.assertEqual(sha256(done["path"]), sha256(self.path))
        if route is not None:
            self.assertEqual(done["route"], route)

    def test_fetch(self):
        with self.bob.ask("--count", "1") as receiver, self.publish() as owner:
            offer = receiver.wait_event("offer")
            self.assertEqual((offer["signalling"], offer["name"], offer["size"]),
                             ("sipub", NAME, SIZE))
            owner.wait_event("offer")
            self.assertEqual(owner.find("accepted"), [])
            receiver.answer("y")
            self.assertEqual(owner.wait(60), 0, owner.events)
            self.assertEqual(receiver.wait(60), 0, receiver.events)
        self.check_arrived(receiver)

    def test_fetch_without_asking(self):
        with self.bob.receive("--route", "inband") as receiver, self.publish() as owner:
            self.assertEqual(owner.wait(60), 0, owner.events)
            self.assertEqual(receiver.wait(60), 0, receiver.events)
        self.check_arrived(receiver, "inband")

    def test_nobody_asks(self):
        with self.bob.ask("--count", "1") as receiver, self.publish("--timeout", "3") as owner:
            receiver.wait_event("offer")
            self.assertEqual(owner.wait(60), 5, owner.events)
            receiver.answer("y")
            self.assertEqual(receiver.wait(60), 4, receiver.events)

    def test_changed_since(self):
        """What was published is what is sent, or nothing."""
        with self.bob.ask("--count", "1") as receiver, self.publish() as owner:
            receiver.wait_event("offer")
            write_file(self.path, SIZE // 2)
            receiver.answer("y")
            self.assertNotEqual(owner.wait(60), 0, owner.events)
            # SI has no word for what became of the file: a receiver who knows a Ferry there may
            # ask for the rest, once it can, and is refused.
            with self.alice.receive():
                self.assertNotEqual(receiver.wait(150), 0, receiver.events)
        self.assertEqual(receiver.find("done"), [])
        self.assertEqual(os.listdir(self.bob.inbox), [])

    def test_rules(self):
        """A rule for a contact holds for every kind of transfer, in both directions."""
        self.alice.run("contacts", "--route", f"{self.bob.jid}=proxy", check=True)
        with self.bob.receive() as receiver, self.publish() as owner:
            self.assertEqual(owner.wait(60), 0, owner.events)
            self.assertEqual(receiver.wait(60), 0, receiver.events)
        self.check_arrived(receiver, "proxy")
        with self.bob.receive() as receiver, \
                self.alice.start("send", self.path, "--to", self.bob.jid) as sender:
            self.assertEqual(sender.wait(60), 0, sender.events)
            self.assertEqual(receiver.wait(60), 0, receiver.events)
        self.assertEqual(receiver.find("done")[0]["route"], "proxy")

        shown = self.alice.run("--json", "contacts", check=True).stdout
        self.assertIn('"routes":"proxy"', shown.replace(" ", ""))
        with self.alice.start("send", self.path, "--to", self.bob.jid, "--route", "direct",
                              "--timeout", "20") as sender:
            self.assertIn(sender.wait(60), (4, 5), sender.events)
        self.assertEqual(sender.find("done"), [])
        self.alice.run("contacts", "--route", f"{self.bob.jid}=auto", check=True)
        self.assertEqual(self.alice.run("contacts", "--route", "bob").returncode, 1)
        self.assertEqual(self.alice.run("contacts", "--route", f"{self.bob.jid}=x").returncode, 1)


class ChosenProxyTest(unittest.TestCase):
    def test_chosen_proxy(self):
        """A relay that only the user knows: the server does not name it."""
        with Server("--proxy-jid", "relay.elsewhere.test") as server:
            with Profile(CLI, server, "alice") as alice, Profile(CLI, server, "bob") as bob:
                path = os.path.join(alice.folder, NAME)
                write_file(path, SIZE)
                with alice.start("send", path, "--to", bob.jid, "--route", "proxy") as sender:
                    with bob.receive("--route", "proxy") as receiver:
                        self.assertEqual(sender.wait(60), 4, sender.events)
                        self.assertEqual(receiver.wait(60), 4, receiver.events)
                alice.run("account", "add", alice.jid, "--server",
                          f"{server.address}:{server.port}", "--pin", server.pin, "--proxy",
                          server.values["PROXY_JID"], check=True)
                with bob.receive() as receiver, alice.start(
                        "send", path, "--to", bob.jid, "--route", "proxy") as sender:
                    self.assertEqual(sender.wait(60), 0, sender.events)
                    self.assertEqual(receiver.wait(60), 0, receiver.events)
                self.assertEqual(receiver.find("done")[0]["route"], "proxy")
                self.assertEqual(sha256(receiver.find("done")[0]["path"]), sha256(path))


if __name__ == "__main__":
    unittest.main(verbosity=2)
