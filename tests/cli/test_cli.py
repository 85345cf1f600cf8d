#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""ferry-cli as its users meet it: processes, arguments, output, exit codes, a real server."""

import json
import os
import signal
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from ferrylab import Profile, Server, sha256, write_file  # noqa: E402

CLI = None

# Names a sender may use on its own disk; what the receiver makes of them is the sanitiser's.
DIFFICULT_NAMES = [
    "simple.txt",
    "with space and 'quotes' \"both\".txt",
    "Ünïcödé 日本語 \U0001f600.tar.gz",
    "a&b<c>.xml",
    ".hidden",
    "-rf",
    "~tilde",
    "con.txt",
    "trailing dot.",
    "question?star*colon:.txt",
    "\u202egpj.exe",
    "new\nline.txt",
    "n" * 250,
]


class CliTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.alice = Profile(CLI, cls.server, "alice")
        cls.bob = Profile(CLI, cls.server, "bob")
        cls.source = os.path.join(cls.alice.folder, "source")
        os.mkdir(cls.source)

    @classmethod
    def tearDownClass(cls):
        cls.alice.close()
        cls.bob.close()
        cls.server.stop()

    def make(self, name, size, seed=1):
        path = os.path.join(self.source, name)
        write_file(path, size, seed)
        return path

    def test_profile_changes_hands(self):
        """A Ferry that is just starting or ending keeps nobody from the profile, nor from the list."""
        for _ in range(4):
            with self.bob.start("receive") as receiver:
                self.bob.run("list", check=True)
                receiver.wait_event("connected")
                second = self.bob.run("receive")
                self.assertEqual(second.returncode, 4, second.stderr)
                self.assertIn("Another Ferry", second.stderr)
                receiver.popen.terminate()
                self.bob.run("list", check=True)
                self.assertEqual(receiver.wait(), 6, receiver.stderr)

    def transfer(self, paths, route="auto", via="auto", timeout=120):
        """Sends files from Alice to Bob; returns Bob's `done` events after comparing bytes."""
        with self.bob.receive(count=len(paths)) as receiver:
            with self.alice.start("send", *paths, "--to", self.bob.jid, "--route", route,
                                  "--via", via) as sender:
                code = sender.wait(timeout)
                self.assertEqual(code, 0, f"{sender.events}\n{sender.stderr}\n{receiver.stderr}")
            self.assertEqual(receiver.wait(timeout), 0, f"{receiver.events}\n{receiver.stderr}")
        done = receiver.find("done")
        self.assertEqual(sorted(os.path.getsize(event["path"]) for event in done),
                         sorted(os.path.getsize(path) for path in paths))
        self.assertEqual(sorted(sha256(event["path"]) for event in done),
                         sorted(sha256(path) for path in paths))
        # Stream initiation has no place for a checksum that proves something.
        verified = "sha-256" if via != "si" else "size"
        self.assertEqual([event["verified"] for event in done], [verified] * len(paths))
        for event in done:
            os.unlink(event["path"])
        self.assertEqual(os.listdir(self.bob.inbox), [], "nothing else may be left in the folder")
        return done

    def test_sizes_over_every_route(self):
        for route in ("direct", "proxy", "inband"):
            with self.subTest(route=route):
                paths = [self.make(f"{route}-{size}", size) for size in (0, 1, 65537, 1 << 20)]
                for event in self.transfer(paths, route):
                    self.assertEqual(event["route"], route)
                    self.assertEqual(event["signalling"], "jingle")

    def test_stream_initiation(self):
        for route in ("auto", "direct", "fast", "proxy", "inband"):
            with self.subTest(route=route):
                paths = [self.make(f"si-{route}-{size}", size) for size in (0, 1, 65537, 1 << 20)]
                for event in self.transfer(paths, route, "si"):
                    # Whichever side's connection was first: both are direct ones.
                    self.assertIn(event["route"], (route,) if route != "auto" else ("direct", "fast"))
                    self.assertEqual(event["signalling"], "si")

    def test_auto_is_direct(self):
        for event in self.transfer([self.make("auto", 100000)]):
            self.assertEqual(event["route"], "direct")

    def test_difficult_names(self):
        done = self.transfer([self.make(name, 10 + i, i)
                              for i, name in enumerate(DIFFICULT_NAMES)])
        for event in done:
            name = os.path.basename(event["path"])
            self.assertLessEqual(len(name.encode()), 200)
            self.assertFalse(name.startswith((".", "-", "~")), name)
            self.assertNotIn("\u202e", name)
            self.assertNotIn("\n", name)

    def test_same_name_twice(self):
        first, second = self.make("twice.txt", 5, 1), None
        kept = os.path.join(self.bob.inbox, "twice.txt")
        with open(kept, "w") as file:
            file.write("mine")
        with self.bob.receive() as receiver:
            self.assertEqual(self.alice.run("send", first, "--to", self.bob.jid).returncode, 0)
            self.assertEqual(receiver.wait(), 0)
        second = receiver.find("done")[0]["path"]
        self.assertEqual(os.path.basename(second), "twice (1).txt")
        with open(kept) as file:
            self.assertEqual(file.read(), "mine")
        os.unlink(second)
        os.unlink(kept)

    def test_events_of_a_sender(self):
        path = self.make("events", 1 << 20)
        with self.bob.receive() as receiver:
            with self.alice.start("send", path, "--to", self.bob.jid) as sender:
                self.assertEqual(sender.wait(), 0)
            receiver.wait()
        names = [event["event"] for event in sender.events]
        for name in ("connected", "offer", "accepted", "route", "done"):
            self.assertIn(name, names)
        done = sender.find("done")[0]
        self.assertEqual(done["size"], 1 << 20)
        self.assertEqual(done["bytes"], 1 << 20)
        self.assertEqual(done["sha256"], sha256(path))
        self.assertEqual(done["direction"], "send")
        self.assertTrue(done["encrypted"])
        self.assertIn("seconds", done)
        os.unlink(receiver.find("done")[0]["path"])

    def test_decline(self):
        path = self.make("declined", 1000)
        with self.bob.start("receive", "--dir", self.bob.inbox, "--count", "1",
                            stdin=subprocess.PIPE) as receiver:
            receiver.wait_event("connected")
            receiver.answer("no")
            with self.alice.start("send", path, "--to", self.bob.jid, "--timeout", "30") as sender:
                self.assertEqual(sender.wait(), 3, sender.events)
            self.assertEqual(receiver.wait(30), 3)
        self.assertEqual(len(sender.find("declined")), 1)
        self.assertEqual(os.listdir(self.bob.inbox), [])

    def test_nobody_there(self):
        path = self.make("nobody", 10)
        with self.alice.start("send", path, "--to", self.bob.jid, "--timeout", "2") as sender:
            self.assertEqual(sender.wait(), 5, sender.events)

    def test_sender_is_no_place_to_send_to(self):
        path = self.make("both ways", 10)
        with self.alice.start("send", path, "--to", self.bob.jid) as sender:
            sender.wait_event("waiting")
            done = self.bob.run("--json", "contacts", check=True)
            contacts = [json.loads(line) for line in done.stdout.splitlines()]
            alice = [contact for contact in contacts if contact.get("jid") == self.alice.jid][0]
            self.assertEqual([device["receives"] for device in alice["devices"]], ["none"])
            # To her address it waits; her device, named, refuses.
            with self.bob.start("send", path, "--to", self.alice.jid, "--timeout", "4") as back:
                self.assertEqual(back.wait(), 5, back.events)
                self.assertEqual(back.find("offer"), [])
            full = alice["devices"][0]["jid"]
            with self.bob.start("send", path, "--to", full, "--timeout", "30") as back:
                self.assertEqual(back.wait(), 4, back.events)
                self.assertEqual(back.find("failed")[0]["error"]["code"], "unsupported")
            # Nor did those who only looked or sent end her waiting.
            self.assertEqual(sender.find("failed"), [])
            with self.bob.receive() as receiver:
                self.assertEqual(sender.wait(), 0, sender.events)
                self.assertEqual(receiver.wait(), 0, receiver.events)
        os.unlink(receiver.find("done")[0]["path"])

    def test_source_is_missing(self):
        with self.bob.receive() as receiver:
            with self.alice.start("send", "/nonexistent/file", "--to", self.bob.jid) as sender:
                self.assertEqual(sender.wait(), 4)
            failed = sender.find("failed")[0]
            self.assertEqual(failed["error"]["code"], "source")
            receiver.kill()

    def test_usage(self):
        for arguments in ((), ("fly",), ("send",), ("send", "x"), ("send", "x", "--to", "@"),
                          ("send", "x", "--to", "a@b", "--route", "pigeon"),
                          ("send", "x", "--to", "a@b", "--route", ""),
                          ("send", "x", "--to", "a@b", "--route", "direct,,proxy"),
                          ("send", "x", "--to", "a@b", "--via", "pigeon"),
                          ("receive", "stray"), ("receive", "--from", "@"), ("account",),
                          ("account", "add"), ("account", "add", "@"),
                          ("account", "add", "a@b", "--pin", "12"),
                          ("account", "remove", "nobody@nowhere.example")):
            done = self.alice.run(*arguments)
            self.assertEqual(done.returncode, 1, (arguments, done.stderr))
            self.assertNotEqual(done.stderr, "", arguments)

    def test_not_connected(self):
        with Profile(CLI, self.server, "alice", password="wrong") as stranger:
            done = stranger.run("contacts")
            self.assertEqual(done.returncode, 2)
            self.assertIn("password", done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1, "said once")
        empty = self.alice.run("--profile", os.path.join(self.alice.folder, "empty"), "contacts")
        self.assertEqual(empty.returncode, 2)

    def test_wrong_pin(self):
        with Profile(CLI, self.server, "alice") as profile:
            profile.run("account", "add", profile.jid, "--server", f"127.0.0.1:{self.server.port}",
                        "--pin", "00" * 32, check=True)
            done = profile.run("contacts")
            self.assertEqual(done.returncode, 2)
            self.assertIn(self.server.pin, done.stderr)

    def test_profile_is_locked(self):
        with self.bob.receive() as receiver:
            done = self.bob.run("history")
            self.assertEqual(done.returncode, 4)
            self.assertIn("Another Ferry", done.stderr)
            receiver.kill()

    def test_contacts(self):
        with self.bob.receive() as receiver:
            done = self.alice.run("--json", "contacts", check=True)
            contacts = [json.loads(line) for line in done.stdout.splitlines()]
            bob = [contact for contact in contacts if contact.get("jid") == self.bob.jid][0]
            self.assertEqual(len(bob["devices"]), 1)
            self.assertEqual(bob["devices"][0]["receives"], "jingle")
            self.assertEqual(bob["devices"][0]["name"], "Ferry")
            receiver.kill()

    def test_history(self):
        path = self.make("remember me.txt", 77)
        self.transfer([path])
        done = self.alice.run("--json", "history", "--search", "remember", check=True)
        entry = json.loads(done.stdout.splitlines()[0])
        self.assertEqual((entry["name"], entry["direction"], entry["outcome"], entry["size"]),
                         ("remember me.txt", "send", "done", 77))
        self.assertEqual((entry["received"], entry["verified"]), (True, "sha-256"))
        self.assertIn("verified", self.alice.run("history", check=True).stdout)
        self.assertNotIn("timeline", entry)
        done = self.alice.run("--json", "history", "--details", check=True)
        timeline = json.loads(done.stdout.splitlines()[0])["timeline"]
        self.assertTrue(any("Using this way: direct" in line for line in timeline), timeline)
        done = self.bob.run("--json", "history", "--search", "remember", check=True)
        self.assertEqual(json.loads(done.stdout.splitlines()[0])["direction"], "receive")
        self.assertEqual(self.bob.run("history", "--search", "\"( NOT", check=True).stdout, "")

    def test_interrupt(self):
        path = self.make("interrupted", 64 << 20)
        with self.bob.receive() as receiver:
            with self.alice.start("send", path, "--to", self.bob.jid, "--route", "inband") as sender:
                sender.wait_event("route")
                sender.popen.send_signal(signal.SIGINT)
                self.assertEqual(sender.wait(), 6)
            self.assertEqual(receiver.wait(), 4, receiver.events)
        self.assertEqual(receiver.find("failed")[0]["error"]["code"], "cancelled-by-peer")


if __name__ == "__main__":
    CLI = os.environ["FERRY_CLI"]
    unittest.main(verbosity=2)
