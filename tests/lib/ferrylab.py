# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers, profiles and ferry-cli processes for the tests, the demonstration and the benchmark."""

import contextlib
import hashlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
SEED_BLOCK = 1 << 20
# How much longer than elsewhere everything may take.
PATIENCE = max(1.0, float(os.environ.get("FERRY_TEST_PATIENCE", "1")))


class Server:
    """A private Prosody (tests/lib/prosody) that ends with this process."""

    def __init__(self, *options, accounts="alice:secret,bob:secret", address="127.0.0.1",
                 prefix=()):
        self.address = address
        self.prefix = list(prefix)
        self.folder = tempfile.mkdtemp(prefix="ferry-server-")
        self.script = TESTS / "lib" / "prosody"
        out = self._call("start", self.folder, "--accounts", accounts, "--while-pid",
                         str(os.getpid()), "--address", address, *options)
        self.values = dict(line.split("=", 1) for line in out.splitlines() if "=" in line)
        self.domain = self.values["DOMAIN"]
        self.port = int(self.values["C2S_PORT"])
        self.pin = self.values["PIN_SHA256"]
        self.pid = int(self.values["PID"])

    def _call(self, *arguments):
        done = subprocess.run([*self.prefix, sys.executable, self.script, *arguments],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"prosody {arguments[0]}: {done.stdout}{done.stderr}")
        return done.stdout

    def restart(self):
        out = self._call("restart", self.folder)
        self.pid = int(next(line for line in out.splitlines() if line.startswith("PID="))[4:])

    def interrupt(self):
        self._call("stop", self.folder)

    def kill(self):
        """Without a goodbye: the clients think that they can resume their sessions."""
        with contextlib.suppress(ProcessLookupError):  # it may be away already
            os.kill(self.pid, signal.SIGKILL)

    def stop(self):
        self._call("stop", self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()


def check_undefined(stderr):
    """gcc's sanitizer of undefined behaviour ends the program, but tells only on stderr, so
    that tests/lib/no-reports does not see it where a test expects an end like that."""
    if "runtime error: " in stderr:
        raise AssertionError(stderr)


class Process:
    """A running `ferry-cli --json` whose events can be waited for."""

    def __init__(self, command, env, stdin=subprocess.DEVNULL):
        self.started = time.monotonic()
        self.events = []
        self._queue = queue.Queue()
        self.popen = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                      stdin=stdin, text=True, env=env)
        self._errors = []
        self._threads = [threading.Thread(target=self._read, daemon=True),
                         threading.Thread(target=self._read_errors, daemon=True)]
        for thread in self._threads:
            thread.start()

    def _read(self):
        for line in self.popen.stdout:
            event = json.loads(line)
            event["at"] = time.monotonic() - self.started
            self._queue.put(event)
        self._queue.put(None)

    def _read_errors(self):
        for line in self.popen.stderr:
            self._errors.append(line)

    @property
    def stderr(self):
        return "".join(self._errors)

    def wait_event(self, *names, timeout=30, where=lambda event: True):
        """The next event of one of these names; earlier ones are passed over, but kept."""
        deadline = time.monotonic() + timeout * PATIENCE
        while True:
            try:
                event = self._queue.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {names} within {timeout} s; so far {self.events}\n"
                                     f"{self.stderr}") from None
            if event is None:
                self._queue.put(None)
                raise AssertionError(f"ended without {names}: {self.events}\n{self.stderr}")
            self.events.append(event)
            if event["event"] in names and where(event):
                return event

    def wait(self, timeout=60):
        """The exit code; all events are then in self.events."""
        try:
            code = self.popen.wait(timeout=timeout * PATIENCE)
        except subprocess.TimeoutExpired:
            self._drain()
            raise AssertionError(f"does not end within {timeout} s: {self.popen.args}; the last "
                                 f"of {len(self.events)} events {self.events[-8:]}\n"
                                 f"{self.stderr[-2000:]}") from None
        for thread in self._threads:
            thread.join(timeout=5 * PATIENCE)
        self._drain()
        self.popen.stdout.close()
        self.popen.stderr.close()
        check_undefined(self.stderr)
        return code

    def _drain(self):
        while not self._queue.empty():
            event = self._queue.get()
            if event is not None:
                self.events.append(event)

    def interrupt(self):
        """As Ctrl+C does."""
        self.popen.send_signal(signal.SIGINT)

    def answer(self, line):
        self.popen.stdin.write(line + "\n")
        self.popen.stdin.flush()

    def find(self, name):
        return [event for event in self.events if event["event"] == name]

    def kill(self):
        if self.popen.poll() is None:
            self.popen.kill()
        self.wait()
        if self.popen.stdin is not None:
            self.popen.stdin.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.kill()


class Profile:
    """A throw-away profile with one account of a server."""

    def __init__(self, cli, server, user, resource=None, password="secret", prefix=(), port=None):
        self.cli = str(cli)
        self.prefix = list(prefix)
        self.server = server
        self.folder = tempfile.mkdtemp(prefix=f"ferry-{user}-")
        self.jid = f"{user}@{server.domain}"
        self.inbox = os.path.join(self.folder, "inbox")
        os.mkdir(self.inbox)
        self.env = dict(os.environ, FERRY_PASSWORD=password)
        if server.address.startswith("127."):
            self.env["FERRY_ALLOW_LOOPBACK"] = "1"
        # Not the server's own where a relay stands before it.
        port = port or server.port
        arguments = ["account", "add", self.jid, "--server", f"{server.address}:{port}",
                     "--pin", server.pin]
        if resource:
            arguments += ["--resource", resource]
        self.run(*arguments, check=True)

    def command(self, *arguments):
        return [*self.prefix, self.cli, "--profile", os.path.join(self.folder, "profile"), *arguments]

    def run(self, *arguments, check=False, timeout=60, **more):
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True,
                              env=self.env, timeout=timeout * PATIENCE, **more)
        check_undefined(done.stderr)
        if check and done.returncode != 0:
            raise AssertionError(f"{arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def start(self, *arguments, stdin=subprocess.DEVNULL):
        return Process(self.command("--json", *arguments), self.env, stdin)

    def receive(self, *arguments, count=1):
        process = self.start("receive", "--yes", "--dir", self.inbox, "--count", str(count),
                             *arguments)
        process.wait_event("connected", timeout=30)
        return process

    def ask(self, *arguments):
        """A receiver whose user is asked, and answers with Process.answer()."""
        process = self.start("receive", "--dir", self.inbox, *arguments, stdin=subprocess.PIPE)
        process.wait_event("connected", timeout=30)
        return process

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


def replace_key(profile):
    """As a device that was set up anew has one."""
    path = os.path.join(profile.folder, "profile", "secrets.json")
    with open(path, encoding="utf-8") as file:
        secrets = json.load(file)
    del secrets[f"identity:{profile.jid}"]
    with open(path, "w", encoding="utf-8") as file:
        json.dump(secrets, file)


def write_file(path, size, seed=1):
    """A file of known, incompressible content."""
    block = hashlib.shake_256(f"ferry {seed}".encode()).digest(min(size, SEED_BLOCK))
    with open(path, "wb") as file:
        left = size
        number = 0
        while left > 0:
            piece = block[:left]
            # Every block differs, so that one written to the wrong place is noticed.
            head = number.to_bytes(8, "big")[:len(piece)]
            file.write(head + piece[len(head):])
            left -= len(piece)
            number += 1


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def tree(folder):
    """What is in a folder: path to SHA-256, or to None for a folder."""
    found = {}
    for place, folders, files in os.walk(folder):
        for name in folders:
            found[os.path.relpath(os.path.join(place, name), folder)] = None
        for name in files:
            path = os.path.join(place, name)
            found[os.path.relpath(path, folder)] = sha256(path)
    return found


def zip_tree(path):
    """What is in an archive, as tree() tells it of a folder; it must be a sound one."""
    with (zipfile.ZipFile(path) as archive,
          tempfile.TemporaryDirectory(prefix="ferry-unzipped-") as place):
        archive.extractall(place)
        return tree(place)
