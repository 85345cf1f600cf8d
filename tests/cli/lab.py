#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`./dev lab`: which way a file goes, and after how long, when networks are as they are: hosts, routers
and a relay in network namespaces, the real ferry-cli and a real server in them."""

import argparse
import contextlib
import os
import sys
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

import netlab  # noqa: E402
from ferrylab import Profile, Server, sha256, write_file  # noqa: E402

SIZE = 20000

# What the sender is told to do. Without the route "fast" it offers no fast mode.
SIGNALLINGS = {
    "SI": ("--via", "si", "--route", "direct,proxy,inband"),
    "SI, fast": ("--via", "si"),
    "Jingle": ("--via", "jingle"),
}

# Seconds from the receiver's yes to the first byte of the file.
LIMITS = {"direct": 1, "fast": 1, "proxy": 3, "inband": 25}


class Situation(NamedTuple):
    name: str
    best: tuple  # the route by SI, by SI with fast mode, by Jingle; "|" where two are as good
    nat: str = None
    forward: tuple = ()
    relay: str = "fine"  # "none", "refuse", "drop", "silent", "lying" or "dribble"
    hosts: str = "fine"  # or "dribble"
    first_address: str = "fine"  # or "drop": what the hosts think is their best address leads nowhere


FROM_ALICE = 'iifname "alice" oifname "bob"'
FROM_BOB = 'iifname "bob" oifname "alice"'
DIRECT = ("direct", "direct|fast", "direct")
PROXY = ("proxy",) * 3
INBAND = ("inband",) * 3

SITUATIONS = [
    Situation("both reachable", DIRECT),
    Situation("only the sender reachable", ("direct",) * 3, forward=(f"{FROM_ALICE} ct state new drop",)),
    Situation("only the receiver reachable", ("proxy", "fast", "direct"),
              forward=(f"{FROM_BOB} ct state new drop",)),
    Situation("only the receiver reachable, no relay", ("inband", "fast", "direct"),
              forward=(f"{FROM_BOB} ct state new drop",), relay="none"),
    Situation("both behind NAT, a relay outside", PROXY, nat="reject"),
    Situation("both behind NAT, a relay outside, packets dropped", PROXY, nat="drop"),
    Situation("both behind NAT, no relay", INBAND, nat="reject", relay="none"),
    Situation("both behind NAT, no relay, packets dropped", INBAND, nat="drop", relay="none"),
    Situation("both behind NAT, relay refuses", INBAND, nat="reject", relay="refuse"),
    Situation("both behind NAT, relay out of reach, packets dropped", INBAND, nat="drop", relay="drop"),
    Situation("both behind NAT, relay silent", INBAND, nat="drop", relay="silent"),
    Situation("both behind NAT, relay lies", INBAND, nat="reject", relay="lying"),
    Situation("both reachable, relay silent", DIRECT, relay="silent"),
    Situation("both behind NAT, relay dribbles", PROXY, nat="reject", relay="dribble"),
    Situation("both reachable, hosts dribble", DIRECT, hosts="dribble"),
    Situation("first streamhost unreachable", DIRECT, first_address="drop"),
]


class Outcome(NamedTuple):
    route: str
    seconds: float
    error: str


class Lab:
    """The network with two servers: one has a relay, the other has none."""

    def __init__(self, cli):
        with contextlib.ExitStack() as stack:
            self.network = stack.enter_context(netlab.Network())
            self.odd_ports = {manner: stack.enter_context(self.network.odd_host(manner))
                              for manner in ("silent", "lying", "dribble")}
            self.worlds = {}
            for has_relay in (True, False):
                server = stack.enter_context(
                    Server(*([] if has_relay else ["--no-proxy"]), address=netlab.SERVER_ADDRESS,
                           prefix=self.network.prefix("hub")))
                self.worlds[has_relay] = (server, *(
                    stack.enter_context(Profile(cli, server, host, prefix=self.network.prefix(host)))
                    for host in netlab.HOSTS))
            self.path = os.path.join(self.worlds[True][1].folder, "file.bin")
            write_file(self.path, SIZE)
            self.stack = stack.pop_all()

    def arrange(self, situation):
        forward, incoming, redirect = list(situation.forward), [], []
        relay = f'tcp dport {self.worlds[True][0].values["PROXY_PORT"]}'
        if situation.relay == "refuse":
            incoming.append(f"{relay} reject with tcp reset")
        elif situation.relay == "drop":
            incoming.append(f"{relay} drop")
        elif situation.relay in self.odd_ports:
            redirect.append(f'iifname {{ "alice", "bob" }} {relay} redirect to '
                            f":{self.odd_ports[situation.relay]}")
        if situation.hosts in self.odd_ports:
            redirect.append(f"ip daddr {netlab.HOMES} meta l4proto tcp redirect to "
                            f":{self.odd_ports[situation.hosts]}")
        if situation.first_address == "drop":
            forward.append("ip daddr { 10.91.1.2, 10.91.2.2 } ct state new drop")
        for host, number in netlab.HOSTS.items():
            verb = "replace" if situation.first_address == "drop" else "del"
            self.network.inside(host, "sh", "-c", f"ip addr {verb} 10.91.{number}.3/24 dev net0 "
                                                  "2>/dev/null || true")
        self.network.rule(forward, incoming, redirect, situation.nat)

    def measure(self, situation, signalling):
        """One file from Alice to Bob."""
        self.arrange(situation)
        _, alice, bob = self.worlds[situation.relay != "none"]
        with bob.receive() as receiver, \
                alice.start("send", self.path, "--to", bob.jid, "--timeout", "60",
                            *SIGNALLINGS[signalling]) as sender:
            if sender.wait(90) != 0:
                return Outcome("none", 0, f"{sender.events[-1]}\n{sender.stderr}")
            if receiver.wait() != 0:
                return Outcome("none", 0, f"{receiver.events[-1]}\n{receiver.stderr}")
        accepted, done = receiver.find("accepted")[0], receiver.find("done")[0]
        first = next(event for event in receiver.events if event.get("bytes", 0) > 0)
        is_equal = sha256(done["path"]) == sha256(self.path)
        os.unlink(done["path"])
        return Outcome(done["route"], first["at"] - accepted["at"],
                       None if is_equal else "the file arrived changed")

    def judge(self, situation, signalling, outcome, patience):
        """What is wrong with it, or None."""
        best = situation.best[list(SIGNALLINGS).index(signalling)]
        if outcome.error is not None:
            return outcome.error
        if outcome.route not in best.split("|"):
            return f"the best way is {best}"
        limit_s = LIMITS[outcome.route] * patience
        return f"{limit_s:g} s are too many" if outcome.seconds >= limit_s else None

    def close(self):
        self.stack.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cli", required=True)
    parser.add_argument("--patience", type=float, default=1, metavar="FACTOR",
                        help="for a busy machine: all time limits are multiplied by it")
    options = parser.parse_args()
    lacking = netlab.missing()
    if lacking is not None:
        print(f"skipped: the network lab lacks {lacking}")
        return 77

    problems = []
    print(f"{'':<53}" + "".join(f"{name:<20}" for name in SIGNALLINGS))
    with Lab(options.cli) as lab:
        for situation in SITUATIONS:
            print(f"{situation.name:<53}", end="", flush=True)
            for signalling in SIGNALLINGS:
                outcome = lab.measure(situation, signalling)
                problem = lab.judge(situation, signalling, outcome, options.patience)
                if problem is not None:
                    problems.append(f"{situation.name}, {signalling}: {problem}")
                print(f"{outcome.route:<7}{outcome.seconds:6.2f} s {'✓' if problem is None else '✗':<4}",
                      end="", flush=True)
            print()
    print("\n".join(problems) if problems else
          "Each took the best way there is; the seconds are those to the first byte.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
