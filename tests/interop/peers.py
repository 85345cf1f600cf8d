# SPDX-License-Identifier: GPL-3.0-or-later
"""Real clients of other people, running without a human: what tests/interop talks to."""

import contextlib
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
START_TIMEOUT_S = 40


class Peer:
    """A client with a home of its own; commands go to its driver, events come back."""

    def __init__(self, server, user, extra_env=None):
        self.server = server
        self.jid = f"{user}@{server.domain}"
        self.folder = tempfile.mkdtemp(prefix=f"ferry-interop-{user}-")
        env = dict(os.environ, HOME=self.folder, GSETTINGS_BACKEND="memory", GIO_USE_VFS="local",
                   NO_AT_BRIDGE="1", GTK_A11Y="none", GDK_BACKEND="x11", GSK_RENDERER="cairo",
                   LC_ALL="C.UTF-8", XDG_RUNTIME_DIR=self.folder,
                   PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring",
                   # As its users run it: meson's fills freed memory, which libpurple reads.
                   MALLOC_PERTURB_="0", **(extra_env or {}))
        for name in ("CONFIG", "DATA", "CACHE", "STATE"):
            env[f"XDG_{name}_HOME"] = f"{self.folder}/{name.lower()}"
        self._env = env
        self._command = self.command()
        self.log = open(f"{self.folder}/log", "wb")
        self._start()

    def _start(self):
        self._events = queue.Queue()
        self.popen = subprocess.Popen(self._command, env=self._env, stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, stderr=self.log, text=True)
        threading.Thread(target=self._read, args=(self.popen, self._events),
                         daemon=True).start()
        try:
            self.wait_event("ready", START_TIMEOUT_S)
        except AssertionError:
            self.close()
            raise

    @staticmethod
    def _read(popen, events):
        with popen.stdout:
            for line in popen.stdout:
                if line.startswith('{"event"'):
                    events.put(json.loads(line))
        events.put({"event": "ended"})

    def tell(self, *words):
        self.popen.stdin.write(" ".join(map(str, words)) + "\n")
        self.popen.stdin.flush()

    def send(self, jid, path):
        self.tell("send", jid, path)

    def wait_event(self, name, timeout_s=30):
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                event = self._events.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                event = {"event": "silence"}
            if event["event"] == name:
                return event
            if event["event"] == "ended":
                self._events.put(event)  # for whoever asks next
            if event["event"] in ("ended", "silence"):
                text = Path(self.log.name).read_text(errors="replace")[-3000:]
                raise AssertionError(f"{self.jid}: {event['event']} instead of {name}\n{text}")

    def forget_events(self):
        """What an earlier test has left unheard."""
        while not self._events.empty():
            self._events.get()

    def kill(self):
        """As a crash would; restart() continues with what is on the disk."""
        self.popen.kill()
        self.popen.wait()
        with contextlib.suppress(BrokenPipeError):  # a command that it did not live to read
            self.popen.stdin.close()

    def restart(self):
        self._start()

    def restart_if_crashed(self):
        """Some of these programs crash now and then, which is no other test's business."""
        if self.popen.poll() is not None:
            print(f"{self.jid} had ended with {self.popen.returncode}; it is started again",
                  file=sys.stderr)
            self.kill()
            self.restart()

    def close(self):
        self.kill()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Dino(Peer):
    def __init__(self, server, user, contact):
        self.contact = contact
        super().__init__(server, user, {
            "LD_PRELOAD": os.environ["FERRY_DINO_DRIVER"], "DRIVER_JID": f"{user}@{server.domain}",
            "DRIVER_PASSWORD": "secret", "DRIVER_ADDRESS": server.address,
            "DRIVER_PORT": str(server.port)})

    def restart(self):
        self._env["DRIVER_RESTARTED"] = "1"
        super().restart()

    def _start(self):
        super()._start()
        # Dino ignores the offers of whom it has no conversation with.
        self.tell("open", self.contact)
        self.wait_event("opened")

    def command(self):
        return ["dino-im", "--gapplication-service"]


class Gajim(Peer):
    def __init__(self, server, user, mended):
        self.mended = mended
        super().__init__(server, user)

    def command(self):
        return ["/usr/bin/python3", str(HERE / "gajim-driver.py"), "--dir", self.folder,
                "--jid", self.jid, "--password", "secret", "--address", self.server.address,
                "--port", str(self.server.port), "--cert", self.server.values["CERT"],
                *(["--mend"] if self.mended else [])]
