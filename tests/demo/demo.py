#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`./dev demo`: Ferry does its main job between two accounts of a private server.

With a display: two windows, signed in, ready for a file to be dropped on a contact. Without one,
or with --headless: real files over every route by the command line, then both windows under Xvfb
and a transfer made through them. Ends by itself or by Ctrl+C and leaves nothing running.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "lib"))

from ferrylab import Profile, Server, sha256, write_file  # noqa: E402

LARGE = 512 << 20
FILES = [
    ("large.bin", LARGE),
    ("Ünïcödé – 日本語 \U0001f600 „quoted“ (1).tar.gz", 3 << 20),
    ("empty.txt", 0),
]
IN_BAND_FILES = [("small in-band.bin", 1 << 20), *FILES[1:]]


def say(text=""):
    print(text, flush=True)


def human(size):
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return ""


def send_all(alice, bob, route, files, source):
    paths = []
    for name, size in files:
        path = os.path.join(source, name)
        if not os.path.exists(path):
            write_file(path, size)
        paths.append(path)

    with bob.receive(count=len(paths)) as receiver:
        with alice.start("send", *paths, "--to", bob.jid, "--route", route) as sender:
            sender_code = sender.wait(timeout=600)
        receiver_code = receiver.wait(timeout=60)
        if sender_code != 0 or receiver_code != 0:
            say(f"  failed: {sender.events[-1:]} {receiver.events[-1:]}")
            say(sender.stderr + receiver.stderr)
            return False

    ok = True
    for done in receiver.find("done"):
        size, seconds = done["size"], max(done.get("seconds", 0), 1e-3)
        source_path = os.path.join(source, done["name"])
        equal = os.path.exists(source_path) and sha256(source_path) == sha256(done["path"])
        ok = ok and equal and done["route"] == route
        say(f"  {done['name']:<42} {human(size):>9}  {done['route']:<7} "
            f"{human(size / seconds):>9}/s  verified by {done.get('verified')}, "
            f"SHA-256 {'equal' if equal else 'DIFFERENT'}")
        os.unlink(done["path"])
    return ok and len(receiver.find("done")) == len(files)


def headless(build, pictures):
    ok = True
    cli = build / "src/cli/ferry-cli"
    source = tempfile.mkdtemp(prefix="ferry-demo-")
    try:
        with Server() as server:
            say(f"A private server for {server.domain} listens on 127.0.0.1 port {server.port}.")
            with Profile(cli, server, "alice") as alice, Profile(cli, server, "bob") as bob:
                for route, title, files in (("direct", "Directly", FILES),
                                            ("proxy", "Through the server's relay", FILES),
                                            ("inband", "In-band", IN_BAND_FILES)):
                    say(f"\n{title}, {alice.jid} to {bob.jid}:")
                    ok = send_all(alice, bob, route, files, source) and ok
        window = build / "src/gtk/ferry"
        if window.exists():
            say("\nThrough the windows:")
            done = subprocess.run([sys.executable, TESTS / "demo" / "windows.py", "--build", build,
                                   "--pictures", pictures])
            ok = ok and done.returncode == 0
    finally:
        shutil.rmtree(source, ignore_errors=True)
    say("\nEvery file arrived whole." if ok else "\nSomething did not arrive.")
    return 0 if ok else 1


def with_display(build):
    cli = build / "src/cli/ferry-cli"
    with Server() as server:
        with Profile(cli, server, "alice") as alice, Profile(cli, server, "bob") as bob:
            windows = [subprocess.Popen([build / "src/gtk/ferry", "--profile",
                                         os.path.join(profile.folder, "profile")], env=profile.env)
                       for profile in (alice, bob)]
            say("Two windows are open: Alice's and Bob's. Drop a file on the contact in one of "
                "them and accept it in the other. Close both, or press Ctrl+C, to end.")
            try:
                while any(window.poll() is None for window in windows):
                    time.sleep(0.3)
            except KeyboardInterrupt:
                pass
            finally:
                for window in windows:
                    window.terminate()
                    window.wait()
    return 0


def main():
    parser = argparse.ArgumentParser(description="Ferry does its main job between two accounts.")
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--headless", action="store_true")
    parser.add_argument("--pictures", type=Path, default=Path.cwd() / "_demo",
                        help="where screenshots go")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *unused: sys.exit(1))
    has_display = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    if options.headless or not has_display:
        return headless(options.build, options.pictures)
    return with_display(options.build)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
