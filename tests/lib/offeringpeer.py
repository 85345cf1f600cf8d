# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that is no Ferry and offers files: by Jingle or stream initiation, sent in-band."""

import base64
import os
import queue
import unittest
from xml.sax.saxutils import escape

from ferrylab import PATIENCE, Profile, Server
from scriptedpeer import TIMEOUT_S, ScriptedPeer

JINGLE = "urn:xmpp:jingle:1"
FILE = "urn:xmpp:jingle:apps:file-transfer:5"
SI = "http://jabber.org/protocol/si"
IBB = "http://jabber.org/protocol/ibb"
BLOCK = 8192


class OfferingPeer(ScriptedPeer):
    """Its offers to @target, a full JID, are numbered from 1 on; what is not said to be about one
    of them is about the last."""

    def __init__(self, server, user, target):
        self.target = target
        self.n_offers = 0
        self._actions = {}  # sid → queue of what the other side did
        super().__init__(server, user)

    def answer(self, iq, payload):
        if payload.tag == f"{{{JINGLE}}}jingle" and payload.get("sid") in self._actions:
            self.reply(iq)
            self._actions[payload.get("sid")].put(payload.get("action"))
        elif payload.tag == f"{{{IBB}}}close":
            self.reply(iq)
        else:
            self.refuse(iq)

    def succeeds(self, question):
        """Returns: was the answer no error?"""
        return question.get(timeout=TIMEOUT_S * PATIENCE).get("type") == "result"

    def offer(self, name, size, folder=""):
        self.n_offers += 1
        self._actions[f"s{self.n_offers}"] = queue.Queue()
        return self.request(
            self.target, f"<jingle xmlns='{JINGLE}' action='session-initiate' sid='s{self.n_offers}'>"
            "<content creator='initiator' name='file' senders='initiator'>"
            f"<description xmlns='{FILE}'><file><name>{escape(name)}</name><size>{size}</size>{folder}"
            f"</file></description><transport xmlns='{JINGLE.replace(':1', '')}:transports:ibb:1' "
            f"sid='t{self.n_offers}' block-size='{BLOCK}'/></content></jingle>")

    def offer_si(self, name, size):
        """The answer is that of the user."""
        self.n_offers += 1
        return self.request(
            self.target, f"<si xmlns='{SI}' id='t{self.n_offers}' profile='{SI}/profile/file-transfer'>"
            f"<file xmlns='{SI}/profile/file-transfer' name='{escape(name)}' size='{size}'/>"
            "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' "
            f"type='form'><field var='stream-method' type='list-single'><option><value>{IBB}</value>"
            "</option></field></x></feature></si>")

    def withdraw(self, number):
        self.request(self.target, f"<jingle xmlns='{JINGLE}' action='session-terminate' "
                                  f"sid='s{number}'><reason><cancel/></reason></jingle>")

    def wait_action(self, wanted, number=None):
        actions = self._actions[f"s{number or self.n_offers}"]
        while (found := actions.get(timeout=TIMEOUT_S * PATIENCE)) != wanted:
            if found == "session-terminate":
                raise AssertionError(f"ended before {wanted}")

    def open(self, number=None):
        return self.succeeds(self.request(
            self.target, f"<open xmlns='{IBB}' sid='t{number or self.n_offers}' "
                         f"block-size='{BLOCK}' stanza='iq'/>"))

    def send(self, data, first=0, number=None):
        """Returns: were all blocks taken?"""
        for at in range(0, len(data), BLOCK):
            block = base64.b64encode(data[at:at + BLOCK]).decode()
            if not self.succeeds(self.request(
                    self.target, f"<data xmlns='{IBB}' sid='t{number or self.n_offers}' "
                                 f"seq='{first + at // BLOCK}'>{block}</data>")):
                return False
        return True

    def close_stream(self, number=None):
        """The other side may have done so first."""
        self.request(self.target, f"<close xmlns='{IBB}' sid='t{number or self.n_offers}'/>")

    def send_whole(self, data, number):
        """Returns: was it all taken?"""
        is_taken = self.open(number) and self.send(data, number=number)
        self.close_stream(number)
        return is_taken


class OfferingPeerCase(unittest.TestCase):
    """Bob, whom such a program knows as a contact."""

    peer_class = OfferingPeer

    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.stop)

    def setUp(self):
        self.bob = Profile(os.environ["FERRY_CLI"], self.server, "bob", resource="desk")
        self.addCleanup(self.bob.close)
        self.peer = self.peer_class(self.server, "alice", f"{self.bob.jid}/desk")
        self.addCleanup(self.peer.close)
