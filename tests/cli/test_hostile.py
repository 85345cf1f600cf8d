#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A contact who means harm: what it sends ends in one clear error, leaves nothing behind, and the
next file is received as if nothing had been."""

import hashlib
import os
import struct
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from ferrylab import PATIENCE  # noqa: E402
from offeringpeer import BLOCK, OfferingPeer, OfferingPeerCase  # noqa: E402

LARGEST = (1 << 63) - 1
TRAILER = 33
N_FLOOD = 300
# What a contact may have waiting for an answer, by both signallings.
MAX_WAITING = 5


class Hostile(OfferingPeer):
    """It sends whatever it is told to."""

    def send_folder(self, name, entries, size=None, n_files=None, list_bytes=None, stream=b""):
        """Returns: was it all taken? What is not given is as it should be."""
        entries_data = b"".join(entries)
        files = [entry for entry in entries if entry[:1] == b"f"]
        if size is None:
            size = len(entries_data) + len(stream)
        if n_files is None:
            n_files = len(files)
        if list_bytes is None:
            list_bytes = len(entries_data)
        question = self.offer(name, size, f"<folder xmlns='urn:ferry:folder:0' files='{n_files}' "
                                          f"list='{list_bytes}'/>")
        if not self.succeeds(question):
            return False
        self.wait_action("session-accept")
        is_taken = self.open() and self.send(entries_data + stream)
        self.close_stream()
        return is_taken


def folder(path):
    path = path if isinstance(path, bytes) else path.encode()
    return b"d" + struct.pack(">H", len(path)) + path


def file(path, size=1):
    path = path if isinstance(path, bytes) else path.encode()
    return b"f" + struct.pack(">H", len(path)) + path + struct.pack(">Qq", size, 0)


def content(data):
    """The bytes of a file of a folder, as they are in the stream."""
    return data + b"\0" + hashlib.sha256(data).digest()


class HostileTest(OfferingPeerCase):
    peer_class = Hostile

    def receive(self, *arguments):
        receiver = self.bob.start("receive", "--yes", "--dir", self.bob.inbox, *arguments)
        self.addCleanup(receiver.kill)
        receiver.wait_event("connected")
        return receiver

    def assert_clean(self, what=""):
        """Nothing has been left, neither where files go nor beside it."""
        self.assertEqual(os.listdir(self.bob.inbox), [], what)
        self.assertEqual(sorted(os.listdir(self.bob.folder)), ["inbox", "profile"], what)

    def wait_clean(self, what=""):
        """The part is taken away in a thread."""
        deadline = time.monotonic() + 10 * PATIENCE
        while os.listdir(self.bob.inbox) and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assert_clean(what)

    def check_good_folder(self, receiver):
        one, two = content(b"one"), content(b"two")
        self.assertTrue(self.peer.send_folder(
            "good", [file("CON", 3), folder("..."), file(".../.bashrc", 3)], stream=one + two))
        done = receiver.wait_event("done")
        self.assertEqual((done["files_done"], done["verified"]), (2, "sha-256"))
        names = sorted(str(path.relative_to(done["path"])) for path in Path(done["path"]).rglob("*"))
        self.assertEqual(names, ["_CON", "file", "file/_bashrc"])

    def test_lists(self):
        """Lists that lead out of the folder, nowhere, or to more than there can be."""
        data = content(b"x")
        whole = 19 + 1  # of an entry for the file "x"
        lists = {
            "leads out": ([file("../x")], {"stream": data}),
            "leads out below": ([folder("a"), file("a/../../x")], {"stream": data}),
            "absolute": ([file("/tmp/x")], {"stream": data}),
            "a file as a folder": ([file("a"), file("a/b")], {"stream": 2 * data}),
            "in no folder": ([file("a/b")], {"stream": data}),
            "a folder twice": ([folder("a"), folder("a"), file("x")], {"stream": data}),
            "not UTF-8": ([file(b"caf\xe9")], {"stream": data}),
            "UTF-16": ([file("x".encode("utf-16"))], {"stream": data}),
            "too deep": ([folder("/".join("d" * n)) for n in range(1, 70)] + [file("x")],
                         {"stream": data}),
            "longer than any path": ([file("x" * 4050)], {"stream": data}),
            "past 2^63": ([file("a", LARGEST), file("b", LARGEST)], {"size": 1000}),
            "past 2^64": ([file("a", (1 << 64) - 1), file("b", 2)], {"size": 1000}),
            "list is shorter than said": ([file("x")], {"stream": 2 * data, "list_bytes": whole + 10}),
            "list is longer than said": ([file("x")], {"stream": data, "list_bytes": whole - 3}),
            "more files than said": ([file("x"), file("y")], {"stream": 2 * data, "n_files": 1}),
            "more bytes than said": ([file("x", 5000)], {"size": whole + TRAILER + 1}),
        }
        receiver = self.receive()
        for what, (entries, more) in lists.items():
            with self.subTest(what):
                self.peer.send_folder("evil", entries, **more)
                failed = receiver.wait_event("failed")
                self.assertEqual(failed["error"]["code"], "protocol")
                self.wait_clean(what)
        self.check_good_folder(receiver)

    def test_offers_that_cannot_be(self):
        """They are refused at once, and nobody is asked."""
        receiver = self.receive()
        for n_files, list_bytes, size in ((1000000, 27000000, 1 << 40), (1, 1 << 27, 1 << 40),
                                          (10, 100, 100), (0, 0, 100), (0, 50, 100), (-1, 0, 100),
                                          (1 << 64, 20, 100), (1, 1 << 64, 100), (1, 20, 1 << 63)):
            self.assertFalse(self.peer.send_folder("evil", [], size, n_files, list_bytes))
        self.check_good_folder(receiver)
        self.assertEqual(len(receiver.find("offer")), 1)

    def test_more_than_the_disk(self):
        """A size is a claim: nothing is reserved for one that cannot be."""
        receiver = self.receive()
        tag = "<folder xmlns='urn:ferry:folder:0' files='1' list='20'/>"
        for more in ("", tag):
            self.peer.offer("evil", LARGEST, more)
            self.assertEqual(receiver.wait_event("failed")["error"]["code"], "no-space")
            self.wait_clean()
        self.check_good_folder(receiver)

    def test_link_put_into_the_folder(self):
        """Somebody else puts a link where a folder was: it is not followed."""
        outside = os.path.join(self.bob.folder, "outside")
        os.mkdir(outside)
        receiver = self.receive()
        large = bytes(200 * BLOCK)
        entries = [folder("a"), folder("b"), file("a/x", len(large)), file("b/x", 4)]
        list_bytes = len(b"".join(entries))
        stream = b"".join(entries) + content(large) + content(b"evil")
        begin, rest = stream[:150 * BLOCK], stream[150 * BLOCK:]
        self.peer.succeeds(self.peer.offer(
            "evil", len(begin) + len(rest),
            f"<folder xmlns='urn:ferry:folder:0' files='2' list='{list_bytes}'/>"))
        self.peer.wait_action("session-accept")
        self.assertTrue(self.peer.open())
        self.assertTrue(self.peer.send(begin))

        part, = Path(self.bob.inbox).iterdir()
        deadline = time.monotonic() + 30 * PATIENCE
        while not (part / "b").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        (part / "b").rmdir()
        (part / "b").symlink_to(outside)
        self.peer.send(rest, first=150)
        self.assertEqual(receiver.wait_event("failed")["error"]["code"], "target")
        self.assertEqual(os.listdir(outside), [])
        receiver.interrupt()
        receiver.wait()
        self.assertEqual(os.listdir(outside), [])

    def check_endless(self, receiver):
        self.assertTrue(self.peer.open())
        n_blocks = next((n for n in range(5000) if not self.peer.send(b"x" * BLOCK, n % 65536)), None)
        self.assertIsNotNone(n_blocks, "20 MB were taken for one byte")
        self.assertEqual(receiver.wait_event("failed")["error"]["code"], "too-much")
        self.wait_clean()

    def test_endless(self):
        """One byte was offered, and more and more comes."""
        receiver = self.receive()
        self.assertTrue(self.peer.succeeds(self.peer.offer("evil", 1)))
        self.peer.wait_action("session-accept")
        self.check_endless(receiver)
        self.assertTrue(self.peer.succeeds(self.peer.offer_si("evil", 1)))
        self.check_endless(receiver)
        self.check_good_folder(receiver)

    def test_flood(self):
        """Offers by the hundred: a few are shown, the others are refused, and soon after one that is
        good is taken."""
        receiver = self.bob.ask()
        self.addCleanup(receiver.kill)
        questions = [self.peer.offer(f"jingle {i}", 1) for i in range(N_FLOOD)]
        questions += [self.peer.offer_si(f"si {i}", 1) for i in range(N_FLOOD)]
        # Stream initiation answers when the user does.
        refused = 0
        for question in questions[:N_FLOOD]:
            refused += not self.peer.succeeds(question)
        self.assertGreater(refused, N_FLOOD - 2 * 20 * PATIENCE)
        for sid in range(1, N_FLOOD + 1):
            self.peer.withdraw(sid)
        deadline = time.monotonic() + 60 * PATIENCE
        while not self.peer.succeeds(self.peer.offer("good", 1)):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(1)
        receiver.wait_event("offer", where=lambda event: event["name"] == "good")
        receiver.interrupt()
        receiver.wait()
        # A question is shown anew when it is about fewer files.
        asked = {event["id"]: event.get("files", 1) for event in reversed(receiver.find("offer"))
                 if event["name"] != "good"}
        self.assertLessEqual(sum(asked.values()), MAX_WAITING)
        self.wait_clean()


if __name__ == "__main__":
    unittest.main(verbosity=2)
