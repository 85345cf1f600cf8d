#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`./dev large`: 3 GiB over each route, bytes compared, and once more with either side killed at 90 %, after
which less than 11 % may be sent again, counted at the sender's network card; and an archive of more than
4 GiB. Too long for the normal suite: in-band alone takes a quarter of an hour."""

import argparse
import contextlib
import hashlib
import os
import shutil
import sys
import time
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

import netlab  # noqa: E402
from ferrylab import Profile, Server, sha256, write_file  # noqa: E402

SIZE = 3 << 30
HUGE = (4 << 30) + 123456
INTERRUPTED_AT = 0.90
MAX_AGAIN = 0.11
INTERRUPTED_ROUTES = ("direct", "proxy")


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


def get_part_size(folder):
    for name in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):
            return os.path.getsize(os.path.join(folder, name))
    return 0


def interrupted(network, alice, bob, path, route, killed, expected):
    """One side is killed, and comes back; what the receiver has by then is not sent again."""
    with contextlib.ExitStack() as stack:
        receiver = stack.enter_context(bob.receive())
        sender = stack.enter_context(alice.start("send", path, "--to", bob.jid, "--route", route,
                                                 "--wait"))
        receiver.wait_event("route", timeout=120)
        while get_part_size(bob.inbox) < SIZE * INTERRUPTED_AT:
            time.sleep(0.001)
        (receiver if killed == "receiver" else sender).kill()
        had = get_part_size(bob.inbox)
        sent = network.get_sent_bytes("alice")
        if killed == "receiver":
            receiver = stack.enter_context(bob.receive())
        else:  # any Ferry that runs on this profile goes on with its queue
            stack.enter_context(alice.start("receive"))
        if receiver.wait(600) != 0 or (killed == "receiver" and sender.wait(600) != 0):
            print(f"{route}: FAILED\n{sender.events[-1:]}\n{receiver.events[-1:]}")
            return False
        again = (network.get_sent_bytes("alice") - sent) / SIZE
    done = receiver.find("done")[0]
    equal = sha256(done["path"]) == expected == done["sha256"]
    os.unlink(done["path"])
    print(f"{route:<7} {killed} killed at {had / SIZE:.2%}: {again:.2%} on the wire after that, "
          f"{'encrypted' if done['encrypted'] else 'IN CLEAR'}, "
          f"{'SHA-256 equal' if equal else 'DIFFERENT'}", flush=True)
    return equal and done["encrypted"] and again < MAX_AGAIN


def all_interrupted(cli, path, expected, routes):
    lacking = netlab.missing()
    if lacking is not None:
        print(f"skipped the interruptions: the network lab lacks {lacking}")
        return True
    with contextlib.ExitStack() as stack:
        network = stack.enter_context(netlab.Network())
        server = stack.enter_context(Server("--option", "smacks_hibernation_time = 2",
                                            address=netlab.SERVER_ADDRESS,
                                            prefix=network.prefix("hub")))
        alice, bob = (stack.enter_context(Profile(cli, server, host, prefix=network.prefix(host)))
                      for host in netlab.HOSTS)
        results = [interrupted(network, alice, bob, path, route, killed, expected)
                   for route in routes for killed in ("receiver", "sender")]
        return all(results)


def archive(alice, bob):
    """A folder as an archive whose numbers need more than 32 bits, for a file and for a place."""
    folder = os.path.join(alice.folder, "large \u00e4\u6f22")
    os.mkdir(folder)
    with open(os.path.join(folder, "a sparse one.img"), "wb") as file:
        file.write(b"begin")
        file.seek(HUGE)
        file.write(b"end")
    write_file(os.path.join(folder, "behind it \u00fc.bin"), 5000)
    with bob.receive() as receiver, \
            alice.start("send", folder, "--to", bob.jid, "--as", "zip") as sender:
        if sender.wait(1200) != 0 or receiver.wait(1200) != 0:
            print(f"archive: FAILED\n{sender.events[-1:]}\n{receiver.events[-1:]}")
            return False
    done = receiver.find("done")[0]
    with zipfile.ZipFile(done["path"]) as found:
        names = {info.filename: info.file_size for info in found.infolist()}
        wanted = {f"{os.path.basename(folder)}/{name}": os.path.getsize(os.path.join(folder, name))
                  for name in os.listdir(folder)}
        # Reads all of it, and compares with what was said of each file.
        equal = found.testzip() is None and names == wanted
        with found.open(f"{os.path.basename(folder)}/a sparse one.img") as file:
            equal = equal and hashlib.file_digest(file, "sha256").hexdigest() == sha256(
                os.path.join(folder, "a sparse one.img"))
    os.unlink(done["path"])
    shutil.rmtree(folder)
    print(f"archive of {done['size'] / 1e9:.2f} GB: {'all equal' if equal else 'DIFFERENT'}",
          flush=True)
    return equal


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("routes", nargs="*", default=["direct", "proxy", "inband"])
    parser.add_argument("--cli", required=True)
    parser.add_argument("--only-interrupted", action="store_true",
                        help="leave out the transfers to which nothing happens")
    parser.add_argument("--only-archive", action="store_true",
                        help="only the folder of more than 4 GiB as an archive")
    options = parser.parse_args()
    ok = True
    with Server() as server, Profile(options.cli, server, "alice") as alice, \
            Profile(options.cli, server, "bob") as bob:
        if not options.only_interrupted:
            ok = archive(alice, bob)
        if options.only_archive:
            return 0 if ok else 1
        path = os.path.join(alice.folder, "three gibibytes.bin")
        write_file(path, SIZE)
        expected = sha256(path)
        for route in [] if options.only_interrupted else options.routes:
            ok = transfer(alice, bob, path, route, expected) and ok
        ok = all_interrupted(options.cli, path, expected, [
            route for route in options.routes if route in INTERRUPTED_ROUTES]) and ok
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
