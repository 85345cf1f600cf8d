#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files to programs that say nothing about themselves."""

import base64
import hashlib
import json
import os
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from ferrylab import Profile, Server, sha256, write_file  # noqa: E402
from scriptedpeer import ScriptedPeer  # noqa: E402

CLI = os.environ["FERRY_CLI"]
SI = "{http://jabber.org/protocol/si}"
IBB = "{http://jabber.org/protocol/ibb}"
JINGLE = "{urn:xmpp:jingle:1}"
ANSWER = ("<si xmlns='http://jabber.org/protocol/si'>"
          "<feature xmlns='http://jabber.org/protocol/feature-neg'>"
          "<x xmlns='jabber:x:data' type='submit'><field var='stream-method'>"
          "<value>http://jabber.org/protocol/ibb</value></field></x></feature></si>")
SIZE = 50000
EXIT_DECLINED, EXIT_FAILED = 3, 4


class Mute(ScriptedPeer):
    """It has no answer to anything."""

    def __init__(self, server):
        self.asked = []
        super().__init__(server, "bob")

    def answer(self, iq, payload):
        self.asked.append(payload.tag)
        self.refuse(iq)


class OldTimer(Mute):
    """It answers stream initiation only, and takes what comes in-band."""

    def __init__(self, server):
        self.digest = hashlib.sha256()
        self.has_closed = threading.Event()
        super().__init__(server)

    def answer(self, iq, payload):
        self.asked.append(payload.tag)
        if payload.tag == f"{SI}si":
            self.reply(iq, ANSWER)
        elif payload.tag in (f"{IBB}open", f"{IBB}close"):
            self.reply(iq)
        elif payload.tag == f"{IBB}data":
            self.digest.update(base64.b64decode(payload.text))
            self.reply(iq)
        else:
            self.refuse(iq)
        if payload.tag == f"{IBB}close":
            self.has_closed.set()


class Decliner(Mute):
    """Its user does not want the file."""

    def answer(self, iq, payload):
        self.asked.append(payload.tag)
        self.refuse(iq, condition="forbidden" if payload.tag == f"{SI}si"
                    else "service-unavailable")


class DumbPeerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.stop)

    def setUp(self):
        self.alice = Profile(CLI, self.server, "alice")
        self.addCleanup(self.alice.close)

    def send_to(self, peer):
        path = os.path.join(self.alice.folder, "notes.bin")
        write_file(path, SIZE)
        return self.alice.start("send", path, "--to", peer.jid, "--timeout", "60")

    def assert_jingle_first(self, peer):
        offers = [tag for tag in peer.asked if tag in (f"{JINGLE}jingle", f"{SI}si")]
        self.assertEqual(offers, [f"{JINGLE}jingle", f"{SI}si"])

    def test_stream_initiation(self):
        """It is asked what it can do, offered Jingle, and then offered the older way."""
        with OldTimer(self.server) as peer, self.send_to(peer) as sender:
            self.assertEqual(sender.wait(120), 0, f"{sender.events}\n{sender.stderr}")
            self.assertTrue(peer.has_closed.wait(60))
        self.assert_jingle_first(peer)
        done = sender.find("done")[0]
        self.assertEqual(done["signalling"], "si")
        self.assertEqual(done["route"], "inband")
        # It has acknowledged each block, but knows of no hash.
        self.assertEqual((done["received"], done["verified"]), (True, None))
        self.assertEqual(peer.digest.hexdigest(), sha256(done["path"]))
        told = json.loads(self.alice.run("--json", "history", "--details", check=True).stdout)
        self.assertTrue(any("older way" in line for line in told["timeline"]), told)
        self.assertTrue(told["received"])
        self.assertNotIn("verified", told)
        self.assertIn("arrived", self.alice.run("history", check=True).stdout)

    def test_declines(self):
        with Decliner(self.server) as peer, self.send_to(peer) as sender:
            self.assertEqual(sender.wait(120), EXIT_DECLINED, sender.events)
        self.assert_jingle_first(peer)

    def test_nothing(self):
        """It knows neither: the user hears that it cannot take files."""
        with Mute(self.server) as peer, self.send_to(peer) as sender:
            self.assertEqual(sender.wait(120), EXIT_FAILED, sender.events)
        self.assert_jingle_first(peer)
        self.assertEqual(sender.find("failed")[0]["error"]["code"], "unsupported")


if __name__ == "__main__":
    unittest.main(verbosity=2)
