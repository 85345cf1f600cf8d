# SPDX-License-Identifier: GPL-3.0-or-later
"""A small network of its own: two hosts, each behind a router that can drop or refuse what we say.

    alice 10.91.1.2 ── hub (server and relay on 10.91.0.1) ── bob 10.91.2.2

Needs root (or a user namespace), iproute2 and nftables.
"""

import os
import shutil
import subprocess

SERVER_ADDRESS = "10.91.0.1"
HOSTS = {"alice": "10.91.1", "bob": "10.91.2"}


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
        self.hub = f"{self.tag}-hub"
        call("ip", "netns", "add", self.hub)
        self.inside("hub", "ip", "link", "set", "lo", "up")
        self.inside("hub", "ip", "addr", "add", f"{SERVER_ADDRESS}/32", "dev", "lo")
        self.inside("hub", "sysctl", "-qw", "net.ipv4.ip_forward=1")
        for number, (host, subnet) in enumerate(HOSTS.items()):
            name = f"{self.tag}-{host}"
            ours, theirs = f"fv{os.getpid() % 100000}{number}h", f"fv{os.getpid() % 100000}{number}c"
            call("ip", "netns", "add", name)
            call("ip", "link", "add", ours, "netns", self.hub, "type", "veth", "peer", "name",
                 theirs, "netns", name)
            self.inside("hub", "ip", "link", "set", ours, "name", host)
            self.inside("hub", "ip", "addr", "add", f"{subnet}.1/24", "dev", host)
            self.inside("hub", "ip", "link", "set", host, "up")
            self.inside(host, "ip", "link", "set", "lo", "up")
            self.inside(host, "ip", "link", "set", theirs, "name", "net0")
            self.inside(host, "ip", "addr", "add", f"{subnet}.2/24", "dev", "net0")
            self.inside(host, "ip", "link", "set", "net0", "up")
            self.inside(host, "ip", "route", "add", "default", "via", f"{subnet}.1")

    def prefix(self, host):
        """What to put before a command so that it runs on @host."""
        return ["ip", "netns", "exec", f"{self.tag}-{host}"]

    def inside(self, host, *command, **more):
        call(*self.prefix(host), *command, **more)

    def filter(self, forward=(), incoming=()):
        """Replaces the rules of the router: for what passes through it, and for what it serves."""
        rules = ["flush ruleset", "table inet lab {",
                 "chain forward { type filter hook forward priority 0;",
                 "ct state established,related accept", *forward, "}",
                 "chain input { type filter hook input priority 0;",
                 "ct state established,related accept", *incoming, "}", "}"]
        self.inside("hub", "nft", "-f", "-", input="\n".join(rules), text=True)

    def close(self):
        for host in ("hub", *HOSTS):
            subprocess.run(["ip", "netns", "del", f"{self.tag}-{host}"], capture_output=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
