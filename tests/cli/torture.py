#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`./dev torture`: files of random size over random routes while everything breaks that can: processes
are killed, connections and links cut, the server restarts, the disk is full, the clock jumps. In the end
each file is whole and was encrypted on its way, nothing else is left, both sides agree about it, and no
more was sent again than an overlap for each interruption, counted at the sender's network card.

Each round follows from its seed alone: `--seed N` and one round plays it again.

Clocks: libfaketime jumps the wall clock of one process, which is what an administrator or NTP does to
it. A time namespace could only move the clocks that never jump, and date -s would move everybody's."""

import argparse
import contextlib
import hashlib
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

import netlab  # noqa: E402
from ferrylab import PATIENCE, Profile, Server, sha256, write_file  # noqa: E402
from xmpp_relay import Relay  # noqa: E402

MIB = 1 << 20
UPLINK_MEGABITS = 64  # slow enough for things to happen on the way
SOCKET_BYTES = 256 << 10
OVERLAP = MIB  # sent again for each interruption, at most
# A full disk refuses what was received and is in memory and in the sockets by then.
DISK_OVERLAP = 2 * MIB
N_BEGINNINGS = 3
NOT_CONNECTED = 2  # exit code of a ferry-cli that found no server at its start
TOLERANCE = 1.01  # of what counting says
ROUND_LIMIT_S = 240
STUCK_S = 45  # an event does not wait longer for a file that does not move
CALIBRATION_SIZE = 4 * MIB
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"

ROUTES = {"direct": (4, 40), "proxy": (4, 40), "inband": (2, 8)}  # MiB
SIGNALLINGS = ("jingle", "si")
PEOPLE = ("alice", "bob")
FINAL = ("done", "declined", "cancelled", "missed", "failed")


class Event(NamedTuple):
    kind: str
    who: str  # "alice", "bob" or "both", for those that happen to somebody
    fraction: float  # of the file that has arrived before it happens
    after: float  # seconds after that
    length: float  # seconds

    def __str__(self):
        return f"{self.kind} {self.who} at {self.fraction:.0%}+{self.after:.1f} s for {self.length:.1f} s"


class Plan(NamedTuple):
    seed: int
    route: str
    signalling: str
    size: int
    ghost_s: int  # how long the server keeps the session of who vanished
    events: tuple

    def __str__(self):
        return (f"seed {self.seed}: {self.route}, {self.signalling}, {self.size} bytes, "
                f"ghosts live {self.ghost_s} s; {'; '.join(map(str, self.events))}")


class Round:
    """One transfer from Alice to Bob, and what happens to it."""

    def __init__(self, lab, plan):
        self.lab = lab
        self.network = lab.network
        self.plan = plan
        self.name = f"round {plan.seed}.bin"
        self.problems = []
        self.processes = {}
        self.n_asked_again = 0
        self.expected_ends = []  # processes that we have ended ourselves
        with contextlib.ExitStack() as stack:
            self.folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ferry-torture-"))
            self.server = stack.enter_context(Server(
                "--option", f"smacks_hibernation_time = {plan.ghost_s}",
                address=netlab.SERVER_ADDRESS, prefix=self.network.prefix("hub")))
            self.relay = stack.enter_context(Relay(netlab.SERVER_ADDRESS, self.server.port, PEOPLE,
                                                   prefix=self.network.prefix("hub")))
            self.profiles = {
                who: stack.enter_context(Profile(
                    lab.cli, self.server, who, prefix=self.network.prefix(who),
                    port=self.relay.ports[who])) for who in PEOPLE}
            self.alice, self.bob = (self.profiles[who] for who in PEOPLE)
            kinds = {event.kind for event in plan.events}
            if "disk-full" in kinds:
                self._give_small_disk(stack)
            if "clock-jump" in kinds:
                for who in PEOPLE:
                    self._give_clock(who)
            self.path = os.path.join(self.alice.folder, self.name)
            write_file(self.path, plan.size, plan.seed)
            self.stack = stack.pop_all()
        for who in PEOPLE:
            self.stack.callback(self.end, who)

    def _give_small_disk(self, stack):
        """ext2, because it cannot reserve room for a file: it is full at any moment."""
        image, disk = os.path.join(self.folder, "image"), os.path.join(self.folder, "disk")
        with open(image, "wb") as file:
            file.truncate(self.plan.size * 3 // 2 + 16 * MIB)
        subprocess.run(["mkfs.ext2", "-q", "-m", "0", image], check=True)
        os.mkdir(disk)
        subprocess.run(["mount", "-o", "loop", image, disk], check=True)
        stack.callback(subprocess.run, ["umount", "-l", disk], check=True)
        self.disk = disk
        self.bob.inbox = os.path.join(disk, "inbox")
        os.mkdir(self.bob.inbox)

    def _give_clock(self, who):
        clock = os.path.join(self.folder, f"clock of {who}")
        Path(clock).write_text("+0\n", encoding="ascii")
        # Only the clock on the wall: files keep their dates, and the monotonic one never jumps.
        self.profiles[who].env.update(
            LD_PRELOAD=FAKETIME, FAKETIME_TIMESTAMP_FILE=clock, FAKETIME_NO_CACHE="1",
            FAKETIME_DONT_FAKE_MONOTONIC="1", NO_FAKE_STAT="1")

    # --- Processes ---------------------------------------------------------------------------

    def start(self, who):
        """Any Ferry that runs on a profile goes on with its queue."""
        profile = self.profiles[who]
        self.processes[who] = profile.start("receive", "--yes", "--dir", profile.inbox)

    def send(self):
        self.processes["alice"] = self.alice.start(
            "send", self.path, "--to", self.bob.jid, "--route", self.plan.route,
            "--via", self.plan.signalling, "--wait")

    def begin(self, who, start, *events):
        """Before anything happens; but on a machine that is very busy a server may not answer in time."""
        for _ in range(N_BEGINNINGS):
            start()
            process = self.processes[who]
            try:
                process.wait_event(*events)
                return
            except AssertionError:
                if process.wait() != NOT_CONNECTED:
                    raise
                self.end(who)
        raise AssertionError(f"{who} finds no server")

    def end(self, who):
        process = self.processes.pop(who, None)
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.popen.send_signal(signal.SIGCONT)
        process.kill()
        self.expected_ends.append((who, process))

    def supervise(self):
        """ferry-cli gives up when there is no server at its start, and is started again; so is a
        sender that has ended while its queue has not."""
        for who, process in list(self.processes.items()):
            code = process.popen.poll()
            if code == NOT_CONNECTED or (code is not None and code >= 0 and any(
                    state not in FINAL for state in self.get_states(who))):
                self.end(who)
                self.start(who)

    def get_people(self, event):
        return PEOPLE if event.who == "both" else (event.who,)

    # --- What happens: begins, yields how long it lasts, ends --------------------------------

    def killed(self, event):
        for who in self.get_people(event):
            self.end(who)
        yield event.length
        for who in self.get_people(event):
            if who not in self.processes:
                self.start(who)

    def frozen(self, event):
        """As when the machine sleeps."""
        processes = [self.processes[who] for who in self.get_people(event) if who in self.processes]
        for process in processes:
            process.popen.send_signal(signal.SIGSTOP)
        yield event.length
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                process.popen.send_signal(signal.SIGCONT)

    def bytes_cut(self, event):
        for who in self.get_people(event):
            self.network.reset_connections(who, [self.relay.ports[who]], are_excepted=True)
        yield 0

    def stream_cut(self, event):
        """What was said last gets lost on the way."""
        for who in self.get_people(event):
            self.relay.tell("hole", who)
        yield event.length / 10
        for who in self.get_people(event):
            self.relay.tell("cut", who)

    def stream_away(self, event):
        for who in self.get_people(event):
            self.relay.tell("away", who)
        yield event.length
        for who in self.get_people(event):
            self.relay.tell("back", who)

    def server_restarted(self, event):
        # In good order, or as a crash.
        (self.server.interrupt if event.who == "alice" else self.server.kill)()
        yield event.length / 2
        self.server.restart()

    def link_down(self, event):
        for who in self.get_people(event):
            self.network.set_link(who, False)
        yield event.length
        for who in self.get_people(event):
            self.network.set_link(who, True)

    def disk_full(self, event):
        filler = os.path.join(self.disk, "filler")
        with contextlib.suppress(OSError), open(filler, "wb", buffering=0) as file:
            while file.write(bytes(4096)) > 0:
                pass
        yield event.length
        with contextlib.suppress(FileNotFoundError):  # of another such event at the same time
            os.unlink(filler)

    def clock_jump(self, event):
        jump = f"{(-1 if event.length > 3 else 1) * event.length * 10000:+.0f}\n"
        for who in self.get_people(event):
            Path(self.profiles[who].env["FAKETIME_TIMESTAMP_FILE"]).write_text(jump, encoding="ascii")
        yield 0

    # --- The course of a round ---------------------------------------------------------------

    def get_arrived(self):
        """Bytes on Bob's disk; all of them once the file has its name."""
        for name in os.listdir(self.bob.inbox):
            with contextlib.suppress(FileNotFoundError):
                if name == self.name:
                    return self.plan.size
                if ".ferry-part-" in name:
                    return os.path.getsize(os.path.join(self.bob.inbox, name))
        return 0

    def play_events(self):
        pending, running = list(self.plan.events), []
        due = None  # when the first of those pending happens
        moved_at, arrived = time.monotonic(), 0
        while pending or running:
            now = time.monotonic()
            for course in [course for course in running if course[0] <= now]:
                running.remove(course)
                next(course[1], None)
            if self.get_arrived() != arrived:
                moved_at, arrived = now, self.get_arrived()
            if pending and due is None and (arrived >= pending[0].fraction * self.plan.size or
                                            now - moved_at > STUCK_S):
                due = now + pending[0].after
            if due is not None and now >= due:
                event, due, moved_at = pending.pop(0), None, now
                course = getattr(self, event.kind.replace("-", "_"))(event)
                running.append((now + next(course), course))
            time.sleep(0.01)

    def get_queue(self, who):
        done = self.profiles[who].run("--json", "list", check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def get_states(self, who):
        return [transfer["state"] for transfer in self.get_queue(who)]

    def ask_again(self):
        """Who offers is told when it came to nothing before a byte had moved, and may try again."""
        for transfer in self.get_queue("alice"):
            if transfer["state"] in ("failed", "declined") and transfer["bytes"] == 0:
                self.n_asked_again += 1
                self.alice.run("retry", transfer["id"], check=True)

    def wait_end(self):
        deadline = time.monotonic() + ROUND_LIMIT_S * PATIENCE
        while True:
            self.ask_again()
            self.supervise()
            states = {who: self.get_states(who) for who in PEOPLE}
            if "done" in states["bob"] and all(len(each) > 0 and all(state in FINAL for state in each)
                   for each in states.values()):
                return
            if time.monotonic() > deadline:
                self.problems.append(f"after {ROUND_LIMIT_S} s it is {states}")
                return
            time.sleep(0.3)

    def quit(self):
        """In good order; who died of something else is a problem."""
        for who, process in self.processes.items():
            process.popen.terminate()
            code = process.wait()
            if code < 0:
                self.problems.append(f"{who}'s Ferry ended with {code}:\n{process.stderr[-3000:]}")

    def check(self, n_sent):
        names = sorted(os.listdir(self.bob.inbox))
        if names != [self.name]:
            self.problems.append(f"Bob's folder has {names}")
        elif sha256(os.path.join(self.bob.inbox, self.name)) != sha256(self.path):
            self.problems.append("the file arrived changed")
        if os.listdir(self.alice.inbox) != []:
            self.problems.append(f"Alice's folder has {os.listdir(self.alice.inbox)}")
        for who in PEOPLE:
            # An offer that went away before a byte had come is no more than a line in the list.
            queue = self.get_queue(who)
            states = sorted((transfer["state"], transfer["bytes"]) for transfer in queue)
            if not all(transfer["encrypted"] for transfer in queue if transfer["state"] == "done"):
                self.problems.append(f"some of {who}'s file went in clear")
            done = self.profiles[who].run("--json", "history", check=True)
            outcomes = sorted(json.loads(line)["outcome"] for line in done.stdout.splitlines())
            if (states[0] != ("done", self.plan.size)
                    or any(state != ("failed", 0) or who == "alice" for state in states[1:])
                    or outcomes != [state for state, _ in states]):
                self.problems.append(f"{who}'s queue says {states}, the history {outcomes}")
        return self.check_sent(n_sent)

    def check_sent(self, n_sent):
        """Returns: bytes of the file that were sent again."""
        ratio = self.lab.get_ratio(self.plan)
        again = n_sent / ratio - self.plan.size
        limit = self.plan.size * (TOLERANCE - 1) + sum(
            DISK_OVERLAP if event.kind == "disk-full" else OVERLAP for event in self.plan.events)
        if again > limit:
            self.problems.append(f"{again:.0f} bytes were sent again, {limit:.0f} are allowed")
        return again

    def tell(self):
        """What those who shall mend it want to know."""
        for who in PEOPLE:
            for owner, process in [*self.expected_ends, *self.processes.items()]:
                if owner == who:
                    self.problems += [f"{who}: {event}" for event in process.events[-40:]]
                    self.problems.append(process.stderr[-100000:])
            done = self.profiles[who].run("--json", "history", "--details")
            self.problems.append(f"{who}: {done.stdout}{done.stderr}")

    def play(self):
        """Returns: bytes sent, and how many of them again (or None without a ratio)."""
        self.begin("bob", lambda: self.start("bob"), "connected")
        before = self.network.get_sent_bytes("alice")
        # From the first event on it is in the queue, and Ferry answers for it.
        self.begin("alice", self.send, "progress", "waiting", "offer")
        self.play_events()
        self.wait_end()
        n_sent = self.network.get_sent_bytes("alice") - before
        self.quit()
        if not self.plan.events:
            return n_sent, None
        again = self.check(n_sent)
        if self.problems:
            self.tell()
        return n_sent, again

    def close(self):
        for who in PEOPLE:
            self.network.set_link(who, True)
        self.stack.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


KINDS = ("killed", "frozen", "bytes-cut", "stream-cut", "stream-away", "server-restarted", "link-down",
         "disk-full", "clock-jump")


def missing():
    """What keeps torture from working here, or None."""
    if not os.path.exists(FAKETIME):
        return "libfaketime"
    return netlab.missing()


def can_mount():
    """Not everywhere may even root mount an image."""
    with tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, "image")
        with open(image, "wb") as file:
            file.truncate(MIB)
        script = 'mkfs.ext2 -q "$0" && mount -o loop "$0" /mnt'
        return shutil.which("mkfs.ext2") is not None and subprocess.run(
            ["unshare", "-m", "sh", "-c", script, image], capture_output=True).returncode == 0


class Lab:
    def __init__(self, cli):
        self.cli = cli
        self.ratios = {}
        self.kinds = [kind for kind in KINDS if kind != "disk-full" or can_mount()]
        self.network = netlab.Network()
        for who in PEOPLE:
            self.network.shape(who, UPLINK_MEGABITS)
        # Where a relay or a receiver gets no processor, megabytes would wait in front of it, which
        # an interruption takes with it.
        for place in ("hub", *PEOPLE):
            for end in ("rmem", "wmem"):
                self.network.inside(place, "sysctl", "-qw",
                                    f"net.ipv4.tcp_{end}=4096 131072 {SOCKET_BYTES}")

    def plan(self, seed):
        chance = random.Random(seed)
        route = chance.choice(list(ROUTES))
        events = sorted((Event(chance.choice(self.kinds), chance.choice((*PEOPLE, "both")),
                               chance.choice((0, chance.uniform(0, 1), chance.uniform(0, 1))),
                               chance.choice((0, chance.uniform(0, 1))), chance.uniform(0, 6))
                         for _ in range(chance.choice((1, 1, 2, 2, 3)))),
                        key=lambda event: event.fraction)
        # What the issue names: 5 s.
        events = [event._replace(length=5) if event.kind in ("link-down", "disk-full") else event
                  for event in events]
        low, high = ROUTES[route]
        signalling = chance.choice(SIGNALLINGS)
        return Plan(seed, route, signalling, chance.randint(low * MIB, high * MIB),
                    chance.choice((2, 600)), tuple(events))

    def get_ratio(self, plan):
        """Bytes on the wire for each of a file, from a transfer to which nothing happens."""
        if plan.route not in self.ratios:
            plain = Plan(0, plan.route, plan.signalling, CALIBRATION_SIZE, 2, ())
            with Round(self, plain) as calibration:
                self.ratios[plan.route] = calibration.play()[0] / CALIBRATION_SIZE
                if calibration.problems:
                    raise RuntimeError(f"{plain}: {calibration.problems}")
            print(f"  {plan.route}: {self.ratios[plan.route]:.4f} bytes on the wire for each of the "
                  "file", flush=True)
        return self.ratios[plan.route]

    def play(self, plan):
        """Returns: what went wrong."""
        print(plan, flush=True)
        self.get_ratio(plan)
        started = time.monotonic()
        with Round(self, plan) as each:
            _, again = each.play()
            print(f"  {'✓' if not each.problems else '✗'} {time.monotonic() - started:.1f} s, "
                  f"{again / 1024:.0f} KiB again"
                  + (f", asked again {each.n_asked_again} ×" if each.n_asked_again else ""), flush=True)
            return each.problems

    def close(self):
        self.network.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("rounds", nargs="?", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1000000,
                        help="of the first round; each next one has the next")
    parser.add_argument("--cli", required=True)
    parser.add_argument("--keep", metavar="DIR", help="what a failed round said goes there")
    options = parser.parse_args()
    lacking = missing()
    if lacking is not None:
        print(f"skipped: torture lacks {lacking}")
        return 77

    failed = []
    with Lab(options.cli) as lab:
        for seed in itertools.islice(itertools.count(options.seed), options.rounds):
            problems = lab.play(lab.plan(seed))
            if problems:
                failed.append(seed)
                print("\n".join(f"  {line[:300]}" for line in problems[:3]), flush=True)
                if options.keep:
                    Path(options.keep, f"torture-{seed}.log").write_text("\n".join(problems),
                                                                         encoding="utf-8")
    print(f"{options.rounds - len(failed)} of {options.rounds} rounds went well"
          + (f"; these did not: {', '.join(map(str, failed))}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
