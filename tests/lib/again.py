#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the tests that failed in the last run once more, alone, and says so.

A test with servers, windows or other programs in it can fail because the machine had no time for it.
Whoever reads the result must be able to tell that from a fault: a test that fails twice is one, a test
that passes now is named as unsteady with the place of its first output. A unit test or a fuzz target has
no such excuse, nor have many tests at once.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

MAY_BE_UNSTEADY = {"loopback", "display", "interop"}
AT_MOST = 3


def failed_tests(log):
    """The (suite, name) of each test in meson's log that neither passed nor was skipped."""
    for line in log.read_text().splitlines():
        test = json.loads(line)
        if test["result"] not in ("OK", "SKIP", "EXPECTEDFAIL"):
            suites, name = test["name"].split(" / ", 1)
            yield suites.partition(":")[2], name


def main(build):
    logs = Path(build) / "meson-logs"
    failed = list(failed_tests(logs / "testlog.json"))
    if not failed:
        sys.exit("No test failed: what went wrong is something else.")
    names = ", ".join(name for _, name in failed)
    if len(failed) > AT_MOST or any(suite not in MAY_BE_UNSTEADY for suite, _ in failed):
        sys.exit(f"Failed, and not to be excused by a busy machine: {names}")
    first = logs / "testlog-first.txt"
    shutil.copy(logs / "testlog.txt", first)
    command = ["meson", "test", "-C", build, "--no-rebuild", "--print-errorlogs",
               "--num-processes", "1", *(name for _, name in failed)]
    print("+", *command, file=sys.stderr)
    if subprocess.run(command).returncode != 0:
        twice = ", ".join(name for _, name in failed_tests(logs / "testlog.json"))
        sys.exit(f"Failed at first: {names}. Again: {twice}")
    print(f"UNSTEADY: {names} failed at first ({first}) and passed alone. Find out why.",
          file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1])
