# SPDX-License-Identifier: GPL-3.0-or-later
"""An XMPP client that says only what a test tells it to say."""

import base64
import contextlib
import queue
import select
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
        self._asked = {}  # id → queue for the answer
        self._sending = threading.Lock()  # of one stanza after the other
        self._inside = threading.Lock()  # of SSL, which is for one thread at a time
        self._sock = socket.create_connection((server.address, server.port), TIMEOUT_S)
        self._parser = None
        self._open_stream()
        self._send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        self._read()
        context = ssl.create_default_context(cafile=server.values["CERT"])
        self._sock = context.wrap_socket(self._sock, server_hostname=server.domain)
        self._sock.setblocking(False)
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
        data = text.encode()
        with self._sending:
            while data:
                try:
                    with self._inside:
                        data = data[self._sock.send(data):]
                except ssl.SSLWantWriteError:
                    select.select([], [self._sock], [])

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
            data = self._receive()
            if not data:
                return None
            self._parser.feed(data)

    def _receive(self):
        while True:
            try:
                with self._inside:
                    return self._sock.recv(65536)
            except ssl.SSLWantReadError:
                select.select([self._sock], [], [])
            except OSError:
                return b""

    def _run(self):
        with contextlib.suppress(OSError):  # it may be closed while it answers
            while (stanza := self._read()) is not None:
                if stanza.tag == f"{CLIENT}iq":
                    self._take(stanza)

    def _take(self, iq):
        if iq.get("type") in ("get", "set"):
            self.answer(iq, iq[0])
        elif iq.get("id") in self._asked:
            self._asked.pop(iq.get("id")).put(iq)

    # For subclasses and tests.

    def come(self):
        """It becomes available, and says nothing about itself unless it is asked."""
        self._send("<presence/>")

    def request(self, to, payload):
        """Returns a queue into which the answer comes."""
        number = uuid.uuid4().hex
        answer = self._asked[number] = queue.Queue()
        self._send(f"<iq type='set' id='{number}' to={quoteattr(to)}>{payload}</iq>")
        return answer

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
