#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks, files, addresses and questions that are not as one would wish."""

import os
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from ferrylab import Process, Profile, Server, sha256, write_file  # noqa: E402

CLI = None
# Not done before a test has changed it.
SLOW_SIZE = 8 << 20
SLOW = ("--route", "inband", "--limit-rate", "3M")


def can_mount():
    return subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0


class TroubleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("--strangers", "carol:secret")
        cls.alice = Profile(CLI, cls.server, "alice")
        cls.bob = Profile(CLI, cls.server, "bob")
        cls.path = os.path.join(cls.alice.folder, "trouble.bin")

    @classmethod
    def tearDownClass(cls):
        cls.alice.close()
        cls.bob.close()
        cls.server.stop()

    def tearDown(self):
        for name in os.listdir(self.bob.inbox):
            os.unlink(os.path.join(self.bob.inbox, name))

    def send(self, *arguments, profile=None, to=None):
        return (profile or self.alice).start("send", self.path, "--to", to or self.bob.jid,
                                             "--timeout", "150", *arguments)

    def check(self, process, code, error=None):
        self.assertEqual(process.wait(160), code, f"{process.events}\n{process.stderr}")
        if error is not None:
            self.assertEqual(process.find("failed")[0]["error"]["code"], error)

    # --- The receiver's disk -----------------------------------------------------------------

    def receive_on_small_disk(self, options="size=4m"):
        """A receiver that alone sees a small file system in the place of its inbox."""
        script = f'mount -t tmpfs -o {options} tmpfs "$0" && exec "$@"'
        command = self.bob.command("--json", "receive", "--yes", "--dir", self.bob.inbox,
                                   "--count", "1", "--timeout", "150")
        receiver = Process(["unshare", "-m", "sh", "-c", script, self.bob.inbox, *command],
                           self.bob.env)
        receiver.wait_event("connected")
        return receiver

    @unittest.skipUnless(can_mount(), "no mount namespaces here")
    def test_file_does_not_fit(self):
        write_file(self.path, 16 << 20)
        with self.receive_on_small_disk() as receiver, self.send() as sender:
            self.check(receiver, 4, "no-space")
            self.check(sender, 4, "peer-storage")
        self.assertIn("space", receiver.find("failed")[0]["error"]["text"])

    @unittest.skipUnless(can_mount(), "no mount namespaces here")
    def test_folder_is_read_only(self):
        write_file(self.path, 1000)
        with self.receive_on_small_disk("ro") as receiver, self.send() as sender:
            self.check(receiver, 4, "target")
            self.check(sender, 4, "peer-storage")

    def test_folder_is_a_file(self):
        write_file(self.path, 1000)
        with self.bob.start("receive", "--yes", "--dir", os.path.join(self.bob.folder, "profile",
                                                                      "secrets"),
                            "--count", "1") as receiver:
            receiver.wait_event("connected")
            with self.send() as sender:
                self.check(sender, 4, "peer-storage")
            self.check(receiver, 4, "target")

    # --- The sender's file -------------------------------------------------------------------

    def check_changed_source(self, change):
        write_file(self.path, SLOW_SIZE)
        with self.bob.receive() as receiver, self.send(*SLOW) as sender:
            sender.wait_event("progress", where=lambda event: event.get("bytes", 0) > 0)
            change()
            self.check(sender, 4, "source")
            self.check(receiver, 4)
        self.assertEqual(os.listdir(self.bob.inbox), [])

    def test_source_is_truncated(self):
        self.check_changed_source(lambda: os.truncate(self.path, 1 << 20))

    def check_rewritten_source(self, offset, sender_code, receiver_code):
        """Other bytes of the same length."""
        write_file(self.path, SLOW_SIZE)
        offered = sha256(self.path)
        with self.bob.receive() as receiver, self.send(*SLOW) as sender:
            sender.wait_event("progress", where=lambda event: event.get("bytes", 0) > 1000)
            with open(self.path, "r+b") as file:
                file.seek(offset)
                file.write(b"something else")
            self.check(sender, sender_code)
            self.check(receiver, receiver_code)
        if receiver_code == 0:
            self.assertEqual(sha256(receiver.find("done")[0]["path"]), offered)
        else:
            # The receiver may find it out, and say so, before the sender has.
            self.assertIn(sender.find("failed")[0]["error"]["code"], ("source", "corrupt"))

    def test_source_is_rewritten_before_the_reader(self):
        self.check_rewritten_source(SLOW_SIZE - 100, 4, 4)

    def test_source_is_rewritten_behind_the_reader(self):
        """What was offered is what was sent, and so all is well."""
        self.check_rewritten_source(0, 0, 0)

    def test_source_is_deleted(self):
        """A file that is open stays whole without its name."""
        write_file(self.path, 4 << 20)
        expected = sha256(self.path)
        with self.bob.receive() as receiver, self.send("--route", "inband") as sender:
            sender.wait_event("route")
            os.unlink(self.path)
            self.check(sender, 0)
            self.check(receiver, 0)
        self.assertEqual(sha256(receiver.find("done")[0]["path"]), expected)

    def test_source_is_no_file(self):
        fifo = os.path.join(self.alice.folder, "fifo")
        os.mkfifo(fifo)
        locked = os.path.join(self.alice.folder, "locked")
        with open(locked, "wb") as file:
            file.write(b"secret")
        os.chmod(locked, 0)
        for path in [fifo, "/dev/zero"] + ([locked] if os.getuid() else []):
            with self.subTest(path=path), self.bob.receive():
                with self.alice.start("send", path, "--to", self.bob.jid) as sender:
                    self.check(sender, 4, "source")

    # --- Whom to -----------------------------------------------------------------------------

    def test_own_other_device(self):
        write_file(self.path, 100000)
        with Profile(CLI, self.server, "alice", resource="phone") as phone:
            with phone.receive() as receiver, self.send(to=self.alice.jid) as sender:
                self.check(sender, 0)
                self.check(receiver, 0)
            self.assertEqual(sha256(receiver.find("done")[0]["path"]), sha256(self.path))

    def test_full_address(self):
        write_file(self.path, 1000)
        with Profile(CLI, self.server, "bob", resource="one") as one, \
                Profile(CLI, self.server, "bob", resource="two") as two:
            with one.receive() as first, two.receive() as second:
                for name, receiver in (("one", first), ("two", second)):
                    with self.send(to=f"{self.bob.jid}/{name}") as sender:
                        self.check(sender, 0)
                    self.check(receiver, 0)

    def test_device_that_is_not_there(self):
        write_file(self.path, 10)
        with self.bob.receive(), self.send(to=f"{self.bob.jid}/nowhere") as sender:
            self.assertEqual(sender.wait(), 4, sender.events)
            self.assertIn(sender.find("failed")[0]["error"]["code"], ("gone", "unsupported"))

    def test_stranger(self):
        write_file(self.path, 10)
        to = f"carol@{self.server.domain}"
        with self.send(to=to) as sender:
            self.check(sender, 4, "unsupported")
        with Profile(CLI, self.server, "carol", resource="here") as carol, carol.receive() as receiver:
            # Carol does not know Alice, so her Ferry does not even say that it is one.
            with self.send(to=f"{to}/here") as sender:
                self.assertEqual(sender.wait(), 4, sender.events)
                self.assertIn(sender.find("failed")[0]["error"]["code"], ("gone", "unsupported"))
            self.assertEqual(receiver.find("offer"), [])

    # --- Many ----------------------------------------------------------------------------------

    def test_both_directions_at_once(self):
        ours, theirs = self.path, os.path.join(self.bob.folder, "back.bin")
        write_file(ours, 8 << 20, 1)
        write_file(theirs, 8 << 20, 2)
        # One process per account for each direction: a profile has one user at a time.
        with Profile(CLI, self.server, "alice", resource="in") as alice_in, \
                Profile(CLI, self.server, "bob", resource="in") as bob_in, \
                Profile(CLI, self.server, "bob", resource="out") as bob_out:
            with alice_in.receive() as at_alice, bob_in.receive() as at_bob:
                with self.alice.start("send", ours, "--to", f"{self.bob.jid}/in") as there, \
                        bob_out.start("send", theirs, "--to", f"{self.alice.jid}/in") as back:
                    for process in (there, back, at_alice, at_bob):
                        self.check(process, 0)
            self.assertEqual(sha256(at_bob.find("done")[0]["path"]), sha256(ours))
            self.assertEqual(sha256(at_alice.find("done")[0]["path"]), sha256(theirs))

    def test_thirty_files(self):
        folder = tempfile.mkdtemp(dir=self.alice.folder)
        paths = [os.path.join(folder, f"{i}.bin") for i in range(30)]
        for i, path in enumerate(paths):
            write_file(path, 1000 * i, i)
        with self.bob.receive(count=30) as receiver:
            with self.alice.start("send", *paths, "--to", self.bob.jid) as sender:
                self.check(sender, 0)
            self.check(receiver, 0)
        self.assertEqual(sorted(sha256(path) for path in paths),
                         sorted(sha256(event["path"]) for event in receiver.find("done")))
        shutil.rmtree(folder)

    # --- Questions and logs --------------------------------------------------------------------

    def answer_on_terminal(self, line):
        """A receiver on a real terminal; returns it and what it wrote there, when it has ended."""
        main, terminal = pty.openpty()
        receiver = subprocess.Popen(self.bob.command("receive", "--dir", self.bob.inbox, "--count",
                                                     "1", "--timeout", "150"),
                                    stdin=terminal, stdout=terminal, stderr=terminal,
                                    env=self.bob.env)
        os.close(terminal)
        text, answered = b"", False
        try:
            with self.send() as sender:
                deadline = time.monotonic() + 60
                while time.monotonic() < deadline:
                    if not select.select([main], [], [], 1)[0]:
                        continue
                    try:
                        text += os.read(main, 4096)
                    except OSError:  # the other end is closed
                        break
                    if b"[y/N]" in text and not answered:
                        answered = True
                        os.write(main, line)
                return receiver.wait(10), sender.wait(), text.decode()
        finally:
            receiver.kill()
            receiver.wait()
            os.close(main)

    def test_yes_on_a_terminal(self):
        write_file(self.path, 5000)
        receiver, sender, text = self.answer_on_terminal(b"y\n")
        self.assertEqual((receiver, sender), (0, 0), text)
        self.assertIn("trouble.bin", text)
        self.assertEqual(os.listdir(self.bob.inbox), ["trouble.bin"])

    def test_no_on_a_terminal(self):
        write_file(self.path, 5000)
        for line in (b"n\n", b"\n", b"\x04"):
            with self.subTest(line=line):
                receiver, sender, text = self.answer_on_terminal(line)
                self.assertEqual((receiver, sender), (3, 3), text)
                self.assertEqual(os.listdir(self.bob.inbox), [])

    def test_log_keeps_secrets(self):
        log = os.path.join(self.alice.folder, "traffic.xml")
        secret = b"These words are in the file and nowhere else. " * 100
        with open(self.path, "wb") as file:
            file.write(secret)
        with self.bob.receive() as receiver:
            with self.alice.start("--log-xml", log, "send", self.path, "--to", self.bob.jid,
                                  "--route", "inband") as sender:
                self.check(sender, 0)
            self.check(receiver, 0)
        with open(log, "rb") as file:
            text = file.read()
        self.assertIn(b"session-initiate", text)
        import base64
        for word in (b"secret", base64.b64encode(b"\0alice\0secret"),
                     base64.b64encode(secret[:30])[:40], b"These words"):
            self.assertNotIn(word, text)
        self.assertEqual(os.stat(log).st_mode & 0o077, 0, "others may not read it")


if __name__ == "__main__":
    CLI = os.environ["FERRY_CLI"]
    unittest.main(verbosity=2)
