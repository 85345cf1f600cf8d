#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`./dev large`: 3 GiB over each route, bytes compared. Too long for the normal suite: in-band alone
takes a quarter of an hour."""

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from ferrylab import Profile, Server, sha256, write_file  # noqa: E402

SIZE = 3 << 30


def peak_mb(pid):
    """Largest resident size so far; 0 once the process is gone."""
    try:
        with open(f"/proc/{pid}/status") as file:
            return max(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024
    except (OSError, ValueError):
        return 0


def transfer(alice, bob, path, route, expected):
    peak = 0
    with bob.receive() as receiver:
        with alice.start("send", path, "--to", bob.jid, "--route", route) as sender:
            while sender.popen.poll() is None:
                peak = max(peak, peak_mb(sender.popen.pid), peak_mb(receiver.popen.pid))
                time.sleep(0.2)
            code = sender.wait()
        if code != 0 or receiver.wait() != 0:
            print(f"{route}: FAILED\n{sender.events[-1:]}\n{receiver.events[-1:]}")
            return False
    done = receiver.find("done")[0]
    equal = sha256(done["path"]) == expected == done["sha256"]
    os.unlink(done["path"])
    print(f"{route:<7} {done['seconds']:8.1f} s  {SIZE / 1e6 / done['seconds']:7.1f} MB/s  "
          f"peak {peak:.1f} MB  {'SHA-256 equal' if equal else 'DIFFERENT'}", flush=True)
    return equal and done["route"] == route


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("routes", nargs="*", default=["direct", "proxy", "inband"])
    parser.add_argument("--cli", required=True)
    options = parser.parse_args()
    ok = True
    with Server() as server, Profile(options.cli, server, "alice") as alice, \
            Profile(options.cli, server, "bob") as bob:
        path = os.path.join(alice.folder, "three gibibytes.bin")
        write_file(path, SIZE)
        expected = sha256(path)
        for route in options.routes:
            ok = transfer(alice, bob, path, route, expected) and ok
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
