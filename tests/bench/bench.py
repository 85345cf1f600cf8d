#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`./dev bench`: how fast Ferry is, as one table of ratios from one run.

Absolute figures depend on the machine and on what else it does, so every round runs everything
once, one after the other: iperf3, Ferry over each route, libpurple. Ratios are those of a round,
and the table shows their medians. Both ends share this machine.

All speeds are those of the bytes alone, as the receiver sees them: from the open stream to the
last byte written (and hashed). What comes before and after has rows of its own."""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "lib"))

import report  # noqa: E402
from ferrylab import Profile, Server, sha256, write_file  # noqa: E402

MIB = 1 << 20
SAMPLE_S = 0.02
MEMORY_BYTES = 1024 * MIB
CLOCK_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def take_memory(folder, size):
    """Writes a file that is to be removed just before one of the same size is received, which
    then gets its memory. A virtual machine may have to ask its host for each page that it uses
    for the first time, at a tenth of the speeds measured here, and the host takes free pages
    back within a second: without this, and with larger files, the table would be about the host.

    Returns: its path"""
    path = os.path.join(folder, "memory")
    with open(path, "wb", buffering=0) as file:
        for _ in range(size // MIB + 1):
            file.write(bytes(MIB))
    return path


class Watched:
    """CPU time and peak memory of a running process, from /proc while it runs: what wait4()
    says of memory has the parent's in it."""

    def __init__(self, pid):
        self.pid = pid
        self.cpu = 0.0
        self.peak_mb = 0.0
        self.begun = self.sample() and self.cpu

    def sample(self):
        try:
            stat = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
            status = Path(f"/proc/{self.pid}/status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return False
        self.cpu = max(self.cpu, (int(stat[11]) + int(stat[12])) * CLOCK_TICK_S)
        if "VmHWM:" in status:
            self.peak_mb = int(status.split("VmHWM:")[1].split()[0]) / 1024
        return True

    @property
    def used_cpu(self):
        return self.cpu - self.begun


def sample_until(ended, *watched, limit_s=300):
    deadline = time.monotonic() + limit_s
    while not ended():
        for process in watched:
            process.sample()
        if time.monotonic() > deadline:
            raise TimeoutError("a transfer does not end")
        time.sleep(SAMPLE_S)


class IdleLoop:
    """A main loop that has nothing to do, beside what is measured."""

    def __init__(self, program):
        self.popen = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      text=True)

    def end(self):
        """Returns: how late it ran at worst, milliseconds"""
        return float(self.popen.communicate()[0])


class Iperf3:
    name = "iperf3"

    def __init__(self, seconds):
        self.seconds = seconds

    def run(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        server = subprocess.Popen(["iperf3", "-s", "-1", "-p", port, "--forceflush"],
                                  stdout=subprocess.PIPE, text=True)
        for line in server.stdout:
            if "listening" in line:
                break
        out = subprocess.run(["iperf3", "-c", "127.0.0.1", "-p", port, "-t", str(self.seconds),
                              "-J"], capture_output=True, text=True, check=True).stdout
        server.communicate()
        return {"mbs": json.loads(out)["end"]["sum_received"]["bits_per_second"] / 8e6}


class Ferry:
    """alice sends one file to bob by ferry-cli, over one route."""

    def __init__(self, name, build, alice, bob, file, route, verify=True, encrypted=False):
        self.name = name
        self.encrypted = encrypted
        self.idle_loop = build / "tests/bench/idle-loop"
        self.alice = alice
        self.bob = bob
        self.file = file
        self.route = route
        self.extra = [] if verify else ["--no-verify"]

    def move(self):
        """Returns: sender and receiver after the end, what they used, and an idle loop beside"""
        rule = "auto" if self.encrypted else "never"
        for own, other in ((self.alice, self.bob), (self.bob, self.alice)):
            own.run("contacts", "--encryption", f"{other.jid}={rule}", check=True)
        idle = IdleLoop(self.idle_loop)
        receiver = self.bob.start("--measure", "receive", "--yes", "--dir", self.bob.inbox,
                                  "--count", "1", *self.extra)
        receiver.wait_event("connected")
        # Giving back the memory of the huge file would itself keep a processor for too long.
        memory = take_memory(self.bob.inbox, min(self.file.size, MEMORY_BYTES))
        sender = self.alice.start("--measure", "send", self.file.path, "--to", self.bob.jid,
                                  "--route", self.route, *self.extra)
        ends = [Watched(process.popen.pid) for process in (sender, receiver)]
        receiver.wait_event("offer")
        os.unlink(memory)
        sample_until(lambda: sender.popen.poll() is not None and
                     receiver.popen.poll() is not None, *ends)
        idle_ms = idle.end()
        if sender.wait() != 0 or receiver.wait() != 0:
            raise RuntimeError(f"{self.name}: {sender.events[-2:]} {sender.stderr}\n"
                               f"{receiver.events[-2:]} {receiver.stderr}")
        return sender, receiver, ends, idle_ms

    def run(self):
        sender, receiver, ends, idle_ms = self.move()
        offer, done = sender.find("offer")[0], receiver.find("done")[0]
        opened, moved = receiver.find("route")[0], receiver.find("verifying")[0]
        if done["route"] != self.route and self.route != "auto":
            raise RuntimeError(f"{self.name}: it went by {done['route']}")
        if done["encrypted"] != self.encrypted:
            raise RuntimeError(f"{self.name}: encrypted is {done['encrypted']}")
        if sha256(done["path"]) != self.file.sha256:
            raise RuntimeError(f"{self.name}: the file arrived damaged")
        os.unlink(done["path"])
        measured = sender.find("measured") + receiver.find("measured")
        gigabytes = self.file.size / 1e9
        return {
            "mbs": gigabytes * 1e3 / (moved["at"] - opened["at"]),
            "cpu": [end.cpu / gigabytes for end in ends],
            "peak_mb": max(end.peak_mb for end in ends),
            "late_ms": max(event["lateness_ms"] for event in measured),
            "idle_ms": idle_ms,
            "offer_to_verified_s": receiver.started + done["at"] - sender.started - offer["at"],
        }


class Folder(Ferry):
    """The same with a folder of small files, of which their number counts."""

    def run(self):
        sender, receiver, ends, idle_ms = self.move()
        done = receiver.find("done")[0]
        opened, moved = receiver.find("route")[0], receiver.find("verifying")[0]
        if (done["files_done"], done["files_failed"]) != (self.file.n_files, 0):
            raise RuntimeError(f"{self.name}: {done}")
        subprocess.run(["diff", "-r", self.file.path, done["path"]], check=True)
        shutil.rmtree(done["path"])
        measured = sender.find("measured") + receiver.find("measured")
        return {
            "files_s": self.file.n_files / (moved["at"] - opened["at"]),
            # From the command to the last file on the disk: with looking, offer and sync.
            "all_files_s": self.file.n_files / (receiver.started + done["at"] - sender.started),
            "peak_mb": [end.peak_mb for end in ends],
            "late_ms": max(event["lateness_ms"] for event in measured),
            "idle_ms": idle_ms,
        }


class Purple:
    """carol sends one file to dave by libpurple; both stay signed on until the end."""

    def __init__(self, name, program, server, file, folder, in_band=False):
        self.name = name
        self.file = file
        self.target = os.path.join(folder, name, os.path.basename(file.path))
        self.mode = ["inband"] if in_band else []
        self.to = f"dave@{server.domain}/{name}"
        os.mkdir(os.path.dirname(self.target))
        self.peers = [self.start(program, server, user, folder) for user in ("carol", "dave")]

    def start(self, program, server, user, folder):
        home = os.path.join(folder, self.name if user == "dave" else f"{self.name}-{user}")
        os.makedirs(home, exist_ok=True)
        peer = subprocess.Popen(
            [program, f"{user}@{server.domain}/{self.name}", "secret", server.address,
             str(server.port), home, *self.mode],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.expect(peer, "ready")
        return peer

    @staticmethod
    def expect(peer, wanted):
        for line in peer.stdout:
            event = json.loads(line)
            if event["event"] == wanted:
                return event
            if event["event"] == "failed":
                raise RuntimeError(f"libpurple: {line}")
        raise RuntimeError(f"libpurple ended without {wanted}")

    def run(self):
        sender, receiver = self.peers
        ends = [Watched(peer.pid) for peer in self.peers]
        memory = take_memory(os.path.dirname(self.target), self.file.size)
        sender.stdin.write(f"send {self.to} {self.file.path}\n")
        sender.stdin.flush()
        self.expect(receiver, "offered")
        os.unlink(memory)
        seconds = self.expect(receiver, "received")["seconds"]
        self.expect(sender, "sent")
        for end in ends:
            end.sample()
        if sha256(self.target) != self.file.sha256:
            raise RuntimeError(f"{self.name}: the file arrived damaged")
        os.unlink(self.target)
        gigabytes = self.file.size / 1e9
        return {
            "mbs": gigabytes * 1e3 / seconds,
            "cpu": [end.used_cpu / gigabytes for end in ends],
            "peak_mb": max(end.peak_mb for end in ends),
        }

    def close(self):
        for peer in self.peers:
            peer.stdin.close()
        for peer in self.peers:
            peer.wait(10)
            peer.stdout.close()


class File:
    """A file to send, on the disk so that writing it back disturbs nothing later."""

    def __init__(self, folder, name, mebibytes):
        self.path = os.path.join(folder, name)
        self.size = mebibytes * MIB
        write_file(self.path, self.size)
        with open(self.path, "rb") as file:
            os.fsync(file.fileno())
        self.sha256 = sha256(self.path)


class Small:
    """A folder of many small files, 100 in a folder of it."""

    SIZE = 1500

    def __init__(self, folder, name, n_files):
        self.path = os.path.join(folder, name)
        self.n_files = n_files
        self.size = n_files * self.SIZE
        for i in range(n_files):
            place = os.path.join(self.path, f"{i // 100:03}")
            os.makedirs(place, exist_ok=True)
            with open(os.path.join(place, f"{i:05}.bin"), "wb") as file:
                file.write(os.urandom(self.SIZE))
        os.sync()


def measure(options, server, bare_server, alice, bob, folder):
    """@bare_server has no proxy: libpurple goes in-band only where there is no other way.

    Returns: results of each subject's rounds, by name"""
    file = File(folder, "large", options.size)
    middle = File(folder, "middle", options.proxy)
    small = File(folder, "small", options.in_band)
    subjects = [
        Iperf3(options.seconds),
        Ferry("direct", options.build, alice, bob, file, "direct"),
        Ferry("unhashed", options.build, alice, bob, file, "direct", verify=False),
        Ferry("proxy", options.build, alice, bob, middle, "proxy"),
        Ferry("in-band", options.build, alice, bob, small, "inband"),
        Ferry("fast", options.build, alice, bob, file, "fast"),
        *(Ferry(f"{name}-tls", options.build, alice, bob, what, route, encrypted=True)
          for name, what, route in (("direct", file, "direct"), ("fast", file, "fast"),
                                    ("proxy", middle, "proxy"), ("in-band", small, "inband"))),
    ]
    purple = options.build / "tests/interop/purple-driver"
    peers = []
    if purple.exists() and not options.skip_purple:
        peers = [Purple("purple-direct", purple, server, file, folder),
                 Purple("purple-in-band", purple, bare_server, small, folder, in_band=True)]
        subjects[3:3] = peers[:1]
        subjects += peers[1:]

    results = {subject.name: [] for subject in subjects}
    for number in range(options.rounds):
        for subject in subjects:
            say(f"round {number + 1} of {options.rounds}: {subject.name}")
            results[subject.name].append(subject.run())
    for peer in peers:
        peer.close()

    one = Ferry("1 MiB", options.build, alice, bob, File(folder, "one", 1), "auto")
    say(f"{one.name}, {options.small_rounds} times")
    results["latency"] = [one.run() for _ in range(options.small_rounds)]
    os.unlink(file.path)
    if options.files > 0:
        many = Folder("folder", options.build, alice, bob, Small(folder, "many", options.files),
                      "direct", encrypted=True)
        say(f"{options.files} files, {options.small_rounds} times")
        results["folder"] = [many.run() for _ in range(options.small_rounds)]
        shutil.rmtree(many.file.path)
    if options.huge > 0:
        huge = Ferry("huge", options.build, alice, bob, File(folder, "huge", options.huge), "direct")
        say(f"{options.huge} MiB, once")
        results["huge"] = [huge.run()]
    return results


def say(text):
    print(text, file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--size", type=int, default=256, help="MiB for the direct route")
    parser.add_argument("--huge", type=int, default=3072,
                        help="MiB for the run that shows the memory used; 0 leaves it out")
    parser.add_argument("--proxy", type=int, default=128, help="MiB through the proxy")
    parser.add_argument("--in-band", type=int, default=8, help="MiB in-band")
    parser.add_argument("--seconds", type=int, default=2, help="how long iperf3 runs")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--small-rounds", type=int, default=5, help="how often 1 MiB is sent")
    parser.add_argument("--files", type=int, default=10000,
                        help="how many small ones are in a folder; 0 leaves it out")
    parser.add_argument("--skip-purple", action="store_true")
    parser.add_argument("--folder", help="where the files lie; at least 9 GiB must be free")
    parser.add_argument("--json", type=Path, help="write the results of all rounds there")
    options = parser.parse_args()

    began = time.monotonic()
    folder = tempfile.mkdtemp(prefix="ferry-bench-", dir=options.folder)
    try:
        accounts = ",".join(f"{name}:secret" for name in ("alice", "bob", "carol", "dave"))
        cli = options.build / "src/cli/ferry-cli"
        with Server(accounts=accounts) as server, \
                Server("--no-proxy", accounts=accounts) as bare_server, \
                Profile(cli, server, "alice") as alice, Profile(cli, server, "bob") as bob:
            results = measure(options, server, bare_server, alice, bob, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))
    print(report.table(results))
    say(f"\n{time.monotonic() - began:.0f} seconds in all")


if __name__ == "__main__":
    main()
