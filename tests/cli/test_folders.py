#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders, as a user sends them: between two Ferrys one question and one tree."""

import os
import signal
import sys
import tempfile
import time
import unittest
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from ferrylab import PATIENCE, Profile, Server, tree, write_file, zip_tree  # noqa: E402

CLI = os.environ["FERRY_CLI"]


def fill(folder, number, size):
    """`number` files of `size` bytes and one more, 100 in a folder."""
    for i in range(number):
        place = os.path.join(folder, f"{i // 100:03}")
        os.makedirs(place, exist_ok=True)
        write_file(os.path.join(place, f"{i:05}.bin"), size + i % 2, seed=i)


class Folders(unittest.TestCase):
    def setUp(self):
        # Of its own: a server remembers programs that were killed.
        self.server = Server()
        self.addCleanup(self.server.stop)
        self.alice = Profile(CLI, self.server, "alice")
        self.bob = Profile(CLI, self.server, "bob")
        self.addCleanup(self.alice.close)
        self.addCleanup(self.bob.close)
        scratch = tempfile.TemporaryDirectory(prefix="ferry-folders-")
        self.addCleanup(scratch.cleanup)
        self.folder = os.path.join(scratch.name, "photos")
        os.mkdir(self.folder)

    def write(self, path, content):
        path = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)

    def send(self, *arguments):
        process = self.alice.start("send", self.folder, "--to", self.bob.jid, *arguments)
        self.addCleanup(process.kill)
        return process

    def receive(self):
        process = self.bob.receive()
        self.addCleanup(process.kill)
        return process

    def transfer(self, *arguments):
        """Returns: the last event of either side, after both have ended well."""
        receiver = self.receive()
        sender = self.send(*arguments)
        self.assertEqual(sender.wait(), 0, sender.events)
        self.assertEqual(receiver.wait(), 0, receiver.events)
        return sender.find("done")[0], receiver.find("done")[0]

    def assert_inbox(self, *names):
        self.assertEqual(sorted(os.listdir(self.bob.inbox)), sorted(names))

    def test_tree_is_kept(self):
        self.write("plain.txt", b"plain")
        self.write("empty.txt", b"")
        self.write("sub/Readme", b"1")
        self.write("sub/readme", b"2")
        self.write("/".join(f"level {i}" for i in range(20)) + "/deep", b"deep")
        self.write("umlaut \u00e4\u6f22.txt", b"3")
        write_file(os.path.join(self.folder, "large.bin"), 3 << 20)
        os.makedirs(os.path.join(self.folder, "nothing/in/here"))
        os.utime(os.path.join(self.folder, "plain.txt"), (1e9, 1e9))

        sent, received = self.transfer()
        self.assertEqual(sent["verified"], "sha-256")
        self.assertEqual(received["verified"], "sha-256")
        self.assertEqual(received["files"], 7)
        self.assertEqual(received["files_done"], 7)
        self.assertEqual(received["path"], os.path.join(self.bob.inbox, "photos"))
        self.assert_inbox("photos")
        wanted = tree(self.folder)
        # For some systems these are one name.
        wanted["sub/readme (1)"] = wanted.pop("sub/readme")
        self.assertEqual(tree(received["path"]), wanted)
        self.assertEqual(os.stat(os.path.join(received["path"], "plain.txt")).st_mtime, 1e9)

    def test_over_every_route(self):
        fill(self.folder, 30, 5000)
        for i, (via, route) in enumerate([("jingle", "inband"), ("jingle", "proxy"),
                                          ("si", "direct")]):
            _, received = self.transfer("--via", via, "--route", route)
            self.assertEqual(received["route"], route)
            self.assertEqual(received["signalling"], via)
            self.assertEqual(tree(received["path"]), tree(self.folder), (via, route))
            self.assertEqual(os.path.basename(received["path"]),
                             f"photos ({i})" if i else "photos")

    def test_nothing_and_only_folders(self):
        _, received = self.transfer()
        self.assertEqual(tree(received["path"]), {})
        os.makedirs(os.path.join(self.folder, "a/b"))
        _, received = self.transfer()
        self.assertEqual(tree(received["path"]), {"a": None, "a/b": None})

    def test_names_are_made_safe(self):
        self.write(".hidden/.config", b"1")
        self.write("aa:b", b"2")
        self.write("aa?b", b"3")
        self.write("back\\slash", b"4")
        self.write("CON", b"5")
        self.write("\u202egpj.exe", b"6")
        with open(os.path.join(os.fsencode(self.folder), b"latin \xe4"), "wb") as file:
            file.write(b"7")
        with open(os.path.join(os.fsencode(self.folder), b"latin \xeb"), "wb") as file:
            file.write(b"8")

        _, received = self.transfer()
        found = tree(received["path"])
        self.assertEqual(received["files_done"], 8)
        self.assertEqual(len([name for name in found if found[name]]), 8, found)
        for name in ("_hidden/_config", "aa_b", "aa_b (1)", "slash", "_CON", "gpj.exe"):
            self.assertIn(name, found)

    def test_links_and_special_files_stay(self):
        self.write("real.txt", b"real")
        self.write("sub/real.txt", b"real")
        os.symlink("/etc/passwd", os.path.join(self.folder, "passwd"))
        os.symlink("..", os.path.join(self.folder, "sub/loop"))
        os.symlink("nowhere", os.path.join(self.folder, "broken"))
        os.mkfifo(os.path.join(self.folder, "pipe"))

        sent, received = self.transfer()
        self.assertEqual(sent["files_skipped"], 4)
        self.assertEqual(sorted(tree(received["path"])), ["real.txt", "sub", "sub/real.txt"])
        history = self.alice.run("history", "--details", check=True).stdout
        for name in ("passwd: a link", "sub/loop: a link", "pipe: neither a file"):
            self.assertIn(name, history)

    def test_decline(self):
        fill(self.folder, 5, 100)
        receiver = self.bob.ask("--count", "1")
        self.addCleanup(receiver.kill)
        sender = self.send()
        self.assertEqual(receiver.wait_event("offer")["files"], 5)
        receiver.answer("n")
        self.assertEqual(sender.wait(), 3)
        self.assertEqual(receiver.wait(), 3)
        self.assert_inbox()

    def test_cancel_in_the_middle(self):
        fill(self.folder, 600, 20000)
        receiver = self.receive()
        sender = self.send("--route", "inband", "--limit-rate", "4M")
        receiver.wait_event("progress", where=lambda event: event.get("files_done", 0) > 0,
                            timeout=60)
        sender.interrupt()
        self.assertEqual(sender.wait(), 6)
        self.assertNotEqual(receiver.wait(), 0)
        self.assert_inbox()

    def test_a_file_that_vanishes(self):
        fill(self.folder, 20, 1000)
        receiver = self.bob.ask("--count", "1")
        self.addCleanup(receiver.kill)
        sender = self.send()
        receiver.wait_event("offer")
        os.unlink(os.path.join(self.folder, "000/00003.bin"))
        with open(os.path.join(self.folder, "000/00007.bin"), "ab") as file:
            file.write(b"more")
        receiver.answer("y")
        self.assertEqual(sender.wait(), 4)
        receiver.wait()
        done = receiver.find("done")[0]
        self.assertEqual((done["files_done"], done["files_failed"]), (20, 2))
        names = ["000/00003.bin", "000/00007.bin"]
        for end, profile in ((done, self.bob), (sender.find("done")[0], self.alice)):
            self.assertEqual(end["failed"], names)
            details = profile.run("history", "--details", check=True).stdout
            for name in names:
                self.assertIn(name, details)
        wanted = tree(self.folder)
        del wanted["000/00007.bin"]
        self.assertEqual(tree(done["path"]), wanted)

    def kill_in_the_middle(self, kill_sender, kill_receiver):
        fill(self.folder, 800, 20000)
        receiver = self.bob.start("receive", "--yes", "--dir", self.bob.inbox)
        self.addCleanup(receiver.kill)
        receiver.wait_event("connected")
        sender = self.send("--wait", "--route", "inband", "--limit-rate", "4M")
        seen = receiver.wait_event(
            "progress", where=lambda event: event.get("files_done", 0) > 20, timeout=60)
        for process, wanted in ((sender, kill_sender), (receiver, kill_receiver)):
            if wanted:
                process.popen.send_signal(signal.SIGKILL)
                process.wait()
        if kill_receiver:
            receiver = self.bob.start("receive", "--yes", "--dir", self.bob.inbox)
            self.addCleanup(receiver.kill)
            receiver.wait_event("connected")
        if kill_sender:
            sender = self.alice.start("receive")
            self.addCleanup(sender.kill)
        done = receiver.wait_event("done", timeout=150)
        first = next(event for event in receiver.events[::-1] if event["event"] == "route")
        return seen, first, done

    def check_resumed(self, seen, first, done):
        self.assertGreaterEqual(first["bytes"], seen["files_done"] * 20000)
        self.assertEqual(done["verified"], "sha-256")
        self.assertEqual(tree(done["path"]), tree(self.folder))
        self.assert_inbox("photos")

    def test_killed_receiver(self):
        self.check_resumed(*self.kill_in_the_middle(False, True))

    def test_killed_sender(self):
        self.check_resumed(*self.kill_in_the_middle(True, False))

    def test_killed_both(self):
        self.check_resumed(*self.kill_in_the_middle(True, True))

    def test_archive(self):
        fill(self.folder, 150, 3000)
        self.write("umlaut \u00e4\u6f22.txt", b"3")
        self.write("empty", b"")
        write_file(os.path.join(self.folder, "large.bin"), 5 << 20)
        os.mkdir(os.path.join(self.folder, "nothing"))
        _, received = self.transfer("--as", "zip")
        self.assertEqual(received["name"], "photos.zip")
        self.assertEqual(received["verified"], "sha-256")
        self.assertEqual(received["size"], os.stat(received["path"]).st_size)
        with zipfile.ZipFile(received["path"]) as archive:
            names = archive.namelist()
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual(zip_tree(received["path"]), tree(os.path.dirname(self.folder)))

    def test_one_by_one(self):
        fill(self.folder, 45, 10)
        receiver = self.bob.receive(count=45)
        self.addCleanup(receiver.kill)
        sender = self.send("--as", "files")
        self.assertEqual(sender.wait(), 0)
        self.assertEqual(receiver.wait(), 0)
        self.assertEqual(sorted(tree(self.bob.inbox).values()),
                         sorted(filter(None, tree(self.folder).values())))

    def test_five_hundred_files(self):
        fill(self.folder, 500, 1000)
        began = time.monotonic()
        _, received = self.transfer()
        self.assertEqual(tree(received["path"]), tree(self.folder))
        self.assertLess(time.monotonic() - began, 60 * PATIENCE)


if __name__ == "__main__":
    unittest.main(verbosity=2)
