#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives a real Gajim without a human: imports the installed program and runs it.

    gajim-driver.py --dir DIR --jid JID --password P --address A --port N --cert FILE [--mend]

Standard input: "send JID PATH". Standard output: {"event": …} a line. Gajim 1.4 to 1.9 throw an
internal error on every Jingle offer; --mend keeps them from that, so that they receive.
"""
import argparse
import json
import os
import sys
import threading

from gajim import gajim as launcher

parser = argparse.ArgumentParser()
for name in ("dir", "jid", "password", "address", "port", "cert"):
    parser.add_argument(f"--{name}", required=True)
parser.add_argument("--mend", action="store_true")
options = parser.parse_args()

# main() of Gajim refuses to run as root; the parts it calls do not.
launcher._check_required_deps()
launcher._set_env_vars()
launcher._init_gtk()
# Gajim shows errors in a window; here they belong to the output of the test.
sys.excepthook = sys.__excepthook__

from gi.repository import Gio, GLib  # noqa: E402
from gajim.common import app, ged, jingle_ft  # noqa: E402
from gajim.common.application import CoreApplication  # noqa: E402
from gajim.common.file_props import FilesProp  # noqa: E402
from gajim.common.settings import Settings  # noqa: E402
from nbxmpp.namespaces import Namespace  # noqa: E402
from nbxmpp.structs import IBBData  # noqa: E402

ACCOUNT = "test"
POLL_MS = 50
# How often the contact's presence may fail to bring what it can do, before we ask ourselves.
ASK_AFTER = 20


def tell(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


def mend():
    """What 1.3 did: a content has a record of its file, and the record is found again."""
    real_init, new_prop = jingle_ft.JingleFileTransfer.__init__, FilesProp.getNewFileProp

    def init(self, session, file_props=None, transport=None, senders=None):
        if file_props is None:
            file_props = FilesProp.getNewFileProp(session.connection.name, session.sid)
        real_init(self, session, file_props, transport, senders)

    jingle_ft.JingleFileTransfer.__init__ = init
    FilesProp.getNewFileProp = classmethod(
        lambda cls, account, sid: cls.getFileProp(account, sid) or new_prop(account, sid))
    # nbxmpp 4.2 cannot build its record of an in-band <open/> without these.
    IBBData.__new__.__defaults__ = (None,) * (len(IBBData._fields) - 1)


def add_account(settings):
    local, domain = options.jid.split("@")
    if ACCOUNT in settings.get_accounts():
        return  # it was here before
    settings.add_account(ACCOUNT)
    for key, value in {
            "name": local, "hostname": domain, "active": True, "autoconnect": True,
            "savepass": True, "password": options.password, "resource": "gajim",
            "use_custom_host": True, "custom_host": options.address,
            "custom_port": int(options.port), "custom_type": "START TLS",
            "use_ft_proxies": True, "test_ft_proxies_on_startup": False,
            "ft_send_local_ips": True}.items():
        settings.set_account_setting(ACCOUNT, key, value)
    for key, value in {
            "use_keyring": False, "file_transfers_port": 0, "check_for_update": False,
            "plugins_update_check": False, "show_main_window_on_startup": "never",
            "notify_on_file_complete": False, "autoaway": False, "autoxa": False,
            "sounds_on": False}.items():
        settings.set_app_setting(key, value)


real_settings_init = Settings.init
real_init_core = CoreApplication._init_core


def init_settings(self):
    real_settings_init(self)
    add_account(self)


def init_core(self):
    real_init_core(self)
    app.cert_store._certs.append(Gio.TlsCertificate.new_from_file(options.cert))
    register = app.ged.register_event_handler
    register("signed-in", ged.GUI2, on_signed_in)
    register("file-request-received", ged.GUI2, on_offer)
    register("file-completed", ged.GUI2, on_completed)


def on_signed_in(_event):
    tell("ready")
    # A thread: Gajim removes sources of the main loop by number, also those of others.
    threading.Thread(target=read_commands, daemon=True).start()


def on_offer(event):
    path = os.path.join(options.dir, os.path.basename(event.file_props.name))
    contact = app.get_client(ACCOUNT).get_module("Contacts").get_contact(event.jid)
    window = app.interface.instances["file_transfers"]
    GLib.idle_add(window._start_receive, path, ACCOUNT, contact, event.file_props)


def on_completed(event):
    if event.file_props.type_ == "r":
        tell("received", path=event.file_props.file_name)


def on_disco(task):
    app.storage.cache.set_last_disco_info(task.get_user_data(), task.finish(), cache_only=True)


def send_when_able(jid, path, tries):
    client = app.get_client(ACCOUNT)
    contact = client.get_module("Contacts").get_contact(jid)
    for device in contact.iter_resources():
        if device.supports(Namespace.JINGLE_FILE_TRANSFER_5):
            app.interface.instances["file_transfers"].send_file(
                ACCOUNT, contact, device.jid, path)
            return False
        # Gajim loses the question for a contact that was there when it signed in.
        if tries == ASK_AFTER:
            client.get_module("Discovery").disco_info(
                device.jid, callback=on_disco, user_data=device.jid)
    GLib.timeout_add(POLL_MS, send_when_able, jid, path, tries + 1)
    return False


def read_commands():
    for line in sys.stdin:
        _verb, jid, path = line.rstrip("\n").split(" ", 2)
        GLib.idle_add(send_when_able, jid, path, 0)
    os._exit(0)


if options.mend:
    mend()
Settings.init = init_settings
CoreApplication._init_core = init_core
sys.argv = ["gajim", "--config-path", os.path.join(options.dir, "profile"), "--separate"]
launcher._run_app()
