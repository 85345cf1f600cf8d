#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`./dev bench`: one table from one run, as ratios. Absolute figures depend on the machine and on
what else it does; the ratios to iperf3 and to libpurple, measured minutes apart on the same
machine, tell how good the data path is."""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "lib"))

from ferrylab import Profile, Server, sha256, write_file  # noqa: E402

MIB = 1 << 20


class Measured:
    """A process whose CPU time and peak memory are read when it ends."""

    def __init__(self, process):
        self.process = process

    def wait(self, timeout=900):
        deadline = time.monotonic() + timeout
        while True:
            pid, status, usage = os.wait4(self.process.popen.pid, os.WNOHANG)
            if pid != 0:
                break
            if time.monotonic() > deadline:
                self.process.popen.kill()
            time.sleep(0.005)
        self.process.popen.returncode = os.waitstatus_to_exitcode(status)
        self.process.wait(5)
        self.cpu = usage.ru_utime + usage.ru_stime
        self.rss_mb = usage.ru_maxrss / 1024
        return self.process.popen.returncode


def run_iperf3(seconds):
    port = "25201"
    with subprocess.Popen(["iperf3", "-s", "-1", "-p", port], stdout=subprocess.DEVNULL) as server:
        time.sleep(0.3)
        out = subprocess.run(["iperf3", "-c", "127.0.0.1", "-p", port, "-t", str(seconds), "-J"],
                             capture_output=True, text=True, check=True).stdout
        server.wait()
    return json.loads(out)["end"]["sum_received"]["bits_per_second"] / 8e6


def run_ferry(alice, bob, path, route, verify=True):
    """One transfer; MB/s of the bytes alone, CPU s/GB of both ends, peak MB, lateness."""
    extra = [] if verify else ["--no-verify"]
    receiver = Measured(bob.start("--measure", "receive", "--yes", "--dir", bob.inbox, "--count",
                                  "1", *extra))
    receiver.process.wait_event("connected")
    sender = Measured(alice.start("--measure", "send", path, "--to", bob.jid, "--route", route,
                                  *extra))
    if sender.wait() != 0 or receiver.wait() != 0:
        raise RuntimeError(f"{route}: {sender.process.events[-2:]} {sender.process.stderr}\n"
                           f"{receiver.process.events[-2:]} {receiver.process.stderr}")
    events = receiver.process.events
    start = next(event["at"] for event in events if event["event"] == "route")
    end = next(event["at"] for event in events if event["event"] == "verifying")
    done = next(event for event in events if event["event"] == "done")
    if verify and sha256(done["path"]) != sha256(path):
        raise RuntimeError("the file arrived damaged")
    os.unlink(done["path"])
    size = os.path.getsize(path)
    late = [event["lateness_ms"] for process in (sender, receiver)
            for event in process.process.events if event["event"] == "measured"]
    return {
        "mbs": size / 1e6 / max(end - start, 1e-4),
        "whole_mbs": size / 1e6 / max(done["at"] - start, 1e-4),
        "cpu": (sender.cpu / (size / 1e9), receiver.cpu / (size / 1e9)),
        "rss": max(sender.rss_mb, receiver.rss_mb),
        "late": max(late),
    }


def run_latency(alice, bob, path, route):
    """Seconds from the sender's offer to the receiver's verified file."""
    receiver = bob.receive()
    sender = alice.start("send", path, "--to", bob.jid, "--route", route)
    offer = sender.wait_event("offer")
    done = receiver.wait_event("done")
    receiver.wait()
    sender.wait()
    os.unlink(done["path"])
    return receiver.started + done["at"] - (sender.started + offer["at"])


def run_purple(build, server, path, folder, in_band):
    peer = build / "tests/bench/purple-peer"
    env = dict(os.environ)
    if in_band:
        env["PURPLE_PEER_IN_BAND"] = "1"

    def start(user, *arguments):
        home = tempfile.mkdtemp(prefix="purple-", dir=folder)
        return subprocess.Popen([peer, f"{user}@{server.domain}/purple", "secret", "127.0.0.1",
                                 str(server.port), home, *arguments], stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, text=True, env=env)

    target = os.path.join(folder, "purple-received")
    receiver = start("bob", "receive", target)
    assert "READY" in receiver.stdout.readline()
    sender = start("alice", "send", f"bob@{server.domain}/purple", path)
    lines = receiver.communicate(timeout=900)[0].splitlines()
    sender.communicate(timeout=60)
    done = [line.split() for line in lines if line.startswith("DONE")]
    if not done or os.path.getsize(target) != os.path.getsize(path):
        raise RuntimeError(f"libpurple: {lines}")
    os.unlink(target)
    return os.path.getsize(path) / 1e6 / float(done[0][1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--large", type=int, default=3072, help="MiB for direct")
    parser.add_argument("--proxy", type=int, default=512, help="MiB for the proxy")
    parser.add_argument("--in-band", type=int, default=8, help="MiB in-band")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--skip-purple", action="store_true")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="ferry-bench-")
    rows = []
    try:
        files = {name: os.path.join(folder, name) for name in ("large", "proxy", "in-band", "one")}
        write_file(files["large"], options.large * MIB)
        write_file(files["proxy"], options.proxy * MIB)
        write_file(files["in-band"], options.in_band * MIB)
        write_file(files["one"], MIB)
        with Server() as server:
            cli = options.build / "src/cli/ferry-cli"
            with Profile(cli, server, "alice") as alice, Profile(cli, server, "bob") as bob:
                measure(options, server, alice, bob, files, folder, rows)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for row in rows:
        print(row)


def measure(options, server, alice, bob, files, folder, rows):
    runs = {name: [] for name in ("iperf3", "direct", "unhashed", "proxy", "in-band", "purple s5b",
                                  "purple in-band")}
    for _ in range(options.rounds):
        # One round of everything at a time, so that a slow minute of the machine hits all alike.
        runs["iperf3"].append(run_iperf3(3))
        runs["direct"].append(run_ferry(alice, bob, files["large"], "direct"))
        runs["unhashed"].append(run_ferry(alice, bob, files["large"], "direct", verify=False))
        runs["proxy"].append(run_ferry(alice, bob, files["proxy"], "proxy"))
        runs["in-band"].append(run_ferry(alice, bob, files["in-band"], "inband"))
        if not options.skip_purple:
            runs["purple s5b"].append(run_purple(options.build, server, files["large"], folder,
                                                 False))
            runs["purple in-band"].append(run_purple(options.build, server, files["in-band"],
                                                     folder, True))
    latency = statistics.median(run_latency(alice, bob, files["one"], "auto") for _ in range(5))

    iperf3 = statistics.median(runs["iperf3"])
    rows.append(f"{'':<34}{'MB/s':>8}{'of iperf3':>11}{'CPU s/GB':>14}{'peak MB':>9}{'late ms':>9}")
    rows.append(f"{'iperf3, one stream':<34}{iperf3:>8.0f}{'100 %':>11}")
    for name, title in (("direct", "Ferry direct, SHA-256 both ends"),
                        ("unhashed", "Ferry direct, no checksum"),
                        ("proxy", "Ferry by proxy (Prosody)"), ("in-band", "Ferry in-band")):
        mbs = statistics.median(run["mbs"] for run in runs[name])
        cpu = [statistics.median(run["cpu"][i] for run in runs[name]) for i in (0, 1)]
        rows.append(f"{title:<34}{mbs:>8.1f}{100 * mbs / iperf3:>9.1f} %"
                    f"{f'{cpu[0]:.2f} / {cpu[1]:.2f}':>14}"
                    f"{max(run['rss'] for run in runs[name]):>9.1f}"
                    f"{max(run['late'] for run in runs[name]):>9.1f}")
    for name, title, ours in (("purple s5b", "libpurple direct (no checksum)", "direct"),
                              ("purple in-band", "libpurple in-band", "in-band")):
        if runs[name]:
            mbs = statistics.median(runs[name])
            mine = statistics.median(run["mbs"] for run in runs[ours])
            rows.append(f"{title:<34}{mbs:>8.1f}{100 * mbs / iperf3:>9.1f} %   Ferry is "
                        f"{mine / mbs:.2f} times as fast")
    rows.append(f"1 MiB from offer to verified: {latency:.3f} s")


if __name__ == "__main__":
    main()
