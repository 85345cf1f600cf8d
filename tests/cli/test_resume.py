#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file stops on its way – a process is killed, a connection cut, the user pauses – and goes on
where it stopped, by itself, until it is whole. What is on the disk is not fetched again, but for a
small overlap."""

import json
import os
import sqlite3
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from ferrylab import Profile, Server, sha256, write_file  # noqa: E402
from xmpp_relay import Relay  # noqa: E402

CLI = None
MIB = 1 << 20
OVERLAP = MIB
# Slow enough to be caught in the middle by any machine.
SIZE = 16 * MIB
SLOW = ("--limit-rate", "4M")
LIMIT = 240  # s; for machines that do other things too


class ResumeTest(unittest.TestCase):
    def setUp(self):
        # A server takes a client that vanished for one with a bad network, until this is over.
        self.server = Server("--option", "smacks_hibernation_time = 2")
        self.alice = Profile(CLI, self.server, "alice")
        self.bob = Profile(CLI, self.server, "bob")
        self.path = os.path.join(self.alice.folder, "resumed.bin")
        write_file(self.path, SIZE)
        self.kept = []

    def tearDown(self):
        self.alice.close()
        self.bob.close()
        self.server.stop()

    def send(self, *arguments, route="inband"):
        return self.alice.start("send", self.path, "--to", self.bob.jid, "--route", route,
                                "--wait", *SLOW, *arguments)

    def wait_bytes(self, process, n_bytes):
        process.wait_event("progress", "waiting", timeout=LIMIT, where=lambda event:
                           event["state"] == "active" and event["bytes"] >= n_bytes)

    def part_size(self):
        parts = [name for name in os.listdir(self.bob.inbox) if ".ferry-part-" in name]
        self.assertEqual(len(parts), 1, "one part for one file")
        return os.path.getsize(os.path.join(self.bob.inbox, parts[0]))

    def check_goes_on(self, receiver, before):
        """The next attempt begins where the part ends."""
        event = receiver.wait_event("route", timeout=LIMIT)
        self.assertGreaterEqual(event["bytes"], before - OVERLAP, "fetched again")
        self.assertLessEqual(event["bytes"], self.part_size())

    def check_whole(self, receiver, verified="sha-256"):
        self.assertEqual(receiver.wait(LIMIT), 0, f"{receiver.events[-3:]}\n{receiver.stderr}")
        done = receiver.find("done")[0]
        self.assertEqual(sha256(done["path"]), sha256(self.path))
        self.assertEqual(done["verified"], verified)
        self.assertEqual(os.listdir(self.bob.inbox), ["resumed.bin"], "nothing else is left")

    def test_receiver_killed(self):
        with self.send() as sender:
            with self.bob.receive() as receiver:
                self.wait_bytes(receiver, SIZE // 10)
                receiver.kill()
            before = self.part_size()
            with self.bob.receive() as receiver:
                self.check_goes_on(receiver, before)
                self.wait_bytes(receiver, SIZE // 2)
                receiver.kill()
            before = self.part_size()
            with self.bob.receive() as receiver:
                self.check_goes_on(receiver, before)
                self.check_whole(receiver)
            self.assertEqual(receiver.find("offer"), [], "nobody is asked twice")
            self.assertEqual(sender.wait(LIMIT), 0, sender.events[-3:])
            self.assertEqual(sender.find("done")[0]["verified"], "sha-256")

    def test_sender_killed(self):
        with self.bob.receive() as receiver:
            with self.send() as sender:
                self.wait_bytes(receiver, SIZE // 2)
                sender.kill()
            receiver.wait_event("progress", "waiting", timeout=LIMIT, where=lambda event:
                                event["state"] in ("reconnecting", "waiting-peer"))
            before = self.part_size()
            # Any Ferry that runs on this profile goes on with its queue.
            with self.alice.start("receive", *SLOW):
                self.check_goes_on(receiver, before)
                self.check_whole(receiver)
        self.assertEqual(len(receiver.find("offer")), 1, "nobody is asked twice")

    def test_both_killed_at_the_end(self):
        with self.bob.receive() as receiver, self.send() as sender:
            self.wait_bytes(receiver, SIZE * 3 // 4)
            receiver.kill()
            sender.kill()
        before = self.part_size()
        with self.bob.receive() as receiver, self.alice.start("receive") as sender:
            self.check_goes_on(receiver, before)
            self.check_whole(receiver)
            deadline = time.monotonic() + LIMIT
            while self.states(self.alice) != ["done"]:
                self.assertLess(time.monotonic(), deadline, self.states(self.alice))
                time.sleep(0.2)
            self.assertIsNone(sender.popen.poll())

    def states(self, profile):
        done = profile.run("--json", "list", check=True)
        return [json.loads(line)["state"] for line in done.stdout.splitlines()]

    def change(self, profile, verb):
        done = profile.run("--json", "list", check=True)
        transfer = json.loads(done.stdout.splitlines()[0])
        self.assertEqual(profile.run(verb, transfer["id"]).returncode, 0, (verb, transfer))

    def check_paused(self, n_bytes, *arguments, verified):
        for pauser in ("receiver", "sender"):
            with self.subTest(pauser=pauser):
                with self.bob.receive() as receiver, self.send(*arguments) as sender:
                    self.wait_bytes(receiver, n_bytes)
                    profile = self.bob if pauser == "receiver" else self.alice
                    self.change(profile, "pause")
                    for process in (receiver, sender):
                        process.wait_event("progress", "waiting", timeout=LIMIT, where=lambda event:
                                           event["state"] == "paused")
                    self.assertEqual(self.states(self.alice)[-1:], ["paused"])
                    before = self.part_size()
                    self.change(profile, "resume")
                    self.check_goes_on(receiver, before)
                    self.check_whole(receiver, verified)
                    self.assertEqual(sender.wait(LIMIT), 0, sender.events[-3:])
                os.unlink(os.path.join(self.bob.inbox, "resumed.bin"))
                for profile in (self.alice, self.bob):
                    self.clear(profile)

    def test_paused(self):
        self.check_paused(SIZE // 4, verified="sha-256")

    def test_paused_with_stream_initiation(self):
        """Where all that others can say is that the stream is closed."""
        self.check_paused(MIB, "--via", "si", verified="size")

    def test_sender_comes_back(self):
        """It was away for longer than its session lives, and takes no files itself. A receiver who has
        paused, and wants the rest now, notices all the same when it can be asked."""
        relay = Relay("127.0.0.1", self.server.port, ["alice"])
        self.addCleanup(relay.close)
        self.alice.close()
        self.alice = Profile(CLI, self.server, "alice", port=relay.ports["alice"])
        self.path = os.path.join(self.alice.folder, "resumed.bin")
        write_file(self.path, SIZE)
        with self.bob.receive() as receiver, self.send(route="direct") as sender:
            self.wait_bytes(receiver, SIZE // 4)
            self.change(self.bob, "pause")
            sender.wait_event("progress", "waiting", timeout=LIMIT, where=lambda event:
                              event["state"] == "paused")
            relay.tell("away", "alice")
            before = self.part_size()
            self.change(self.bob, "resume")
            receiver.wait_event("progress", "waiting", timeout=LIMIT, where=lambda event:
                                event["state"] == "waiting-peer")
            relay.tell("back", "alice")
            self.check_goes_on(receiver, before)
            self.check_whole(receiver)
            self.assertEqual(sender.wait(LIMIT), 0, sender.events[-3:])

    def clear(self, profile):
        """An empty list for the next round; the history keeps what was in it."""
        database = os.path.join(profile.folder, "profile", "ferry.db")
        with sqlite3.connect(database) as connection:
            connection.execute("UPDATE transfers SET is_listed = 0")
        connection.close()

    def test_sender_has_not_heard_the_end(self):
        """Its Ferry ended before the last word came. The receiver says that it has the file, and nobody is
        asked, and nothing is sent."""
        write_file(self.path, MIB)
        for via in ("jingle", "si"):
            with self.subTest(via=via), self.bob.receive(count=2) as receiver:
                with self.send("--via", via, route="auto") as sender:
                    done = receiver.wait_event("done", timeout=LIMIT)
                    self.assertEqual(sender.wait(LIMIT), 0, sender.events[-3:])
                database = os.path.join(self.alice.folder, "profile", "ferry.db")
                with sqlite3.connect(database) as connection:
                    connection.execute("UPDATE transfers SET state = 'active', verified = NULL, "
                                       "is_received = 0, ended_us = 0 WHERE is_listed")
                connection.close()
                with self.alice.start("receive"):
                    deadline = time.monotonic() + LIMIT
                    while self.states(self.alice) != ["done"]:
                        self.assertLess(time.monotonic(), deadline, self.states(self.alice))
                        time.sleep(0.2)
                history = self.alice.run("--json", "history", check=True)
                told = json.loads(history.stdout.splitlines()[0])
                self.assertEqual(told["verified"], "sha-256", told)
                self.assertEqual(os.listdir(self.bob.inbox), ["resumed.bin"], "it came once")
                self.assertEqual(len(receiver.find("offer")), 1, "nobody is asked twice")
                os.unlink(done["path"])
                for profile in (self.alice, self.bob):
                    self.clear(profile)

    def test_another_route(self):
        """In-band first, directly later: the part knows nothing of the way it came."""
        with self.bob.receive() as receiver:
            with self.send() as sender:
                self.wait_bytes(receiver, SIZE // 4)
                sender.kill()
            receiver.wait_event("progress", "waiting", timeout=LIMIT, where=lambda event:
                                event["state"] in ("reconnecting", "waiting-peer"))
            database = os.path.join(self.alice.folder, "profile", "ferry.db")
            with sqlite3.connect(database) as connection:
                connection.execute("UPDATE transfers SET routes = 0")
            connection.close()
            with self.alice.start("receive"):
                self.assertEqual(receiver.wait_event("route", timeout=LIMIT)["route"], "direct")
                self.check_whole(receiver)

    def test_disk_full(self):
        """While it is away its disk fills up: it waits for room, says so, and goes on by itself."""
        if os.geteuid() != 0 or subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "size=40m", "ferry-test", self.bob.inbox],
                capture_output=True).returncode != 0:
            self.skipTest("a small disk needs the right to mount one")
        self.addCleanup(subprocess.run, ["umount", "-l", self.bob.inbox])
        with self.send() as sender:
            with self.bob.receive() as receiver:
                self.wait_bytes(receiver, SIZE // 4)
                receiver.kill()
            before = self.part_size()
            part = next(name for name in os.listdir(self.bob.inbox) if ".ferry-part-" in name)
            os.truncate(os.path.join(self.bob.inbox, part), before)  # without what was reserved
            filler = os.path.join(self.bob.inbox, "filler")
            write_file(filler, 39 * MIB - before)
            with self.bob.receive() as receiver:
                for process in (receiver, sender):
                    process.wait_event("progress", "waiting", timeout=LIMIT, where=lambda event:
                                       event["state"] == "paused")
                os.unlink(filler)
                self.check_goes_on(receiver, before)
                self.check_whole(receiver)
            self.assertEqual(sender.wait(LIMIT), 0, sender.events[-3:])

    def test_cancelled_at_rest(self):
        with self.bob.receive() as receiver, self.send() as sender:
            self.wait_bytes(receiver, SIZE // 4)
            receiver.kill()
            sender.kill()
        self.change(self.bob, "cancel")
        self.assertEqual(os.listdir(self.bob.inbox), [], "its part goes with it")
        self.assertEqual(self.states(self.bob), ["cancelled"])
        self.change(self.alice, "pause")
        self.assertEqual(self.states(self.alice), ["paused"])
        self.assertEqual(self.alice.run("pause", "nothing").returncode, 1)


if __name__ == "__main__":
    CLI = os.environ["FERRY_CLI"]
    unittest.main(verbosity=2)
