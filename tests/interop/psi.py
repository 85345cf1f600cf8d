# SPDX-License-Identifier: GPL-3.0-or-later
"""The real Psi and Psi+, running without a human: psi-driver.so is preloaded into them."""

import os
import shutil
import socket
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

from peers import Peer

DOCUMENT = '<!DOCTYPE {0}><{0} xmlns="http://psi-im.org/options" version="1.5">{1}</{0}>'


def free_port():
    with socket.socket() as sock:
        sock.bind(("", 0))
        return sock.getsockname()[1]


def to_xml(values):
    """Psi's settings: a dict is a group, each value says of which type it is."""
    text = ""
    for name, value in values.items():
        if isinstance(value, dict):
            text += f"<{name}>{to_xml(value)}</{name}>"
        else:
            kind = {bool: "bool", int: "int", str: "QString"}[type(value)]
            plain = str(value).lower() if kind == "bool" else escape(str(value))
            text += f'<{name} type="{kind}">{plain}</{name}>'
    return text


def obscure(password, jid):
    """As Psi stores a password: each letter XOR one of the address, as four hex digits."""
    return "".join(f"{ord(letter) ^ ord(jid[i % len(jid)]):04x}" for i, letter in enumerate(password))


class Psi(Peer):
    """@relay: the JID of the proxy that it offers; @listens: whether others can reach it."""

    PROGRAM = "psi"

    def __init__(self, server, user, relay="", inband_only=False, listens=True):
        self.relay = relay
        self.inband_only = inband_only
        self.port = free_port() if listens else 0
        self.inbox = tempfile.mkdtemp(prefix="ferry-interop-inbox-")
        super().__init__(server, user, {"LD_PRELOAD": os.environ["FERRY_PSI_DRIVER"],
                                        "DRIVER_INBOX": self.inbox})

    def command(self):
        folder = Path(self.folder) / "psi"
        profile = folder / "profiles" / "test"
        profile.mkdir(parents=True)
        (folder / "psirc").write_text("[General]\nlast_profile=test\nauto_open=true\n")
        account = to_xml({"accounts": {"a0": {
            "id": "{test}", "name": "test", "enabled": True, "auto": True, "reconn": False,
            "jid": self.jid, "password": obscure("secret", self.jid), "resource": self.PROGRAM,
            "automatic-resource": False, "use-host": True, "host": self.server.address,
            "port": self.server.port, "ssl": "yes", "bytestreams-proxy": self.relay,
            "ibb-only": self.inband_only}}})
        order = '<order type="QStringList"><item>{test}</item></order>'
        (profile / "accounts.xml").write_text(DOCUMENT.format("accounts", account + order))
        (profile / "options.xml").write_text(DOCUMENT.format("psi", to_xml({"options": {
            "p2p": {"bytestreams": {"listen-port": self.port}},
            "keychain": {"enabled": False},
            "ui": {
                "file-transfer": {"auto-popup": True},
                "contactlist": {"show": {"offline-contacts": True}},
                "notifications": {"sounds": {"enable": False},
                                  "passive-popups": {"enabled": False}},
                "tip": {"show": False}}}})))
        # What it trusts without asking.
        (folder / "certs").mkdir()
        shutil.copy(self.server.values["CERT"], folder / "certs")
        return ["env", f"PSIDATADIR={folder}", self.PROGRAM, "--profile=test"]

    def close(self):
        super().close()
        shutil.rmtree(self.inbox, ignore_errors=True)


class PsiPlus(Psi):
    PROGRAM = "psi-plus"
