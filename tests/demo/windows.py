#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two windows under Xvfb, and a file that goes from one to the other by what a user does in them.

Runs itself again on a display, session bus and accessibility bus of its own.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
SIZE = 7 << 20
START_SECONDS = 30


def reexecute():
    os.environ["FERRY_DEMO_INNER"] = "1"
    runner = str(TESTS / "gtk" / "run-display")
    # The accessibility library comes with the distribution's interpreter.
    os.execv(runner, [runner, "/usr/bin/python3", __file__, *sys.argv[1:]])


def take_picture(path):
    subprocess.run(["import", "-window", "root", str(path)], check=True)
    print(f"  picture: {path}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--pictures", type=Path, required=True)
    options = parser.parse_args()
    if os.environ.get("FERRY_DEMO_INNER") != "1":
        reexecute()

    sys.path[:0] = [str(TESTS / "lib"), str(TESTS / "gtk")]
    from ferry_display import Application, Atspi, has_place, wait_for, walk, xdotool
    from ferrylab import Profile, Server, sha256, write_file

    options.pictures.mkdir(parents=True, exist_ok=True)
    source = tempfile.mkdtemp(prefix="ferry-demo-")
    path = os.path.join(source, "From window to window – žluťoučký.bin")
    write_file(path, SIZE)
    window = str(options.build / "src/gtk/ferry")
    cli = options.build / "src/cli/ferry-cli"
    applications = []

    def find_in_sheet(application, name):
        for frame in walk(application.root):
            if frame.get_name() == "Send To" and frame.get_role() == Atspi.Role.FRAME:
                for node in walk(frame):
                    if (node.get_role() == Atspi.Role.LIST_ITEM and has_place(node)
                            and name in (node.get_name() or "")):
                        return node
        return None

    def start(profile, *arguments):
        application = Application([window, "--profile", os.path.join(profile.folder, "profile"),
                                   *arguments], environment=profile.env)
        applications.append(application)
        return application

    with Server() as server, Profile(cli, server, "alice") as alice, \
            Profile(cli, server, "bob") as bob:
        try:
            # Where "Downloads" is, is the user's setting; the demonstration has its own home.
            home = os.path.join(bob.folder, "home")
            os.makedirs(os.path.join(home, "Downloads"))
            bob.env.update(HOME=home, XDG_CONFIG_HOME=os.path.join(home, ".config"))
            receiving = start(bob)
            receiving.find("Connected as bob", seconds=START_SECONDS)
            # As from the file manager: the file first, then the question to whom.
            sending = start(alice, path)
            sending.find("Connected as alice", seconds=START_SECONDS)
            for place, application in enumerate((sending, receiving)):
                xdotool("windowsize", application.id, 630, 640)
                xdotool("windowmove", application.id, place * 645, 20)
            sheet = xdotool("search", "--onlyvisible", "--pid", sending.process.pid,
                            "--name", "Send To").split()[-1]
            row = wait_for("Bob in the sheet", lambda: find_in_sheet(sending, "Bob"))
            take_picture(options.pictures / "1-whom-to-send-to.png")
            xdotool("mousemove", "--window", sheet, *sending.center(row), "click", 1)
            sending.press("Send")
            # So narrow a window shows the contacts, and below them that there is an offer.
            receiving.press("1 Offer")
            receiving.find("wants to send you")
            take_picture(options.pictures / "2-offer.png")
            receiving.press("Accept")
            receiving.find("Verified")
            sending.find("Verified")
            time.sleep(0.3)  # let both windows draw their last frame
            take_picture(options.pictures / "3-arrived.png")

            target = wait_for("the file", lambda: next(
                (os.path.join(root, name) for root, _, names in os.walk(bob.folder)
                 for name in names if name == os.path.basename(path)), None))
            equal = sha256(target) == sha256(path)
            print(f"  {os.path.basename(path)}: {SIZE} bytes, SHA-256 "
                  f"{'equal' if equal else 'DIFFERENT'}", flush=True)
            return 0 if equal else 1
        finally:
            for application in applications:
                application.close()
            shutil.rmtree(source, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
