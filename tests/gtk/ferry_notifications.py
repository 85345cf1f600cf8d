# SPDX-License-Identifier: GPL-3.0-or-later
"""A desktop's notification service, as far as a program can tell."""

import threading

from gi.repository import Gio, GLib

from ferry_display import wait_for

NAME = 'org.freedesktop.Notifications'
PATH = '/org/freedesktop/Notifications'
INTERFACE = '''
<node><interface name="org.freedesktop.Notifications">
  <method name="GetCapabilities"><arg type="as" direction="out"/></method>
  <method name="GetServerInformation">
    <arg type="s" direction="out"/><arg type="s" direction="out"/>
    <arg type="s" direction="out"/><arg type="s" direction="out"/>
  </method>
  <method name="Notify">
    <arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
    <arg type="a{sv}" direction="in"/><arg type="i" direction="in"/>
    <arg type="u" direction="out"/>
  </method>
  <method name="CloseNotification"><arg type="u" direction="in"/></method>
  <signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
  <signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
</interface></node>
'''


class Notification:
    def __init__(self, number, title, body, actions):
        self.number = number
        self.title = title
        self.body = body
        # What stands on a button, and what it stands for.
        self.buttons = dict(zip(actions[1::2], actions[::2]))


class NotificationServer:
    """Keeps what it was asked to show, and presses the buttons; answers in a thread of its own."""

    def __init__(self):
        self.showing = {}
        self.count = 0
        self._context = GLib.MainContext()
        self._loop = GLib.MainLoop(self._context)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait(10)

    def _run(self):
        self._context.push_thread_default()
        address = Gio.dbus_address_get_for_bus_sync(Gio.BusType.SESSION, None)
        self._bus = Gio.DBusConnection.new_for_address_sync(
            address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        info = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0]
        self._bus.register_object(PATH, info, self._on_call, None, None)
        Gio.bus_own_name_on_connection(self._bus, NAME, Gio.BusNameOwnerFlags.NONE,
                                       lambda *unused: self._ready.set(), None)
        self._loop.run()
        self._context.pop_thread_default()

    def _on_call(self, bus, sender, path, interface, method, parameters, invocation):
        arguments = parameters.unpack()
        if method == 'Notify':
            self.count += 1
            number = arguments[1] or self.count
            self.showing[number] = Notification(number, arguments[3], arguments[4], arguments[5])
            invocation.return_value(GLib.Variant('(u)', (number,)))
        elif method == 'CloseNotification':
            self.showing.pop(arguments[0], None)
            invocation.return_value(None)
        elif method == 'GetCapabilities':
            invocation.return_value(GLib.Variant('(as)', (['actions', 'body'],)))
        else:
            invocation.return_value(GLib.Variant('(ssss)', ('fake', 'Ferry', '1', '1.2')))

    def find(self, text, seconds):
        """The notification whose title has that text."""
        return wait_for(f'a notification “{text}”; there are '
                        f'{[item.title for item in self.showing.values()]}',
                        lambda: next((item for item in list(self.showing.values())
                                      if text in item.title), None), seconds)

    def wait_gone(self, text):
        wait_for(f'no notification “{text}”', lambda: not any(
            text in item.title for item in list(self.showing.values())))

    def press(self, notification, button):
        """As everywhere, a notification whose button was pressed goes."""
        self.showing.pop(notification.number, None)
        self._bus.emit_signal(None, PATH, NAME, 'ActionInvoked', GLib.Variant(
            '(us)', (notification.number, notification.buttons[button])))

    def close(self):
        self._loop.quit()
        self._thread.join()
        self._bus.close_sync(None)
