#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS inside the bytestream, as users have it: two ferry-cli, a server, and a relay in front of the
server's proxy that reads what goes by, and can change one byte of it."""

import contextlib
import json
import os
import socket
import sqlite3
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from ferrylab import Profile, Server, replace_key, sha256, write_file  # noqa: E402

CLI = os.environ["FERRY_CLI"]
SIZE = 300000
MARK = b"a line that nobody on the way may read\n"
# Announced as the proxy's, which listens on 127.0.0.1 with the same port.
RELAY = "127.0.0.2"
OTHER_KEY = 7
FACTS = ("encrypted", "key_verified", "received", "verified")
SOCKS = 3 + 47  # bytes of a SOCKS5 dialogue that go up before the stream begins


class Relay:
    """Passes connections on to the proxy, and keeps a copy of what it passes."""

    def __init__(self, port):
        self.target = ("127.0.0.1", port)
        self.listener = socket.create_server((RELAY, port))
        self.sockets = []
        self.reset()
        threading.Thread(target=self._accept, daemon=True).start()

    def reset(self, change_at=None):
        while self.sockets:
            self.sockets.pop().close()
        self.change_at = change_at  # which byte of a connection's way up is changed
        self.n_changed = 0
        self.seen = bytearray()

    def _accept(self):
        while True:
            try:
                down, _ = self.listener.accept()
            except OSError:
                return
            up = socket.create_connection(self.target)
            self.sockets += (down, up)
            threading.Thread(target=self._pass, args=(down, up, self.change_at), daemon=True).start()
            threading.Thread(target=self._pass, args=(up, down, None), daemon=True).start()

    def _pass(self, source, target, change_at):
        n_passed = 0
        try:
            while piece := bytearray(source.recv(65536)):
                if change_at is not None and n_passed <= change_at < n_passed + len(piece):
                    piece[change_at - n_passed] ^= 1
                    self.n_changed += 1
                n_passed += len(piece)
                self.seen += piece
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            for each in (source, target):
                with contextlib.suppress(OSError):  # it may have gone already
                    each.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.reset()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class TlsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("--proxy-address", RELAY)
        cls.addClassCleanup(cls.server.stop)
        cls.relay = Relay(int(cls.server.values["PROXY_PORT"]))
        cls.addClassCleanup(cls.relay.close)

    def setUp(self):
        self.relay.reset()
        self.alice = Profile(CLI, self.server, "alice")
        self.bob = Profile(CLI, self.server, "bob")
        for profile in (self.alice, self.bob):
            self.addCleanup(profile.close)
        self.path = os.path.join(self.alice.folder, "marked.txt")
        with open(self.path, "wb") as file:
            file.write((MARK * (SIZE // len(MARK) + 1))[:SIZE])

    def device(self, profile):
        done = profile.run("--json", "trust", "list", check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def send(self, *arguments, via="jingle", route="direct", receive=()):
        """Returns the last event of each."""
        with self.bob.receive(*receive) as receiver, \
                self.alice.start("send", self.path, "--to", self.bob.jid, "--via", via, "--route", route,
                                 "--timeout", "60", *arguments) as sender:
            self.assertEqual(sender.wait(90), 0, f"{sender.events} {receiver.events} {sender.stderr}")
            self.assertEqual(receiver.wait(90), 0, receiver.events)
        sent, got = sender.find("done")[0], receiver.find("done")[0]
        self.assertEqual(sha256(got["path"]), sha256(self.path))
        self.assertEqual(sent["encrypted"], got["encrypted"])
        os.unlink(got["path"])
        return sent, got

    def check_said(self, *done):
        """What is asked for later says the same as the end of each transfer."""
        for profile, event in zip((self.alice, self.bob), done):
            row, entry = ([each for each in map(json.loads, profile.run(
                "--json", *arguments, check=True).stdout.splitlines()) if each["id"] == event["id"]][0]
                for arguments in (["list"], ["history", "--details"]))
            for told in row, entry:
                self.assertEqual({name: told.get(name) for name in FACTS},
                                 {name: event.get(name) for name in FACTS}, f"{told}\n{event}")
            word = "Encrypted" if event["encrypted"] else "Not encrypted"
            self.assertEqual([line for line in entry["timeline"] if "ncrypted between" in line][-1]
                             .split("  ")[-1], f"{word} between the two devices")

    def test_every_route(self):
        for via, routes in (("jingle", ("direct", "proxy", "inband")),
                            ("si", ("direct", "fast", "proxy", "inband"))):
            for route in routes:
                with self.subTest(via=via, route=route):
                    done = self.send(via=via, route=route)
                    for event in done:
                        self.assertTrue(event["encrypted"])
                        self.assertEqual(event["route"], route)
                    self.check_said(*done)
        self.assertEqual([len(self.device(each)) for each in (self.alice, self.bob)], [1, 1])
        history = self.alice.run("--json", "history", check=True).stdout.splitlines()
        self.assertTrue(all(json.loads(line)["encrypted"] for line in history), history)
        self.assertNotIn(MARK, self.relay.seen)

    def test_rules(self):
        """What is not encrypted is said to be so; the same relay reads it."""
        self.alice.run("contacts", "--encryption", f"{self.bob.jid}=never", check=True)
        for via in ("jingle", "si"):
            done = self.send(via=via, route="proxy")
            for event in done:
                self.assertFalse(event["encrypted"])
            self.check_said(*done)
        self.assertIn(MARK, self.relay.seen)
        self.assertEqual(self.device(self.bob), [])

        self.bob.run("contacts", "--encryption", f"{self.alice.jid}=always", check=True)
        for via in ("jingle", "si"):
            with self.bob.receive() as receiver, \
                    self.alice.start("send", self.path, "--to", self.bob.jid, "--via", via,
                                     "--timeout", "60") as sender:
                self.assertNotIn(sender.wait(90), (0, 5), sender.events)
                self.assertEqual(receiver.wait(90), 4, receiver.events)
            self.assertEqual(receiver.find("failed")[0]["error"]["code"], "unencrypted")
            self.assertEqual(os.listdir(self.bob.inbox), [])
        self.alice.run("contacts", "--encryption", f"{self.bob.jid}=auto", check=True)
        self.assertTrue(self.send()[1]["encrypted"])

    def test_folder(self):
        self.path = os.path.join(self.alice.folder, "folder")
        os.mkdir(self.path)
        for name in "one", "two":
            write_file(os.path.join(self.path, name), 1000)
        with self.bob.receive() as receiver, \
                self.alice.start("send", self.path, "--to", self.bob.jid, "--timeout", "60") as sender:
            self.assertEqual(sender.wait(90), 0, f"{sender.events}\n{sender.stderr}")
            self.assertEqual(receiver.wait(90), 0, receiver.events)
        sent, got = sender.find("done")[0], receiver.find("done")[0]
        self.assertEqual([sent[name] for name in FACTS], [True, False, True, "sha-256"])
        self.check_said(sent, got)

    def test_resumed(self):
        """Each attempt shakes hands anew; what had gone in clear stays said."""
        write_file(self.path, 4 << 20)
        for rules in (("auto", "auto"), ("never", "auto"), ("auto", "never")):
            with self.subTest(rules=rules):
                self.check_resumed(*rules)

    def set_rule(self, rule):
        """As the window of Alice's Ferry does while it runs."""
        with sqlite3.connect(os.path.join(self.alice.folder, "profile", "ferry.db")) as connection:
            connection.execute("UPDATE contact_rules SET encryption = nullif (?, 'auto')", (rule,))
        connection.close()

    def check_resumed(self, first, second):
        """@first, @second: Alice's rule for the two attempts"""
        for profile in self.alice, self.bob:
            for key in self.device(profile):
                profile.run("trust", "forget", key["device"], check=True)
        self.alice.run("contacts", "--encryption", f"{self.bob.jid}={first}", check=True)
        with self.alice.start("send", self.path, "--to", self.bob.jid, "--limit-rate", "2M",
                              "--timeout", "60") as sender:
            with self.bob.receive() as receiver:
                receiver.wait_event("progress", where=lambda event: event["bytes"] > 1 << 20)
                receiver.kill()
            if first == "auto" and second == "never":
                # Else what comes in clear then is asked about.
                self.bob.run("trust", "forget", self.device(self.bob)[0]["device"], check=True)
            self.set_rule(second)
            with self.bob.receive() as receiver:
                self.assertEqual(receiver.wait(120), 0, f"{receiver.events[-3:]}\n{receiver.stderr}")
            self.assertEqual(sender.wait(90), 0, f"{sender.events[-3:]}\n{sender.stderr}")
        sent, got = sender.find("done")[0], receiver.find("done")[0]
        self.assertEqual(sha256(got["path"]), sha256(self.path))
        self.assertEqual(sent["encrypted"], first == second == "auto")
        self.assertEqual(got["encrypted"], sent["encrypted"])
        os.unlink(got["path"])

    def check_changed(self, change_at, via):
        self.relay.reset(change_at)
        with self.bob.receive("--route", "proxy,inband") as receiver, \
                self.alice.start("send", self.path, "--to", self.bob.jid, "--route", "proxy,inband", "--via",
                                 via, "--timeout", "60") as sender:
            self.assertEqual(receiver.wait(90), 4, receiver.events)
            # Stream initiation has no word for what the receiver found, and through a relay that
            # ends both ways at once no byte of it may come back: the sender tries again, or does
            # not know what became of the file.
            if via == "jingle":
                self.assertEqual(sender.wait(90), 4, sender.events)
                self.assertEqual(sender.find("failed")[0]["error"]["code"], "security", sender.events)
            else:
                sender.kill()
        self.assertEqual([event for event in sender.find("done") if event["verified"] is not None], [])
        self.assertGreater(self.relay.n_changed, 0)
        self.assertEqual(receiver.find("failed")[0]["error"]["code"], "security", receiver.events)
        self.assertEqual(os.listdir(self.bob.inbox), [], "nothing may be kept")
        routes = {event.get("route") for event in sender.events + receiver.events}
        self.assertNotIn("inband", routes, "no other way is tried")

    def test_one_byte_changed(self):
        handshake = SOCKS + 100
        first = SOCKS + 1200  # behind the hellos, certificates and what ends the handshake
        for name, at in (("handshake", handshake), ("first record", first),
                         ("middle", SOCKS + SIZE // 2), ("last record", SOCKS + SIZE)):
            for via in ("jingle", "si"):
                with self.subTest(name, via=via):
                    self.check_changed(at, via)

    def test_another_key(self):
        self.send()
        known = self.device(self.alice)[0]
        self.assertFalse(known["verified"])
        replace_key(self.bob)

        with self.bob.receive() as receiver, \
                self.alice.start("send", self.path, "--to", self.bob.jid, "--timeout", "60") as sender:
            self.assertEqual(sender.wait(90), OTHER_KEY, sender.events)
            receiver.wait_event("progress", where=lambda event: event["state"] == "paused")
            question = sender.find("other-key")[0]
            self.assertEqual(question["known"], known["fingerprint"])
            self.assertNotEqual(question["shown"], known["fingerprint"])
            self.assertEqual(sender.find("failed")[0]["error"]["code"], "other-key")
            # … who is asked through the one that runs.
            self.assertEqual(len(self.device(self.bob)), 1)
        self.assertEqual([name for name in os.listdir(self.bob.inbox) if not name.startswith(".")], [])

        self.assertEqual(self.device(self.alice)[0]["shown"], question["shown"])
        self.assertEqual(self.alice.run("trust", "accept", f"{self.bob.jid}/nobody").returncode, 1)
        self.alice.run("trust", "accept", question["device"], check=True)
        self.assertEqual(self.device(self.alice)[0]["fingerprint"], question["shown"])
        self.assertFalse(self.send()[0]["key_verified"])
        self.alice.run("trust", "verify", question["device"], check=True)
        sent, got = self.send()
        self.assertEqual([each["key_verified"] for each in (sent, got)], [True, False])
        self.check_said(sent, got)

    def test_another_key_of_a_sender(self):
        self.send()
        replace_key(self.alice)
        with self.bob.receive() as receiver, \
                self.alice.start("send", self.path, "--to", self.bob.jid, "--timeout", "60") as sender:
            self.assertEqual(receiver.wait(90), OTHER_KEY, receiver.events)
            self.assertEqual(sender.wait(90), 4, sender.events)
        self.assertEqual(sender.find("failed")[0]["error"]["code"], "security")
        self.assertEqual(os.listdir(self.bob.inbox), [])

        shown = receiver.find("other-key")[0]
        self.bob.run("trust", "reject", shown["device"], check=True)
        self.assertNotIn("shown", self.device(self.bob)[0])
        self.assertEqual(self.bob.run("trust", "accept", shown["device"]).returncode, 4)
        self.bob.run("trust", "forget", shown["device"], check=True)
        self.send()
        self.assertEqual(self.device(self.bob)[0]["fingerprint"], shown["shown"])

    def test_another_key_in_the_middle(self):
        """Half of a file has come when its sender is another one: nobody goes on with it unasked."""
        with open(self.path, "wb") as file:
            file.write(os.urandom(4 << 20))
        self.send()
        with self.bob.receive() as receiver:
            with self.alice.start("send", self.path, "--to", self.bob.jid, "--wait", "--route", "direct",
                                  "--limit-rate", "1M") as sender:
                receiver.wait_event("progress", where=lambda event: event["bytes"] > 1 << 20)
                sender.kill()
            replace_key(self.alice)
            with self.alice.start("receive"):
                self.assertEqual(receiver.wait(120), OTHER_KEY, receiver.events)
        last = receiver.events.index(receiver.find("other-key")[0])
        self.assertNotIn("active", [event.get("state") for event in receiver.events[last:]])
        self.assertEqual(receiver.find("done"), [])
        self.assertEqual([name for name in os.listdir(self.bob.inbox) if not name.startswith(".")], [])

    def test_the_account_takes_its_key_along(self):
        self.send()
        path = os.path.join(self.bob.folder, "profile", "secrets.json")
        with open(path, encoding="utf-8") as file:
            self.assertIn("PRIVATE KEY", file.read())
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        self.bob.run("account", "remove", self.bob.jid, check=True)
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                self.assertNotIn("PRIVATE KEY", file.read())


if __name__ == "__main__":
    unittest.main(verbosity=2)
