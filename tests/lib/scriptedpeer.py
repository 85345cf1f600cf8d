# SPDX-License-Identifier: GPL-3.0-or-later
"""An XMPP client that says only what a test tells it to say."""

import base64
import contextlib
import socket
import ssl
import threading
import uuid
import xml.etree.ElementTree as ET
from xml.sax.saxutils import quoteattr

CLIENT = "{jabber:client}"
STREAM = "{http://etherx.jabber.org/streams}"
TIMEOUT_S = 60


class ScriptedPeer:
    """Signs in as @user; it shows no presence of its own accord. Each request goes to a method of
    a subclass, in a thread of its own, in the order in which they come."""

    def __init__(self, server, user, password="secret", resource="dumb"):
        self.jid = f"{user}@{server.domain}/{resource}"
        self._domain = server.domain
        self._sock = socket.create_connection((server.address, server.port), TIMEOUT_S)
        self._parser = None
        self._open_stream()
        self._send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        self._read()
        context = ssl.create_default_context(cafile=server.values["CERT"])
        self._sock = context.wrap_socket(self._sock, server_hostname=server.domain)
        self._open_stream()
        secret = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        self._send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>"
                   f"{secret}</auth>")
        self._read()
        self._open_stream()
        self._send("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                   f"<resource>{resource}</resource></bind></iq>")
        bound = self._read()
        if bound is None or bound.get("type") != "result":
            raise RuntimeError("no session")
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _send(self, text):
        self._sock.sendall(text.encode())

    def _open_stream(self):
        self._parser = ET.XMLPullParser(("start", "end"))
        self._send(f"<?xml version='1.0'?><stream:stream to={quoteattr(self._domain)} "
                   "version='1.0' xmlns='jabber:client' "
                   "xmlns:stream='http://etherx.jabber.org/streams'>")
        self._depth = 0
        if self._read().tag != f"{STREAM}features":
            raise RuntimeError("no stream")

    def _read(self):
        """The next child of the stream; None at its end."""
        while True:
            for event, element in self._parser.read_events():
                self._depth += 1 if event == "start" else -1
                if event == "end" and self._depth == 1:
                    return element
            try:
                data = self._sock.recv(65536)
            except OSError:
                data = b""
            if not data:
                return None
            self._parser.feed(data)

    def _run(self):
        while (stanza := self._read()) is not None:
            if stanza.tag == f"{CLIENT}iq" and stanza.get("type") in ("get", "set"):
                self.answer(stanza, stanza[0])

    # For subclasses and tests.

    def come(self):
        """It becomes available, and says nothing about itself unless it is asked."""
        self._send("<presence/>")

    def request(self, to, payload):
        self._send(f"<iq type='set' id='{uuid.uuid4().hex}' to={quoteattr(to)}>{payload}</iq>")

    def answer(self, iq, payload):
        """A request has come: reply() or refuse()."""
        self.refuse(iq)

    def reply(self, iq, payload=""):
        self._send(f"<iq type='result' id={quoteattr(iq.get('id'))} "
                   f"to={quoteattr(iq.get('from'))}>{payload}</iq>")

    def refuse(self, iq, kind="cancel", condition="service-unavailable"):
        self._send(f"<iq type='error' id={quoteattr(iq.get('id'))} "
                   f"to={quoteattr(iq.get('from'))}><error type='{kind}'>"
                   f"<{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")

    def close(self):
        with contextlib.suppress(OSError):
            self._send("</stream:stream>")
            # That of SSLSocket would let the thread read what is encrypted.
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)
        self._thread.join()
        self._sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
