# SPDX-License-Identifier: GPL-3.0-or-later
"""Driving the window from outside: through the accessibility bus, the keyboard and the pointer."""

import os
import shutil
import subprocess
import tempfile
import time

import gi

gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, GLib  # noqa: E402

# How much longer than elsewhere everything may take.
PATIENCE = max(1.0, float(os.environ.get('FERRY_TEST_PATIENCE', '1')))
TIMEOUT = 15
# A program that is new in memory, on a machine that compiles meanwhile.
START_TIMEOUT = 30
# The usual 0.8 s are not enough to load a file chooser in a busy program.
Atspi.set_timeout(int(5000 * PATIENCE), int(START_TIMEOUT * 1000 * PATIENCE))


class NotFound(AssertionError):
    pass


def wait_for(what, function, seconds=TIMEOUT):
    """Asks function() until it says something; fails with `what` after `seconds`."""
    deadline = time.monotonic() + seconds * PATIENCE
    while True:
        try:
            result = function()
        except GLib.Error:  # a widget went away while it was looked at
            result = None
        if result:
            return result
        if time.monotonic() > deadline:
            raise NotFound(f'not within {seconds} s: {what}')
        time.sleep(0.05)


def xdotool(*arguments):
    return subprocess.run(['xdotool', *map(str, arguments)], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def walk(node):
    """The node and everything below it."""
    yield node
    for index in range(node.get_child_count()):
        child = node.get_child_at_index(index)
        if child is not None:
            yield from walk(child)


def find_all(node, role):
    """Everything of that role in view, below the node."""
    return [found for found in walk(node) if found.get_role() == role and has_place(found)]


def without_marks(text):
    """As one hears it: without the marks that isolate names of others."""
    return text.translate({0x2068: None, 0x2069: None})


def said(node):
    """The name of a widget as one hears it."""
    return without_marks(node.get_name() or '')


def has_state(node, state):
    return node.get_state_set().contains(state)


def has_place(node):
    """Was the widget ever given a place in the window? GTK 4.8 sets SHOWING on windows only, but
    what stands on a page that was not opened yet has no size."""
    if not has_state(node, Atspi.StateType.VISIBLE):
        return False
    box = Atspi.Component.get_extents(node, Atspi.CoordType.WINDOW)
    return box.width > 0 and box.height > 0


# What libraries complain of that is no fault of the program.
KNOWN_COMPLAINTS = (
    # libadwaita 1.2's view switcher says so of its parts while it has no room.
    'gtk_widget_size_allocate(): attempt to allocate',
    # Its badge, while the icon that it is on has nothing to show yet (AdwIndicatorBin).
    "gtk_snapshot_append_node: assertion 'GSK_IS_RENDER_NODE (node)' failed",
    "gsk_render_node_unref: assertion 'GSK_IS_RENDER_NODE (node)' failed",
    # GTK says so when a dialog takes the focus and no window manager is there.
    'did not receive a focus-out event',
)


def complaints(messages):
    """The first lines in which the program, or a library because of it, complains."""
    return [line for line in messages.splitlines()
            if ('CRITICAL' in line or 'WARNING' in line)
            and not any(known in line for known in KNOWN_COMPLAINTS)][:3]


class Application:
    """A running program with one window."""

    def __init__(self, command, environment=None):
        # Who starts before the registry does is never found in it.
        wait_for('the registry', lambda: Atspi.get_desktop(0).get_child_count() >= 0)
        self.log = tempfile.TemporaryFile('w+')
        self.process = subprocess.Popen(list(map(str, command)), stderr=self.log,
                                        env={**os.environ, **(environment or {})})
        try:
            self.root = wait_for('the window', self._find_application, START_TIMEOUT)
            # GTK 4.8 does not tell of every change, so nothing may be remembered.
            self.root.set_cache_mask(Atspi.Cache.NONE)
            wait_for('a showing frame', self._frame)
            self.id = wait_for('the X window', lambda: x_window_of(self.process.pid))
            self.focus()
        except Exception:
            self.close()
            raise

    def _find_application(self):
        desktop = Atspi.get_desktop(0)
        for index in range(desktop.get_child_count()):
            child = desktop.get_child_at_index(index)
            if child is not None and child.get_process_id() == self.process.pid:
                return child
        return None

    def _frame(self):
        for index in range(self.root.get_child_count()):
            if has_state(self.root.get_child_at_index(index), Atspi.StateType.SHOWING):
                return True
        return None

    def close(self):
        if self.log.closed:
            return
        self.process.terminate()
        try:
            code = self.process.wait(TIMEOUT * PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.log.seek(0)
        self.messages = self.log.read()
        self.log.close()
        assert code == 0, f'the program ended with {code}:\n{self.messages}'

    # --- Looking ---

    def find_now(self, name, role=None):
        """The first widget in view whose name contains `name`."""
        for node in walk(self.root):
            if (name in said(node) and (role is None or node.get_role() == role)
                    and has_place(node)):
                return node
        return None

    def rows(self):
        return find_all(self.root, Atspi.Role.LIST_ITEM)

    def find(self, name, role=None, seconds=TIMEOUT):
        return wait_for(f'“{name}” showing', lambda: self.find_now(name, role), seconds)

    def wait_gone(self, name, role=None):
        wait_for(f'“{name}” gone', lambda: self.find_now(name, role) is None)

    def wait_alone(self):
        """Waits until all dialogs are closed, on the display too: what is clicked must not land
        in one of them."""
        wait_for('a single window', lambda: len(x_windows_of(self.process.pid)) == 1)

    # --- Doing ---

    def newest_id(self):
        return x_window_of(self.process.pid)

    def focus(self):
        """Gives the keyboard to the window, as without a window manager nobody else does."""
        xdotool('windowfocus', '--sync', self.id)

    def press(self, name):
        """Does the action of a button, as a screen reader would."""
        button = wait_for(f'the button “{name}”', lambda: self._find_button(name))
        assert Atspi.Action.do_action(button, 0), f'“{name}” has no action'

    def close_dialog(self):
        """Presses the Close button of the window that was opened last."""
        *_, button = (node for node in find_all(self.root, Atspi.Role.PUSH_BUTTON)
                      if said(node) == 'Close')
        self.click(button, dialog=True)
        self.wait_alone()

    def reach(self, name, in_list):
        """Goes to a row by keyboard alone: Tab to its list, then Down."""
        for _ in range(60):
            row = next((node for node in self.rows()
                        if has_state(node, Atspi.StateType.FOCUSED)), None)
            if row is not None and name in said(row):
                return
            self.key('Down' if row is not None and said(row.get_parent()) == in_list else 'Tab')
        raise NotFound(f'the keyboard does not reach “{name}”')

    def focus_row(self, name):
        """Gives the keyboard to a row that is in view."""
        self.click(self.find(name, Atspi.Role.LIST_ITEM))
        wait_for(f'the focus on “{name}”',
                 lambda: has_state(self.find(name, Atspi.Role.LIST_ITEM),
                                   Atspi.StateType.FOCUSED))

    def open_menu(self, name):
        """Presses the button of a menu."""
        self.click(wait_for(f'the menu “{name}”', lambda: next(
            (node for node in walk(self.root) if said(node) == name and has_place(node)), None)))

    def text_of(self, name):
        """What stands in a text view."""
        node = self.find(name, Atspi.Role.TEXT)
        return Atspi.Text.get_text(node, 0, -1)

    def choose(self, name):
        """Does what an item of the open menu does."""
        item = self.find(name, Atspi.Role.MENU_ITEM)
        assert Atspi.Action.do_action(item, 0), f'“{name}” has no action'

    def _find_button(self, name):
        for node in walk(self.root):
            # GTK 4.8 calls a button with a mnemonic "_Accept Accept".
            if (node.get_role() == Atspi.Role.PUSH_BUTTON and has_place(node)
                    and said(node).replace('_', '') in (name, f'{name} {name}')):
                return node
        return None

    def click(self, node, button=1, dialog=False):
        """@dialog: the node is in the window that was opened last"""
        x, y = self.center(node)
        window_id = self.newest_id() if dialog else self.id
        xdotool('mousemove', '--window', window_id, x, y, 'click', button)

    def drag(self, node, target):
        """Drags one widget of the window onto another."""
        origin = geometry(self.id)
        drag_pointer(*(tuple(start + offset for start, offset
                             in zip((origin['X'], origin['Y']), self.center(widget)))
                       for widget in (node, target)))

    def key(self, *keys):
        for key in keys:
            xdotool('key', '--clearmodifiers', key)

    def type(self, text):
        xdotool('type', '--delay', 20, text)

    def center(self, node):
        box = Atspi.Component.get_extents(node, Atspi.CoordType.WINDOW)
        return box.x + box.width // 2, box.y + box.height // 2


def x_windows_of(pid):
    return subprocess.run(['xdotool', 'search', '--onlyvisible', '--pid', str(pid)],
                          text=True, stdout=subprocess.PIPE).stdout.split()


def x_window_of(pid):
    return next(reversed(x_windows_of(pid)), None)


def geometry(window_id):
    lines = xdotool('getwindowgeometry', '--shell', window_id).split()
    return {key: int(value) for key, _, value in (line.partition('=') for line in lines)}


DRAG_STEPS = 24


def drag_pointer(start, end):
    """In small steps: GTK looks at where the pointer was between them."""
    xdotool('mousemove', *start)
    time.sleep(0.2)
    xdotool('mousedown', 1)
    for step in range(1, DRAG_STEPS + 1):
        xdotool('mousemove', *(a + (b - a) * step // DRAG_STEPS for a, b in zip(start, end)))
        time.sleep(0.03)
    time.sleep(0.3)
    xdotool('mouseup', 1)


class Drag:
    """Another program's window out of which files can be dragged, or copied."""

    # Right of where windows appear, and a point in it to take hold of.
    PLACE = 1040, 40
    START = 1140, 100

    def __init__(self, *arguments):
        self.process = subprocess.Popen([os.environ['FERRY_DRAG_SOURCE'], *arguments])
        self.id = wait_for('the source window', lambda: x_window_of(self.process.pid), START_TIMEOUT)
        xdotool('windowmove', '--sync', self.id, *self.PLACE)

    def copy(self):
        """Ctrl+C in that window."""
        xdotool('windowfocus', '--sync', self.id)
        xdotool('key', '--clearmodifiers', 'ctrl+c')

    def onto(self, window, node, dialog=False):
        """A real drag."""
        origin = geometry(window.newest_id() if dialog else window.id)
        x, y = window.center(node)
        drag_pointer(self.START, (origin['X'] + x, origin['Y'] + y))

    def close(self):
        self.process.kill()
        self.process.wait()


class Window(Application):
    """One running ferry-sample."""

    def __init__(self, scene, width=980, height=640, environment=None):
        self.folder = tempfile.mkdtemp(prefix='ferry-sample-')
        super().__init__([os.environ['FERRY_SAMPLE'], os.path.join(self.folder, 'profile'), scene,
                          width, height], environment)

    def close(self):
        super().close()
        shutil.rmtree(self.folder, ignore_errors=True)
