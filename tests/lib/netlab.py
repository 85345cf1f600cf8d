# SPDX-License-Identifier: GPL-3.0-or-later
"""A small internet of its own: two hosts, each behind a router that can drop, refuse or translate.

    alice 10.91.1.2 ── router 10.92.1.2 ──┐
                                          hub (server and relay on 10.91.0.1)
    bob   10.91.2.2 ── router 10.92.2.2 ──┘

Needs root (or a user namespace), iproute2 and nftables.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

SERVER_ADDRESS = "10.91.0.1"
HOSTS = {"alice": 1, "bob": 2}
HOMES = "{ 10.91.1.0/24, 10.91.2.0/24 }"


def call(*command, **more):
    subprocess.run(command, check=True, **more)


def missing():
    """What keeps the lab from working here, or None."""
    for program in ("ip", "nft"):
        if shutil.which(program) is None and not os.path.exists(f"/usr/sbin/{program}"):
            return f"the program {program}"
    if os.geteuid() != 0:
        return "root, for network namespaces"
    probe = f"ferry-probe-{os.getpid()}"
    done = subprocess.run(["ip", "netns", "add", probe], capture_output=True, text=True)
    if done.returncode == 0:
        # In a chroot whose root is no mount point they can be made, but not entered.
        done = subprocess.run(["ip", "netns", "exec", probe, "true"], capture_output=True, text=True)
        call("ip", "netns", "del", probe)
    return f"network namespaces ({done.stderr.strip()})" if done.returncode != 0 else None


class Network:
    def __init__(self):
        self.tag = f"ferry{os.getpid()}"
        self.places = ["hub", *HOSTS, *(f"{host}-router" for host in HOSTS)]
        try:
            self._build()
        except BaseException:
            self.close()
            raise

    def _build(self):
        for place in self.places:
            call("ip", "netns", "add", f"{self.tag}-{place}")
            self.inside(place, "ip", "link", "set", "lo", "up")
            self.inside(place, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        self.inside("hub", "ip", "addr", "add", f"{SERVER_ADDRESS}/32", "dev", "lo")
        for host, number in HOSTS.items():
            router = f"{host}-router"
            self._join("hub", host, f"10.92.{number}.1", router, "wan", f"10.92.{number}.2")
            self._join(router, "lan", f"10.91.{number}.1", host, "net0", f"10.91.{number}.2")
            self.inside("hub", "ip", "route", "add", f"10.91.{number}.0/24", "via",
                        f"10.92.{number}.2")
            self.inside(router, "ip", "route", "add", "default", "via", f"10.92.{number}.1")
            self.inside(host, "ip", "route", "add", "default", "via", f"10.91.{number}.1")

    def _join(self, near, near_link, near_address, far, far_link, far_address):
        call("ip", "link", "add", near_link, "netns", f"{self.tag}-{near}", "type", "veth",
             "peer", "name", far_link, "netns", f"{self.tag}-{far}")
        for place, link, address in ((near, near_link, near_address), (far, far_link, far_address)):
            self.inside(place, "ip", "addr", "add", f"{address}/24", "dev", link)
            self.inside(place, "ip", "link", "set", link, "up")

    def prefix(self, place):
        """What to put before a command so that it runs at @place."""
        return ["ip", "netns", "exec", f"{self.tag}-{place}"]

    def inside(self, place, *command, **more):
        call(*self.prefix(place), *command, **more)

    def _rule(self, place, *lines):
        self.inside(place, "nft", "-f", "-", input="\n".join(["flush ruleset", *lines]), text=True)

    def rule(self, forward=(), incoming=(), redirect=(), nat=None):
        """Replaces all rules. Of the hub: for what passes through it, for what it serves, and what
        it takes for itself. @nat: "drop" or "reject": both homes are hidden behind one address, and
        this is done with what nobody there has asked for."""
        hidden = []
        for host in HOSTS:
            self._rule(f"{host}-router", *([] if nat is None else [
                "table ip lab {",
                "chain postrouting { type nat hook postrouting priority 100;",
                'oifname "wan" masquerade', "}",
                "chain forward { type filter hook forward priority 0;",
                "ct state established,related accept", f'iifname "wan" {nat}', "}", "}"]))
        if nat is not None:
            # Nobody outside knows the way to a home.
            hidden = [f"ip daddr {HOMES} {nat}"]
        self._rule("hub", "table ip lab {",
                   "chain prerouting { type nat hook prerouting priority -100;", *redirect, "}",
                   "chain forward { type filter hook forward priority 0;",
                   "ct state established,related accept", *hidden, *forward, "}",
                   "chain input { type filter hook input priority 0;",
                   "ct state established,related accept", *incoming, "}", "}")

    def shape(self, host, megabits):
        """The speed of a host's uplink."""
        self.inside(host, "tc", "qdisc", "replace", "dev", "net0", "root", "tbf", "rate",
                    f"{megabits}mbit", "burst", "256kb", "latency", "100ms")

    def set_link(self, host, is_up):
        """As when a cable is drawn: the routes go with it."""
        self.inside(host, "ip", "link", "set", "net0", "up" if is_up else "down")
        if is_up:
            self.inside(host, "ip", "route", "replace", "default", "via", f"10.91.{HOSTS[host]}.1")

    def get_sent_bytes(self, host):
        """What has left the host by its network card so far, headers and all."""
        done = subprocess.run([*self.prefix(host), "ip", "-s", "-j", "link", "show", "net0"],
                              check=True, capture_output=True, text=True)
        return json.loads(done.stdout)[0]["stats64"]["tx"]["bytes"]

    def reset_connections(self, place, ports, are_excepted=False):
        """Ends the TCP connections of @ports at this place, or all others, with RST."""
        each = "neq" if are_excepted else "eq"
        join = " and " if are_excepted else " or "
        self.inside(place, "ss", "-K", "-t", "-n", "state", "established", "( " + join.join(
            f"{side} {each} :{port}" for port in ports for side in ("sport", "dport")) + " )",
            stdout=subprocess.DEVNULL)

    @contextlib.contextmanager
    def odd_host(self, manner):
        """A process at the hub that answers oddly (odd_host.py); its port."""
        with subprocess.Popen([*self.prefix("hub"), sys.executable,
                               Path(__file__).with_name("odd_host.py"), manner],
                              stdout=subprocess.PIPE, text=True) as process:
            try:
                yield int(process.stdout.readline())
            finally:
                process.kill()

    def close(self):
        for place in self.places:
            subprocess.run(["ip", "netns", "del", f"{self.tag}-{place}"], capture_output=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
