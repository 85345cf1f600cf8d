#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The network changes, or the machine has slept: the connection to the server is dead, and nobody says
so. Ferry finds out at once, instead of believing in it for minutes, and comes back. Bytes on a direct
connection take no notice. tests/xmpp/test-wake-watch.c has what this cannot show: a machine without
logind."""

import contextlib
import os
import pty
import select
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

import netlab  # noqa: E402
from ferrylab import PATIENCE, Profile, Server, sha256, write_file  # noqa: E402
from xmpp_relay import Relay  # noqa: E402

CLI = None
PEOPLE = ("alice", "bob")
AT_ONCE = 60  # s; on a busy machine. Without a reason it would take 140.
PYTHON = "/usr/bin/python3"  # of the distribution, which has dbusmock


class Logind:
    """A system bus with nothing but a logind, by python-dbusmock."""

    def __init__(self):
        with contextlib.ExitStack() as stack:
            bus = self._start(stack, ["dbus-daemon", "--session", "--nofork", "--print-address"])
            self.address = bus.stdout.readline().strip()
            env = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=self.address)
            self._start(stack, [PYTHON, "-m", "dbusmock", "--system", "--template", "logind"], env=env)
            subprocess.run(["gdbus", "wait", "--address", self.address, "--timeout",
                            str(int(20 * PATIENCE)), "org.freedesktop.login1"], check=True)
            self.stack = stack.pop_all()

    def _start(self, stack, command, **more):
        process = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                                                       **more))
        stack.callback(process.terminate)
        return process

    def say(self, is_going_to_sleep):
        subprocess.run(
            ["gdbus", "call", "--address", self.address, "--dest", "org.freedesktop.login1",
             "--object-path", "/org/freedesktop/login1", "--method",
             "org.freedesktop.DBus.Mock.EmitSignal", "org.freedesktop.login1.Manager",
             "PrepareForSleep", "b", f"[<{'true' if is_going_to_sleep else 'false'}>]"],
            check=True, stdout=subprocess.DEVNULL)

    def close(self):
        self.stack.close()


class ReconnectTest(unittest.TestCase):
    def set_up(self, prefixes=None, address="127.0.0.1"):
        prefixes = prefixes or dict.fromkeys(("hub", *PEOPLE), ())
        with contextlib.ExitStack() as stack:
            self.server = stack.enter_context(Server(address=address, prefix=prefixes["hub"]))
            self.relay = stack.enter_context(Relay(address, self.server.port, PEOPLE,
                                                   prefix=prefixes["hub"]))
            self.alice, self.bob = (stack.enter_context(Profile(
                CLI, self.server, who, prefix=prefixes[who], port=self.relay.ports[who]))
                for who in PEOPLE)
            self.addCleanup(stack.pop_all().close)
        self.path = os.path.join(self.alice.folder, "awake.bin")

    def set_up_network(self):
        """Everybody at a place of their own. Returns: the network between them"""
        lacking = netlab.missing()
        if lacking is not None:
            self.skipTest(f"the network lab lacks {lacking}")
        network = netlab.Network()
        self.addCleanup(network.close)
        self.set_up({place: network.prefix(place) for place in ("hub", *PEOPLE)},
                    netlab.SERVER_ADDRESS)
        return network

    def wait_comes_back(self, who, cause, is_said_again=False):
        """@cause: what makes it look. @is_said_again: it may not yet listen when it is connected."""
        before = self.relay.tell("count", who)
        self.relay.tell("hole", who)
        cause()
        deadline = time.monotonic() + AT_ONCE * PATIENCE
        while self.relay.tell("count", who) == before:
            self.assertLess(time.monotonic(), deadline, "it believes in a dead connection")
            time.sleep(0.5)
            if is_said_again:
                cause()

    def check_alive(self):
        """A file still finds its way."""
        write_file(self.path, 100000)
        with self.alice.start("send", self.path, "--to", self.bob.jid) as sender:
            self.assertEqual(sender.wait(), 0, sender.events)
        self.assertEqual(self.receiver.wait(), 0, self.receiver.events)
        self.assertEqual(sha256(self.receiver.find("done")[0]["path"]), sha256(self.path))

    def test_sleep(self):
        logind = Logind()
        self.addCleanup(logind.close)
        self.set_up()
        self.bob.env["DBUS_SYSTEM_BUS_ADDRESS"] = logind.address
        with self.bob.receive() as self.receiver:
            logind.say(True)
            self.wait_comes_back("bob", lambda: logind.say(False), is_said_again=True)
            self.check_alive()

    def test_network_changes(self):
        network = self.set_up_network()

        def change():
            # Once: the kernel is slow with a link that goes down and up all the time.
            network.set_link("bob", False)
            network.set_link("bob", True)

        with self.bob.receive() as self.receiver:
            self.wait_comes_back("bob", change)
            self.check_alive()

    def wait_said(self, sentence):
        deadline = time.monotonic() + AT_ONCE * PATIENCE
        while sentence not in (said := self.alice.run("list", check=True).stdout):
            self.assertLess(time.monotonic(), deadline, said)
            time.sleep(0.5)

    def test_what_it_waits_for(self):
        """A file for somebody who is not there waits for that person only while we are there."""
        network = self.set_up_network()
        write_file(self.path, 100000)
        with self.alice.start("send", self.path, "--to", self.bob.jid) as sender:
            self.wait_said("to come online")
            network.set_link("alice", False)
            self.wait_said("Paused – no network")
            self.relay.tell("away", "alice")
            network.set_link("alice", True)
            self.wait_said("Waiting – you are not connected")
            self.relay.tell("back", "alice")
            self.wait_said("to come online")
            with self.bob.receive() as receiver:
                self.assertEqual(sender.wait(120), 0, sender.events)
                self.assertEqual(receiver.wait(120), 0, receiver.events)

    def test_terminal(self):
        """Whoever sends from a terminal reads there what it waits for now."""
        self.set_up()
        write_file(self.path, 1000)
        main, terminal = pty.openpty()
        self.addCleanup(os.close, main)
        # Whether this machine has a network is no matter here.
        sender = subprocess.Popen(self.alice.command("send", self.path, "--to", self.bob.jid),
                                  stdin=terminal, stdout=terminal, stderr=terminal,
                                  env=dict(self.alice.env, GIO_USE_NETWORK_MONITOR="base"))
        self.addCleanup(sender.wait)
        self.addCleanup(sender.kill)
        os.close(terminal)
        self.read_until(main, "to come online")
        self.relay.tell("away", "alice")
        self.read_until(main, "Waiting – you are not connected")
        self.relay.tell("back", "alice")
        self.read_until(main, "to come online")

    def read_until(self, terminal, sentence):
        text = b""
        deadline = time.monotonic() + AT_ONCE * PATIENCE
        while sentence not in text.decode(errors="ignore"):
            self.assertLess(time.monotonic(), deadline, text)
            if select.select([terminal], [], [], 1)[0]:
                text += os.read(terminal, 4096)

    def test_bytes_need_no_server(self):
        """Both streams are away while the file comes; what is said about it in the end waits."""
        self.set_up()
        # Long enough to be without a server, and not so long that the next attempt to reach one is
        # later than a receiver waits for the checksum, which comes by it.
        size = 96 << 20
        write_file(self.path, size)
        with self.bob.receive() as receiver, \
                self.alice.start("send", self.path, "--to", self.bob.jid, "--route", "direct",
                                 "--limit-rate", "32M") as sender:
            receiver.wait_event("route")
            for who in PEOPLE:
                self.relay.tell("away", who)
            receiver.wait_event("progress", "verifying", timeout=120,
                                where=lambda event: event["bytes"] == size)
            for who in PEOPLE:
                self.relay.tell("back", who)
            self.assertEqual(sender.wait(120), 0, sender.events[-3:])
            self.assertEqual(receiver.wait(120), 0, receiver.events[-3:])
            for process in (sender, receiver):
                self.assertEqual(process.find("done")[0]["verified"], "sha-256")
        self.assertEqual(sha256(receiver.find("done")[0]["path"]), sha256(self.path))


if __name__ == "__main__":
    CLI = os.environ["FERRY_CLI"]
    unittest.main(verbosity=2)
