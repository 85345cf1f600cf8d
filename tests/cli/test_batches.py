#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several files at once, as a user sends them: one question, one answer, files on their own."""

import json
import os
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from ferrylab import Profile, Server, sha256, write_file  # noqa: E402
from offeringpeer import OfferingPeerCase  # noqa: E402

CLI = os.environ["FERRY_CLI"]
SLOW = ["--limit-rate", "100k"]


class Batches(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.stop)
        self.alice = Profile(CLI, self.server, "alice")
        self.bob = Profile(CLI, self.server, "bob")
        self.addCleanup(self.alice.close)
        self.addCleanup(self.bob.close)
        scratch = tempfile.TemporaryDirectory(prefix="ferry-batches-")
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name

    def write(self, number, size):
        paths = [os.path.join(self.folder, f"{i}.bin") for i in range(number)]
        for i, path in enumerate(paths):
            write_file(path, size + i, seed=i)
        return paths

    def send(self, paths, *arguments):
        process = self.alice.start("send", *paths, "--to", self.bob.jid, *arguments)
        self.addCleanup(process.kill)
        return process

    def ask(self, *arguments):
        process = self.bob.ask(*arguments)
        self.addCleanup(process.kill)
        return process

    def list(self, profile):
        output = profile.run("--json", "list", check=True).stdout
        return [json.loads(line) for line in output.splitlines()]

    def assert_inbox(self, paths):
        self.assertEqual({name: sha256(os.path.join(self.bob.inbox, name))
                          for name in os.listdir(self.bob.inbox)},
                         {os.path.basename(path): sha256(path) for path in paths})

    def test_one_question(self):
        paths = self.write(7, 3000)
        folder = os.path.join(self.folder, "photos")
        os.mkdir(folder)
        for i in range(5):
            write_file(os.path.join(folder, f"{i}.jpg"), 100)
        receiver = self.ask("--count", "8")
        sender = self.send([*paths, folder])
        offer = receiver.wait_event("offer")
        self.assertEqual(offer["files"], 12)
        self.assertGreater(offer["size"], sum(os.stat(path).st_size for path in paths))
        receiver.answer("y")
        self.assertEqual(sender.wait(), 0, sender.events)
        self.assertEqual(receiver.wait(), 0, receiver.events)
        self.assertEqual(len(receiver.find("offer")), 1)
        done = sender.find("done")
        self.assertEqual(len(done), 8)
        self.assertEqual(len({event["batch"] for event in done}), 1)
        self.assertEqual({event["verified"] for event in done}, {"sha-256"})
        self.assertEqual(sorted(os.listdir(os.path.join(self.bob.inbox, "photos"))),
                         [f"{i}.jpg" for i in range(5)])
        history = self.bob.run("history", check=True).stdout
        self.assertEqual(len(history.splitlines()), 8)

    def test_no_is_for_all(self):
        receiver = self.ask()
        sender = self.send(self.write(6, 1000))
        receiver.wait_event("offer")
        receiver.answer("n")
        self.assertEqual(sender.wait(), 3)
        self.assertEqual(len(sender.find("declined")), 6)
        receiver.interrupt()
        receiver.wait()
        self.assertEqual(len(receiver.find("offer")), 1)
        self.assertEqual(os.listdir(self.bob.inbox), [])

    def test_unreadable_fails_alone(self):
        paths = self.write(5, 1000)
        os.unlink(paths[2])
        receiver = self.bob.receive(count=4)
        self.addCleanup(receiver.kill)
        sender = self.send(paths)
        self.assertEqual(sender.wait(), 4)
        self.assertEqual(receiver.wait(), 0)
        offer = receiver.find("offer")[0]
        self.assertEqual((offer["files"], offer["size"]), (4, 4 * 1000 + 0 + 1 + 3 + 4))
        failed = sender.find("failed")
        self.assertEqual([event["name"] for event in failed], ["2.bin"])
        self.assertEqual(failed[0]["error"]["code"], "source")
        self.assert_inbox([path for path in paths if path != paths[2]])
        history = self.alice.run("--json", "history", check=True).stdout.splitlines()
        outcome = {entry["name"]: entry["outcome"] for entry in map(json.loads, history)}
        self.assertEqual(outcome, {f"{i}.bin": "failed" if i == 2 else "done" for i in range(5)})

    def test_found_again(self):
        """What could not be read is asked about on its own when it is sent after all."""
        paths = self.write(3, 1000)
        away = paths[1] + ".away"
        os.rename(paths[1], away)
        receiver = self.ask("--count", "3")
        sender = self.send(paths)
        self.assertEqual(receiver.wait_event("offer")["files"], 2)
        receiver.answer("y")
        self.assertEqual(sender.wait(), 4)
        os.rename(away, paths[1])
        self.alice.run("retry", sender.find("failed")[0]["id"], check=True)
        again = self.alice.start("receive")
        self.addCleanup(again.kill)
        offer = receiver.wait_event("offer")
        self.assertEqual((offer["name"], offer.get("files")), ("1.bin", None))
        receiver.answer("y")
        self.assertEqual(receiver.wait(), 0, receiver.events)
        self.assert_inbox(paths)

    def test_what_it_waits_for(self):
        """The list says of each what it waits for, in a sentence, also when nobody is at work."""
        paths = self.write(6, 4 << 20)
        receiver = self.bob.start("receive", "--yes", "--dir", self.bob.inbox)
        self.addCleanup(receiver.kill)
        receiver.wait_event("connected")
        sender = self.send(paths, *SLOW, "--wait")
        for _ in range(3):
            sender.wait_event("route")
        # Which of them begin is not the same each time: one may look for Bob before he is seen.
        entries = self.list(self.alice)
        active = [entry for entry in entries if entry["state"] == "active"]
        queued = [entry for entry in entries if entry["state"] == "queued"]
        self.assertEqual((len(active), len(queued)), (3, 3), entries)
        for entry in active:
            self.assertIn(" of 4.2\u00a0MB", entry["text"])
        self.assertEqual([entry["ahead"] for entry in queued], [3, 4, 5])
        self.assertEqual([entry["text"] for entry in queued],
                         [f"Waiting – {n} transfers ahead" for n in (3, 4, 5)])

        sender.kill()
        lines = self.alice.run("list", check=True).stdout.splitlines()
        self.assertTrue(lines[0].endswith("  Waiting to start"), lines)
        self.assertTrue(lines[5].endswith("  Waiting – 5 transfers ahead"), lines)

    def test_act_on_all(self):
        paths = self.write(4, 4 << 20)
        receiver = self.bob.start("receive", "--yes", "--dir", self.bob.inbox)
        self.addCleanup(receiver.kill)
        receiver.wait_event("connected")
        sender = self.send(paths, *SLOW)
        batch = sender.wait_event("progress")["batch"]
        self.assertEqual(self.alice.run("pause", batch).returncode, 0)
        for _ in paths:
            sender.wait_event("progress", where=lambda event: event["state"] == "paused")
        self.assertEqual({entry["state"] for entry in self.list(self.alice)}, {"paused"})
        self.assertEqual({entry["batch"] for entry in self.list(self.alice)}, {batch})
        self.assertEqual(self.alice.run("resume", batch).returncode, 0)
        one = self.list(self.alice)[0]["id"]
        self.assertEqual(self.alice.run("cancel", one).returncode, 0)
        sender.wait_event("failed", where=lambda event: event["state"] == "cancelled")
        self.assertNotEqual({entry["state"] for entry in self.list(self.alice)}, {"cancelled"})
        self.assertEqual(self.alice.run("cancel", batch).returncode, 0)
        self.assertEqual(sender.wait(), 6)
        self.assertEqual(self.alice.run("cancel", "nothing").returncode, 1)


class OtherProgram(OfferingPeerCase):
    """One that offers file by file, and does not say what belongs together."""

    FILES = {"a.txt": b"first", "b.bin": bytes(30000), "c.txt": b"third"}

    def ask(self, *arguments):
        receiver = self.bob.ask(*arguments)
        self.addCleanup(receiver.kill)
        return receiver

    def offer_all(self):
        """Two by Jingle, and the last by stream initiation. Returns: its answer, to come"""
        *first, last = self.FILES
        for name in first:
            self.peer.offer(name, len(self.FILES[name]))
        return self.peer.offer_si(last, len(self.FILES[last]))

    def wait_question(self, receiver, n_files):
        offer = receiver.wait_event("offer")
        self.assertEqual((offer.get("files"), offer.get("batch")),
                         (n_files if n_files > 1 else None, None))
        return offer

    def test_yes(self):
        receiver = self.ask("--count", "3")
        answer = self.offer_all()
        offer = self.wait_question(receiver, 3)
        self.assertEqual(offer["name"], "a.txt")
        self.assertEqual(offer["size"], sum(map(len, self.FILES.values())))
        receiver.answer("y")
        for number in 1, 2:
            self.peer.wait_action("session-accept", number)
        self.assertTrue(self.peer.succeeds(answer))
        for number, data in enumerate(self.FILES.values(), 1):
            self.assertTrue(self.peer.send_whole(data, number))
        self.assertEqual(receiver.wait(), 0, receiver.events)
        self.assertEqual(len(receiver.find("offer")), 1)
        self.assertEqual({path.name: path.read_bytes() for path in Path(self.bob.inbox).iterdir()},
                         self.FILES)

    def test_no(self):
        receiver = self.ask("--count", "3")
        answer = self.offer_all()
        self.wait_question(receiver, 3)
        receiver.answer("n")
        for number in 1, 2:
            self.peer.wait_action("session-terminate", number)
        self.assertFalse(self.peer.succeeds(answer))
        self.assertEqual(receiver.wait(), 3)
        self.assertEqual(os.listdir(self.bob.inbox), [])

    def test_what_comes_later(self):
        """A yes is to what was read, and not to what came since."""
        receiver = self.ask("--count", "2")
        self.peer.offer("a.txt", 5)
        self.assertEqual(self.wait_question(receiver, 1)["name"], "a.txt")
        self.peer.offer("b.bin", 5)
        self.assertEqual(self.wait_question(receiver, 1)["name"], "b.bin")
        receiver.answer("y")
        self.peer.wait_action("session-accept", 1)
        receiver.answer("n")
        self.peer.wait_action("session-terminate", 2)
        self.assertTrue(self.peer.send_whole(b"first", 1))
        self.assertEqual(receiver.wait(), 3)
        self.assertEqual(os.listdir(self.bob.inbox), ["a.txt"])

    def test_taken_back(self):
        """What is taken back while the user thinks is not asked about any more."""
        receiver = self.ask()
        self.offer_all()
        self.wait_question(receiver, 3)
        self.peer.withdraw(1)
        offer = receiver.wait_event("offer")
        self.assertEqual((offer["name"], offer["files"]), ("b.bin", 2))

    def test_nobody_is_asked(self):
        """Then there is nothing to wait for."""
        receiver = self.bob.receive(count=2)
        self.addCleanup(receiver.kill)
        for name in "a.txt", "c.txt":
            self.peer.offer(name, 5)
            self.peer.wait_action("session-accept")
            self.assertTrue(self.peer.send_whole(b"12345", self.peer.n_offers))
        self.assertEqual(receiver.wait(), 0)
        self.assertEqual(["files" in offer for offer in receiver.find("offer")], [False, False])


if __name__ == "__main__":
    unittest.main(verbosity=2)
