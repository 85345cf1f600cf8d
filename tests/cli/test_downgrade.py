#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A device that encrypted before, and then does not say any more that it does: because somebody in
between takes that away, or because it is another program now."""

import json
import os
import queue
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from ferrylab import PATIENCE, Profile, Server, write_file  # noqa: E402
from scriptedpeer import ScriptedPeer  # noqa: E402

CLI = os.environ["FERRY_CLI"]
DISCO = "{http://jabber.org/protocol/disco#info}"
JINGLE = "{urn:xmpp:jingle:1}"
TLS = "{urn:ferry:tls:0}"
DEVICE = "desk"
SIZE = 30000
DECLINED, NO_KEY = 3, 7

JINGLE_FILES = ("http://jabber.org/protocol/disco#info", "urn:xmpp:jingle:1",
                "urn:xmpp:jingle:apps:file-transfer:5", "urn:xmpp:jingle:transports:ibb:1",
                "http://jabber.org/protocol/ibb")
# What Ferry says of itself, but for TLS.
FERRY = JINGLE_FILES + ("urn:ferry:files:0",)


class Stripped(ScriptedPeer):
    """It says of itself what is in @features, and declines what it is offered."""

    def __init__(self, server, features, resource=DEVICE):
        self.features = features
        self.offers = []
        self.reasons = queue.Queue()
        super().__init__(server, "bob", resource=resource)

    def answer(self, iq, payload):
        if payload.tag == f"{DISCO}query":
            features = "".join(f"<feature var='{each}'/>" for each in self.features)
            node = f" node='{payload.get('node')}'" if payload.get("node") else ""
            self.reply(iq, f"<query xmlns='http://jabber.org/protocol/disco#info'{node}>"
                       f"<identity category='client' type='pc'/>{features}</query>")
            return
        if payload.tag != f"{JINGLE}jingle":
            self.refuse(iq)
            return
        self.reply(iq)
        if payload.get("action") == "session-initiate":
            self.offers.append(payload)
            self.request(iq.get("from"), f"<jingle xmlns='urn:xmpp:jingle:1' sid='{payload.get('sid')}'"
                         " action='session-terminate'><reason><decline/></reason></jingle>")
        elif payload.get("action") == "session-terminate":
            self.reasons.put(payload.find(f"{JINGLE}reason")[0].tag.removeprefix(JINGLE))

    def offer(self, to):
        """In clear, as from a Ferry."""
        self.request(to, f"""
          <jingle xmlns='urn:xmpp:jingle:1' sid='plain' action='session-initiate' initiator='{self.jid}'>
            <content creator='initiator' name='file' senders='initiator'>
              <description xmlns='urn:xmpp:jingle:apps:file-transfer:5'>
                <file><name>plain.txt</name><size>12</size>
                  <transfer xmlns='urn:ferry:files:0' id='plain'/></file>
              </description>
              <transport xmlns='urn:xmpp:jingle:transports:ibb:1' sid='bytes' block-size='4096'/>
            </content>
          </jingle>""")


class SlowToSayWhatItsMarkMeans(Stripped):
    """A question about the mark in its presence (XEP-0115) is never answered, one about itself is."""

    def come(self):
        self._send("<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1'"
                   " node='https://example.org/slow' ver='q07IKJEyjvHSyhy//CH0CxmKi8w='/></presence>")

    def answer(self, iq, payload):
        if payload.tag != f"{DISCO}query" or payload.get("node") is None:
            super().answer(iq, payload)


class DowngradeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.stop)

    def setUp(self):
        self.alice = Profile(CLI, self.server, "alice", resource="here")
        self.bob = Profile(CLI, self.server, "bob", resource=DEVICE)
        for profile in (self.alice, self.bob):
            self.addCleanup(profile.close)
        self.device = f"{self.bob.jid}/{DEVICE}"
        self.path = os.path.join(self.alice.folder, "notes.bin")
        write_file(self.path, SIZE)
        # The two have sent each other files.
        with self.bob.receive() as receiver, self.start_send(self.bob.jid) as sender:
            self.assertEqual(sender.wait(90), 0, f"{sender.events}\n{sender.stderr}")
            self.assertEqual(receiver.wait(90), 0, receiver.events)
        self.assertTrue(sender.find("done")[0]["encrypted"])
        self.fingerprint = self.key()["fingerprint"]

    def start_send(self, to, *arguments):
        return self.alice.start("send", self.path, "--to", to, "--timeout", "60", *arguments)

    def key(self):
        done = self.alice.run("--json", "trust", "list", check=True)
        keys = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([key["device"] for key in keys], [self.device])
        return keys[0]

    def check_asked(self, process):
        """The user would be asked; ferry-cli cannot, and says so."""
        self.assertEqual(process.wait(90), NO_KEY, f"{process.events}\n{process.stderr}")
        question = process.find("no-key")[0]
        self.assertEqual((question["device"], question["known"]), (self.device, self.fingerprint))
        self.assertEqual(process.find("failed")[0]["error"]["code"], "no-key")
        self.assertEqual(process.find("done"), [])
        self.assertEqual(self.key()["clear"], "asked")

    def test_gone_from_disco(self):
        """Whether the device is named or picked, nothing is offered in clear before the answer."""
        for to in (self.device, self.bob.jid):
            with self.subTest(to), Stripped(self.server, FERRY) as peer:
                peer.come()
                with self.start_send(to) as sender:
                    self.check_asked(sender)
                self.assertEqual(peer.offers, [])

                self.alice.run("trust", "accept", self.device, check=True)
                self.assertEqual(self.key()["clear"], "allowed")
                with self.start_send(to) as sender:
                    self.assertEqual(sender.wait(90), DECLINED, f"{sender.events}\n{sender.stderr}")
                self.assertEqual(len(peer.offers), 1)
                self.assertIsNone(peer.offers[0].find(f".//{TLS}security"))

                self.alice.run("trust", "reject", self.device, check=True)
                self.assertEqual(self.key()["clear"], "no")
        self.assertEqual(self.alice.run("trust", "accept", self.device).returncode, 4)

    def test_named(self):
        """Who names the device and the protocol does not go without encryption by that."""
        for via in "jingle", "si":
            with self.subTest(via), self.bob.receive() as receiver, \
                    self.start_send(self.device, "--via", via) as sender:
                self.assertEqual(sender.wait(90), 0, f"{sender.events}\n{sender.stderr}")
                self.assertEqual(receiver.wait(90), 0, receiver.events)
                self.assertTrue(sender.find("done")[0]["encrypted"])
                self.assertEqual(sender.find("done")[0]["signalling"], via)

    def test_just_come_back(self):
        """As after a restart of the server: the presence is there, and what it means not yet."""
        with SlowToSayWhatItsMarkMeans(self.server, (*FERRY, TLS.strip("{}"))) as peer:
            peer.come()
            with self.start_send(self.device) as sender:
                self.assertEqual(sender.wait(90), DECLINED, f"{sender.events}\n{sender.stderr}")
            self.assertIsNotNone(peer.offers[0].find(f".//{TLS}security"))

    def test_gone_from_an_offer(self):
        with self.alice.receive() as receiver, Stripped(self.server, FERRY) as peer:
            peer.offer(f"{self.alice.jid}/here")
            self.check_asked(receiver)
            self.assertEqual(peer.reasons.get(timeout=30 * PATIENCE), "security-error")
        self.assertEqual(os.listdir(self.alice.inbox), [])

    def test_the_list_of_the_queue(self):
        """Another process sees what a transfer waits for."""
        with Stripped(self.server, FERRY) as peer:
            peer.come()
            with self.start_send(self.bob.jid) as sender:
                self.check_asked(sender)
        listed = [json.loads(line) for line in
                  self.alice.run("--json", "list", check=True).stdout.splitlines()]
        self.assertEqual(listed[-1]["error"], "no-key")
        self.assertFalse(listed[-1]["encrypted"])
        told = self.alice.run("trust", "list", check=True).stdout
        self.assertIn("does not encrypt now", told)

    def test_another_program(self):
        """A program that never encrypted is no matter for a question, whoever uses it."""
        with Stripped(self.server, JINGLE_FILES, resource="other") as peer:
            peer.come()
            for to in (peer.jid, self.bob.jid):
                with self.subTest(to), self.start_send(to) as sender:
                    self.assertEqual(sender.wait(90), DECLINED, f"{sender.events}\n{sender.stderr}")
                    self.assertEqual(sender.find("no-key"), [])
        self.assertEqual(len(peer.offers), 2)
        self.assertEqual(self.key()["clear"], "no")

    def test_another_ferry(self):
        """A Ferry that is new encrypts, or somebody has taken that away."""
        with Stripped(self.server, FERRY, resource="other") as peer:
            with self.start_send(peer.jid) as sender:
                self.assertEqual(sender.wait(90), NO_KEY, f"{sender.events}\n{sender.stderr}")
            self.assertEqual(peer.offers, [])
        self.assertEqual(sender.find("no-key")[0]["known"], "")


if __name__ == "__main__":
    unittest.main(verbosity=2)
