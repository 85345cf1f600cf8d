#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window as its user meets it: what is shown, and what the keys and buttons do."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ferry_display import (Atspi, Drag, Window, complaints, geometry, has_place,  # noqa: E402
                           has_state, said, wait_for, walk, x_windows_of, xdotool)

FOCUSABLE_WITHOUT_NAME = {
    # Containers that only pass the focus on, and the window itself.
    Atspi.Role.FRAME, Atspi.Role.SCROLL_PANE, Atspi.Role.VIEWPORT,
}
# Toasts that are there still when a busy machine gets to look for them.
STAYING = {'FERRY_TOAST_SECONDS': '600'}
# What these rows, and a toast, are made of is libadwaita's to name.
PARTS_OF_LIBADWAITA = {'Address', 'Password', 'Advanced', 'Connection Privacy',
                      'Encryption', 'For Other Programs', 'AdwToastWidget'}


class WindowCase(unittest.TestCase):
    def open(self, scene, **options):
        window = Window(scene, **options)
        self.addCleanup(self.check_messages, window)
        self.addCleanup(window.close)
        return window

    def check_messages(self, window):
        self.assertEqual(complaints(window.messages), [])


class Account(WindowCase):
    def test_without_account(self):
        """Without an account the window asks for one, and connects only when it could work."""
        window = self.open('setup')
        window.find('Send Files to the People You Know')
        connect = window.find('Connect', Atspi.Role.PUSH_BUTTON)
        self.assertFalse(has_state(connect, Atspi.StateType.SENSITIVE))
        self.assertIsNone(window.find_now('Contacts', Atspi.Role.LIST))

    def test_bad_address(self):
        """What is no address is said so below the field, in a sentence."""
        window = self.open('setup')
        window.click(window.find('Address', Atspi.Role.TEXT))
        window.type('not an address')
        window.click(window.find('Password', Atspi.Role.TEXT))
        window.type('secret')
        window.press('Connect')
        window.find('An address looks like name@example.org.')


class Contacts(WindowCase):
    def test_listed(self):
        """People are listed by who can be reached, with all of it in one name."""
        window = self.open('full')
        window.find('Ada Lovelace, Online, 2 devices', Atspi.Role.LIST_ITEM)
        window.find('Grace Hopper, Online, At the machine', Atspi.Role.LIST_ITEM)
        window.find('Barbara Liskov, Busy, cannot receive files', Atspi.Role.LIST_ITEM)
        window.find('Edsger Dijkstra, Offline', Atspi.Role.LIST_ITEM)
        names = [node.get_name() for node in walk(window.root)
                 if node.get_role() == Atspi.Role.LIST_ITEM]
        ada = next(i for i, name in enumerate(names) if name.startswith('Ada'))
        alan = next(i for i, name in enumerate(names) if name.startswith('Alan'))
        self.assertLess(ada, alan, 'who is online comes first')

    def test_search(self):
        """Ctrl+F and a few letters leave the people who match."""
        window = self.open('full')
        window.find('Ada Lovelace')
        window.key('ctrl+f')
        window.find('Search contacts')
        window.type('grace')
        window.wait_gone('Ada Lovelace, Online')
        window.find('Grace Hopper, Online')
        window.type('z')
        window.find('Nobody Found')
        window.press('Clear Search')
        window.find('Ada Lovelace, Online')

    def test_empty(self):
        """An empty list says what would be in it."""
        window = self.open('empty')
        window.find('No Contacts')
        window.find('No Transfers')
        window.key('ctrl+2')
        window.find('No History Yet')


class Contact(WindowCase):
    def open_contact(self, window, name):
        window.click(window.find(name, Atspi.Role.LIST_ITEM))
        window.key('Return')
        window.find('Connection Privacy')

    def test_details(self):
        """Enter on a person shows who they are and what they are online with."""
        window = self.open('full')
        self.open_contact(window, 'Ada Lovelace, Online')
        check_names(self, window)
        window.find('ada@example.org', Atspi.Role.LABEL)
        window.find('Can receive files')
        window.find('Send Files…', Atspi.Role.PUSH_BUTTON)
        window.close_dialog()
        self.open_contact(window, 'Edsger Dijkstra, Offline')
        window.find('Not online with any device')

    def test_privacy(self):
        """The ways for a person's files are chosen, explained, and kept."""
        window = self.open('full')
        self.open_contact(window, 'Ada Lovelace, Online')
        window.find('Files take the fastest way. Ada Lovelace may see your network address.')
        # The first click gives the keyboard to the dialog, where there is no window manager.
        window.click(window.find('Connection Privacy', Atspi.Role.COMBO_BOX), dialog=True)
        window.find('In-band Only', Atspi.Role.LABEL)
        window.key('Down', 'Return')
        window.find('Files go through a relay, or not at all.')
        window.close_dialog()
        self.open_contact(window, 'Ada Lovelace, Online')
        window.find('Files go through a relay, or not at all.')

    def test_offer(self):
        """An offer says before it is accepted who learns what."""
        window = self.open('offer')
        window.find('Files take the fastest way. Grace Hopper may see your network address.')


class Offers(WindowCase):
    def test_accept(self):
        """Accepting moves the offer into the queue."""
        window = self.open('full')
        window.find('Grace Hopper wants to send you a file: IMG_2041.jpg')
        window.press('Accept')
        window.wait_gone('wants to send you a file')
        window.find('IMG_2041.jpg', Atspi.Role.LIST_ITEM)

    def test_decline(self):
        """Declining takes the offer away and leaves nothing waiting."""
        window = self.open('full')
        window.find('wants to send you a file')
        window.press('Decline')
        window.wait_gone('wants to send you a file')

    def test_keys(self):
        """Ctrl+D declines the oldest offer, Ctrl+Enter accepts it."""
        window = self.open('offer')
        window.find('Grace Hopper wants to send you a file')
        window.key('ctrl+d')
        window.wait_gone('Grace Hopper wants to send you a file')
        window.find('Someone you do not know')
        window.key('ctrl+Return')
        window.wait_gone('Someone you do not know')
        window.find('invoice_fdp.exe', Atspi.Role.LIST_ITEM)

    def test_tricky_name(self):
        """A name that tries to look like another is spelt out."""
        window = self.open('offer')
        window.find('invoice_[U+202E]fdp.exe')


    def test_isolated(self):
        """Names of others stand apart, so that they cannot turn the sentence around them."""
        window = self.open('offer')
        card = window.find('wants to send you a file', Atspi.Role.LIST_ITEM)
        self.assertIn('\u2068Grace Hopper\u2069 wants', card.get_name())
        self.assertIn('\u2068IMG_2041.jpg\u2069', card.get_name())

    def test_space(self):
        """A card says how much room there is where the file would go."""
        window = self.open('offer')
        window.find(' free')


class Menus(WindowCase):
    def test_contact(self):
        """A contact's menu opens by key; its address can be copied."""
        window = self.open('full', environment=STAYING)
        window.click(window.find('Edsger Dijkstra, Offline', Atspi.Role.LIST_ITEM))
        window.key('shift+F10')
        window.find('Send Files…', Atspi.Role.MENU_ITEM)
        window.find('Send a Folder…', Atspi.Role.MENU_ITEM)
        window.choose('Copy Address')
        window.find('Address copied')

    def test_transfer(self):
        """A row's menu opens by pointer; Details tell what happened."""
        window = self.open('full', height=860)
        row = window.find('talk.mp4', Atspi.Role.LIST_ITEM)
        window.click(row, button=3)
        window.find('Show in Folder', Atspi.Role.MENU_ITEM)
        window.choose('Details')
        window.find('What happened')
        window.find('Copy', Atspi.Role.PUSH_BUTTON)

    def test_remove(self):
        """Remove takes a finished row off the list, and Undo brings it back."""
        window = self.open('full', height=860, environment=STAYING)
        window.click(window.find('letter.odt', Atspi.Role.LIST_ITEM), button=3)
        window.find('Send Again', Atspi.Role.MENU_ITEM)
        window.choose('Remove from the List')
        window.wait_gone('letter.odt', Atspi.Role.LIST_ITEM)
        window.find('“letter.odt” was removed from the list')
        window.press('Undo')
        window.find('letter.odt', Atspi.Role.LIST_ITEM)
        window.wait_gone('Undo')


class Preferences(WindowCase):
    def rate(self, window, name):
        """The number; of a speed in kB/s, 0 for no limit."""
        return Atspi.Value.get_current_value(window.find(name, Atspi.Role.SPIN_BUTTON))

    def test_speed(self):
        """Limits of speed are typed, with their unit or without, and kept."""
        window = self.open('full')
        window.key('ctrl+comma')
        self.assertEqual(self.rate(window, 'Limit for Sending'), 0)
        check_names(self, window)
        window.click(window.find('Limit for Sending', Atspi.Role.SPIN_BUTTON), dialog=True)
        window.key('ctrl+a')
        window.type('750')
        window.key('Tab')
        wait_for('the number', lambda: self.rate(window, 'Limit for Sending') == 750)
        window.close_dialog()
        window.focus()
        window.key('ctrl+comma')
        wait_for('the limit', lambda: self.rate(window, 'Limit for Sending') == 750)
        self.assertEqual(self.rate(window, 'Limit for Receiving'), 0)


    def test_at_once(self):
        """How many files go at once is three at first, and kept."""
        window = self.open('full')
        window.key('ctrl+comma')
        self.assertEqual(self.rate(window, 'Files Sent at Once'), 3)
        window.click(window.find('Files Received at Once', Atspi.Role.SPIN_BUTTON), dialog=True)
        window.key('ctrl+a')
        window.type('1')
        window.key('Tab')
        wait_for('the number', lambda: self.rate(window, 'Files Received at Once') == 1)
        window.close_dialog()
        window.focus()
        window.key('ctrl+comma')
        wait_for('the limit', lambda: self.rate(window, 'Files Received at Once') == 1)
        self.assertEqual(self.rate(window, 'Files Sent at Once'), 3)


class Transfers(WindowCase):
    def test_sentences(self):
        """Each row reads as one sentence, and no row is silent."""
        window = self.open('full')
        row = window.find('thesis-draft.pdf', Atspi.Role.LIST_ITEM)
        for part in ('Sending', 'Ada Lovelace', '64 per cent', 'left', 'Direct', 'encrypted'):
            self.assertIn(part, row.get_name())
        window.find('to come online', Atspi.Role.LIST_ITEM)
        window.find('to accept', Atspi.Role.LIST_ITEM)

    def test_failure(self):
        """A failure names its cause and offers what helps."""
        window = self.open('full', height=860)
        window.find('broke before')
        window.find('Try Again', Atspi.Role.PUSH_BUTTON)

    def test_keys(self):
        """Delete takes a row away; Enter tells its details."""
        window = self.open('full', height=860)
        window.reach('backup.tar.xz', 'Finished transfers')
        window.key('Delete')
        window.wait_gone('backup.tar.xz')
        window.reach('letter.odt', 'Finished transfers')
        window.key('Return')
        window.find('What happened')

    def test_clear(self):
        """Clear Finished leaves what is under way."""
        window = self.open('full', height=860)
        window.find('talk.mp4', Atspi.Role.LIST_ITEM)
        window.press('Clear Finished')
        window.wait_gone('talk.mp4', Atspi.Role.LIST_ITEM)
        window.find('thesis-draft.pdf', Atspi.Role.LIST_ITEM)


class States(WindowCase):
    """Every state of a transfer: what it says, and what can be done about it."""

    # The beginning of the name of a file, what its row says, and the buttons that it has.
    ROWS = (
        ('preparing.bin', 'Preparing – reading the file', ['Cancel']),
        ('queued.bin', 'Waiting – 2 transfers ahead', ['Cancel']),
        ('connecting.bin', 'Trying a relay…', ['Cancel']),
        ('active.bin', '50 per cent', ['Cancel', 'Pause']),
        ('again.bin', 'cannot continue files, so this one starts over.', ['Cancel', 'Pause']),
        ('stalled.bin', 'No data for 20 s – reconnecting soon',
         ['Cancel', 'Pause', 'Retry Now']),
        ('reconnecting.bin', 'Connection lost – trying again', ['Cancel', 'Pause', 'Retry Now']),
        ('checking.bin', 'Checking what is there already: 12.0\xa0MB', ['Cancel', 'Pause']),
        ('verifying.bin', 'Waiting for Ada Lovelace to confirm', ['Cancel']),
        ('waiting.bin', 'Waiting for Ada Lovelace to come online', ['Cancel']),
        ('offline.bin', 'Waiting – you are not connected', ['Cancel']),
        ('no-network.bin', 'Paused – no network', ['Cancel']),
        ('offered.bin', 'Waiting for Ada Lovelace to accept', ['Cancel']),
        ('paused.bin', 'Paused', ['Cancel', 'Resume']),
        ('paused-there.bin', 'Paused by Ada Lovelace', ['Cancel', 'Resume']),
        ('full-disk.bin', 'the disk is full; it goes on when there is room',
         ['Cancel', 'Resume']),
        ('other-key.bin', 'Ada Lovelace’s device shows another key than before',
         ['Cancel', 'Compare Keys…']),
        ('no-key.bin', 'Ada Lovelace’s Ferry used to encrypt, and does not now',
         ['Cancel', 'Decide…']),
        ('done.pdf', 'Verified', ['Open', 'Show']),
        ('declined.bin', 'Declined by Ada Lovelace', ['Remove', 'Send Again']),
        ('cancelled.bin', 'Cancelled', ['Remove', 'Send Again']),
        ('missed.bin', 'Ada Lovelace did not answer', ['Remove', 'Send Again']),
        ('failed.bin', 'was moved, deleted, changed, or may not be read.',
         ['Locate…', 'Remove']),
    )

    def test_rows(self):
        """No state is silent, and each has its own sentence and the acts that make sense."""
        window = self.open('states', height=880)
        window.find('failed.bin', Atspi.Role.LIST_ITEM)
        rows = window.rows()
        for name, sentence, acts in self.ROWS:
            with self.subTest(name):
                row, = (row for row in rows if f'Sending {name} to' in said(row))
                self.assertIn(sentence, said(row))
                buttons = {self.act_of(node) for node in walk(row)
                           if node.get_role() == Atspi.Role.PUSH_BUTTON and has_place(node)}
                self.assertEqual(sorted(buttons), acts)

    def act_of(self, button):
        """What a button does: its words, without the name of the file behind."""
        name = said(button).replace('_', '')
        words = name.split()
        # GTK 4.8 calls a button with a mnemonic twice by its name.
        if len(words) % 2 == 0 and words[:len(words) // 2] == words[len(words) // 2:]:
            return ' '.join(words[:len(words) // 2])
        return words[0]

    def test_keys(self):
        """The space bar pauses and resumes, Delete cancels; the keyboard stays with the row,
        though it moves to another list."""
        window = self.open('full', height=860)
        window.press('Try Again')
        self.row_says(window, 'backup.tar.xz', 'Waiting to start')
        window.focus_row('backup.tar.xz')
        window.key('space')
        self.row_says(window, 'backup.tar.xz', 'Paused')
        window.key('space')
        self.row_says(window, 'backup.tar.xz', 'Waiting to start')
        window.key('Delete')
        self.row_says(window, 'backup.tar.xz', 'Cancelled')
        wait_for('the focus on the row', lambda: any(
            'backup.tar.xz' in said(node) and has_state(node, Atspi.StateType.FOCUSED)
            for node in window.rows()))

    def row_says(self, window, name, text):
        wait_for(f'{name} saying “{text}”', lambda: any(
            name in said(node) and text in said(node) for node in window.rows()))

    def test_quit(self):
        """Who quits is told how much will go on later: not what is paused, or has ended."""
        window = self.open('states')
        window.find('active.bin', Atspi.Role.LIST_ITEM)
        window.key('ctrl+q')
        window.find('17 transfers will continue when you next start Ferry.')
        window.press('Keep Running')
        window.wait_alone()
        window.find('active.bin', Atspi.Role.LIST_ITEM)


class Order(WindowCase):
    """The order in which what waits will start."""

    NAMES = 'one.txt', 'two.txt', 'three.txt'

    def open_queue(self):
        window = self.open('full', height=860)
        paths = [os.path.join(window.folder, name) for name in self.NAMES]
        for path in paths:
            with open(path, 'w') as file:
                file.write('a pier\n')
        # One by one, as what is sent together is one row.
        for number, path in enumerate(paths):
            paste(self, window, 'Edsger Dijkstra, Offline', path).close()
            self.wait_order(window, *self.NAMES[:number + 1])
        return window

    def wait_order(self, window, *names):
        def look():
            found = [name for node in window.rows() for name in self.NAMES
                     if f'Sending {name} to' in said(node)]
            return found == list(names)
        wait_for(f'the order {names}', look)

    def row(self, window, name):
        return window.find(f'Sending {name} to', Atspi.Role.LIST_ITEM)

    def test_keys(self):
        """Alt and an arrow move a row, and the keyboard stays with it."""
        window = self.open_queue()
        window.focus_row('Sending three.txt to')
        window.key('alt+Up')
        self.wait_order(window, 'one.txt', 'three.txt', 'two.txt')
        wait_for('the focus on the row that moved',
                 lambda: has_state(self.row(window, 'three.txt'), Atspi.StateType.FOCUSED))
        window.key('alt+Up')
        self.wait_order(window, 'three.txt', 'one.txt', 'two.txt')
        window.key('alt+End')
        self.wait_order(window, *self.NAMES)
        window.key('alt+Home')
        self.wait_order(window, 'three.txt', 'one.txt', 'two.txt')

    def test_ahead(self):
        """Each says how many come before it, also when the order changes."""
        window = self.open_queue()
        self.wait_said(window, ('one.txt', 'Waiting to start'),
                       ('two.txt', 'Waiting – 1 transfer ahead'),
                       ('three.txt', 'Waiting – 2 transfers ahead'))
        window.focus_row('Sending three.txt to')
        window.key('alt+Home')
        self.wait_said(window, ('one.txt', 'Waiting – 1 transfer ahead'),
                       ('two.txt', 'Waiting – 2 transfers ahead'),
                       ('three.txt', 'Waiting to start'))

    def wait_said(self, window, *expected):
        for name, sentence in expected:
            wait_for(f'{name} saying “{sentence}”',
                     lambda: sentence in said(self.row(window, name)))

    def test_menu(self):
        """A row's menu moves it, too."""
        window = self.open_queue()
        window.click(self.row(window, 'one.txt'), button=3)
        window.choose('Move Down')
        self.wait_order(window, 'two.txt', 'one.txt', 'three.txt')

    def test_drag(self):
        """A row that is dropped on another takes its place."""
        window = self.open_queue()
        window.drag(self.row(window, 'three.txt'), self.row(window, 'one.txt'))
        self.wait_order(window, 'three.txt', 'one.txt', 'two.txt')


class Batch(WindowCase):
    """Files that are sent together."""

    NAMES = 'bow.txt', 'keel.txt', 'stern.txt'

    def test_drag(self):
        """Its row is dragged as any other, and takes all of them along."""
        window = self.open_batch()
        path = os.path.join(window.folder, 'mast.txt')
        with open(path, 'w') as file:
            file.write('a tree\n')
        paste(self, window, 'Edsger Dijkstra, Offline', path).close()
        names = 'bow.txt and 2 more', 'mast.txt'

        def wait_order(*wanted):
            wait_for(f'the order {wanted}', lambda: [
                name for node in window.rows() for name in names
                if f'Sending {name} to' in said(node)] == list(wanted))

        wait_order(*names)
        window.drag(self.row(window), window.find('Sending mast.txt to', Atspi.Role.LIST_ITEM))
        wait_order(*reversed(names))
        window.drag(self.row(window), window.find('Sending mast.txt to', Atspi.Role.LIST_ITEM))
        wait_order(*names)
        window.drag(window.find('Sending mast.txt to', Atspi.Role.LIST_ITEM), self.row(window))
        wait_order(*reversed(names))

    def open_batch(self, **options):
        window = self.open('full', height=860, **options)
        paths = [os.path.join(window.folder, name) for name in self.NAMES]
        for path in paths:
            with open(path, 'w') as file:
                file.write('a boat\n')
        paste(self, window, 'Edsger Dijkstra, Offline', *paths)
        self.row(window)
        return window

    def row(self, window, text=''):
        return wait_for(f'the row, with “{text}”', lambda: next(
            (node for node in window.rows()
             if 'Sending bow.txt and 2 more to ' in said(node) and text in said(node)), None))

    def test_row(self):
        """They are one row, which opens to a row for each; what is done with it, all of them do."""
        window = self.open_batch()
        self.assertFalse(any('Sending keel.txt' in said(node) for node in window.rows()))
        window.focus_row('Sending bow.txt and 2 more to ')
        window.key('Return')
        for name in self.NAMES:
            window.find(f'Sending {name} to ', Atspi.Role.LIST_ITEM)
        check_names(self, window)
        window.press('Pause bow.txt and 2 more')
        for name in self.NAMES:
            wait_for(f'{name} paused', lambda: any(
                f'Sending {name} to ' in said(node) and 'Paused' in said(node)
                for node in window.rows()))
        self.row(window, 'Paused')
        window.press('Resume bow.txt and 2 more')
        self.row(window, 'Waiting to start')

    def test_end(self):
        """Cancelled, it goes off the list as a whole, and comes back by Undo."""
        window = self.open_batch(environment={'FERRY_TOAST_SECONDS': '20'})
        window.focus_row('Sending bow.txt and 2 more to ')
        window.key('Delete')
        self.row(window, 'Cancelled')
        window.press('Remove bow.txt and 2 more from the List')
        window.wait_gone('Sending bow.txt and 2 more', Atspi.Role.LIST_ITEM)
        window.press('Undo')
        self.row(window, 'Cancelled')


class Keys(WindowCase):
    KNOWN = '1f82 5aa2 f002 0ef7'
    OTHER = '9a03 64b9 e99b b480'

    def test_question(self):
        """Another key than before is shown beside the old one, and asked about once."""
        window = self.open('states', height=880)
        window.press('Compare Keys…')
        window.find('Ask Ada Lovelace in another way')
        for key in self.KNOWN, self.OTHER:
            wait_for('both fingerprints', lambda: any(
                key in said(node).lower() for node in walk(window.root)))
        check_names(self, window)
        window.press('Compared: It Is Theirs')
        window.wait_alone()
        self.open_contact(window)
        wait_for('the new key', lambda: any(
            self.OTHER in said(node).lower() for node in walk(window.root)))

    def open_contact(self, window):
        window.click(window.find('Ada Lovelace, Online', Atspi.Role.LIST_ITEM))
        window.key('Return')
        window.find('Connection Privacy')

    def test_compare(self):
        """A person's keys are read, compared and marked; how files go is chosen, and kept."""
        window = self.open('states', height=880)
        self.open_contact(window)
        check_names(self, window)
        window.find('Files are encrypted wherever the other program can.')
        window.click(window.find('Encryption', Atspi.Role.COMBO_BOX), dialog=True)
        window.find('Always', Atspi.Role.LABEL)
        window.key('Down', 'Return')
        window.find('No file goes or comes in clear.')
        compared = window.find('I compared the key of device-0')
        self.assertFalse(has_state(compared, Atspi.StateType.CHECKED))
        Atspi.Action.do_action(compared, 0)
        wait_for('the mark', lambda: has_state(
            window.find('I compared the key of device-0'), Atspi.StateType.CHECKED))
        window.close_dialog()
        self.open_contact(window)
        window.find('No file goes or comes in clear.')
        self.assertTrue(has_state(window.find('I compared the key of device-0'),
                                  Atspi.StateType.CHECKED))


class History(WindowCase):
    def test_delete_key(self):
        """Delete removes the entry that has the focus."""
        window = self.open('full')
        window.key('ctrl+2')
        window.find('crossword.pdf', Atspi.Role.LIST_ITEM)
        window.focus_row('crossword.pdf')
        window.key('Delete')
        window.wait_gone('crossword.pdf')
        window.find('engine-drawings.zip')

    def test_search(self):
        """Typing narrows the history; nothing found has its own page."""
        window = self.open('full')
        window.key('ctrl+2')
        window.find('engine-drawings.zip, to Ada Lovelace', Atspi.Role.LIST_ITEM)
        window.key('ctrl+f')
        window.type('compiler')
        window.wait_gone('engine-drawings.zip')
        window.find('compiler-notes.txt, from Grace Hopper')
        window.type('z')
        window.find('Nothing Found')
        window.press('Clear Search')
        window.find('engine-drawings.zip')

    def test_views(self):
        """Ctrl+1 and Ctrl+2 change the page."""
        window = self.open('full')
        window.key('ctrl+2')
        window.find('engine-drawings.zip')
        window.key('ctrl+1')
        window.find('thesis-draft.pdf')


    def test_details(self):
        """An entry's menu shows what happened on the way."""
        window = self.open('full')
        window.key('ctrl+2')
        window.find('engine-drawings.zip, to Ada Lovelace', Atspi.Role.LIST_ITEM)
        window.open_menu('Actions for engine-drawings.zip')
        window.choose('Details')
        self.assertIn('Direct: trying 192.0.2.7 port 5086', window.text_of('What happened'))

    def test_export(self):
        """What the search leaves is exported, in the format that the name's end says."""
        # GTK's file chooser forgets paths (in libcloudproviders) and names of actions, and so many
        # quarks come with it that GLib drops its first table of them: whole stacks show it, but
        # they take minutes, and with short ones nothing tells these leaks from ours.
        window = self.open('full', environment={
            'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '') + ':detect_leaks=0', **STAYING})
        window.key('ctrl+2', 'ctrl+f')
        window.type('compiler')
        window.wait_gone('engine-drawings.zip')
        path = os.path.join(window.folder, 'mine.json')
        window.open_menu('History Menu')
        window.choose('Export…')
        window.click(window.find('Name:', Atspi.Role.TEXT), dialog=True)
        window.key('ctrl+a')
        window.type(path)
        window.press('Export')
        wait_for('the file', lambda: os.path.exists(path))
        window.find('History exported')
        with open(path) as file:
            lines = file.read().splitlines()
        self.assertEqual([json.loads(line)['name'] for line in lines], ['compiler-notes.txt'])

    def test_remove(self):
        """One entry can be removed, or all; each of them is asked about once only."""
        window = self.open('full')
        window.key('ctrl+2')
        window.open_menu('Actions for crossword.pdf')
        window.choose('Remove from History')
        window.wait_gone('crossword.pdf')
        window.find('engine-drawings.zip')
        window.open_menu('History Menu')
        window.choose('Clear History…')
        window.find('Ferry forgets all past transfers.')
        window.press('Clear')
        window.find('No History Yet')


class Narrow(WindowCase):
    def test_folded(self):
        """A narrow window shows one page and leads to the other."""
        window = self.open('full', width=360)
        window.find('Ada Lovelace, Online')
        # No row asks for more; the frame, and fonts of another machine, may.
        self.assertLess(geometry(window.id)['WIDTH'], 400)
        window.find('1 Offer')
        window.key('alt+Right')
        wait_for('the switcher at the bottom', lambda: any(
            said(node) == 'History' and has_place(node)
            and Atspi.Component.get_extents(node, Atspi.CoordType.WINDOW).y > 500
            for node in walk(window.root)))
        window.key('ctrl+2', 'ctrl+f')
        wait_for('the search of the history', lambda: is_focused(window, 'Search history'))
        window.key('alt+Left', 'ctrl+f')
        wait_for('the search of the contacts', lambda: is_focused(window, 'Search contacts'))


class Translated(WindowCase):
    def test_german(self):
        """In a German locale the window speaks German."""
        locales = tempfile.mkdtemp(prefix='ferry-locale-')
        self.addCleanup(shutil.rmtree, locales)
        # C.UTF-8 is never translated, and few machines have a locale for every test.
        path = os.path.join(locales, 'de_DE.UTF-8')
        if (shutil.which('localedef') is None
                or subprocess.run(['localedef', '-i', 'de_DE', '-f', 'UTF-8', path]).returncode):
            self.skipTest('there is no German locale, and none can be made')
        window = self.open('full', environment={
            'LC_ALL': 'de_DE.UTF-8', 'LANGUAGE': 'de', 'LOCPATH': locales,
            'FERRY_LOCALE_DIR': os.environ['FERRY_LOCALES']})
        window.find('Grace Hopper möchte Ihnen eine Datei senden: IMG_2041.jpg')
        window.find('Annehmen', Atspi.Role.PUSH_BUTTON)
        row = window.find('thesis-draft.pdf', Atspi.Role.LIST_ITEM)
        self.assertIn('64 Prozent', row.get_name())
        window.find('Edsger Dijkstra, Offline', Atspi.Role.LIST_ITEM)
        window.key('ctrl+2')
        window.find('Überprüft')
        window.open_menu('Aktionen für engine-drawings.zip')
        window.choose('Einzelheiten')
        self.assertIn('Direkt: 192.0.2.7 Port 5086 wird versucht', window.text_of('Was geschehen ist'))


class Accessibility(WindowCase):
    def test_names(self):
        """Everything that can have the focus has a name."""
        for scene in 'setup', 'empty', 'offer', 'full':
            with self.subTest(scene):
                window = self.open(scene)
                window.find('Main Menu', Atspi.Role.PUSH_BUTTON)
                check_names(self, window)
                window.close()

    def test_narrow_names(self):
        """The same in a narrow window, on both pages."""
        window = self.open('full', width=360)
        window.find('Ada Lovelace, Online')
        check_names(self, window)
        window.key('alt+Right')
        window.find('thesis-draft.pdf')
        check_names(self, window)

    def test_history_names(self):
        """The same on the history page and in the search."""
        window = self.open('full')
        window.key('ctrl+2')
        window.find('engine-drawings.zip')
        check_names(self, window)


    def test_stale_number(self):
        """Whoever asks for a window by a number that is too high, as a screen reader does when a
        dialog goes meanwhile, gets no window, or one that is shown; GTK 4.8 would crash over one
        that is not."""
        window = self.open('full')
        self.ask_for_windows(window)
        window.focus()
        window.key('ctrl+question')
        window.find('Send files from the clipboard')
        window.key('Escape')
        window.wait_alone()
        self.ask_for_windows(window)
        window.focus_row('Ada Lovelace, Online')
        window.key('Return')
        window.find('Connection Privacy')
        window.close_dialog()
        self.ask_for_windows(window)
        window.find('Ada Lovelace, Online')

    def ask_for_windows(self, window):
        for number in range(4):
            child = window.root.get_child_at_index(number)
            self.assertTrue(child is None or has_state(child, Atspi.StateType.SHOWING))


class DragAndDrop(WindowCase):
    def drag_onto(self, window, contact, *arguments):
        drag = Drag(*arguments)
        self.addCleanup(drag.close)
        drag.onto(window, window.find(contact, Atspi.Role.LIST_ITEM))

    def make(self, window, *names):
        paths = [os.path.join(window.folder, name) for name in names]
        for path in paths:
            with open(path, 'w') as file:
                file.write('a pier and two boats\n')
        return paths

    def test_onto_contact(self):
        """A file dropped on a person is on its way to them."""
        window = self.open('full')
        path = os.path.join(window.folder, 'harbour plan.txt')
        with open(path, 'w') as file:
            file.write('a pier and two boats\n')
        self.drag_onto(window, 'Ada Lovelace, Online', path)
        row = window.find('harbour plan.txt', Atspi.Role.LIST_ITEM)
        self.assertIn('ada', row.get_name().lower())
        self.assertTrue(os.path.exists(path), 'the source is left alone')

    def test_undo(self):
        """Undo takes back what was just sent, as if it had never been."""
        window = self.open('full', environment=STAYING)
        path = os.path.join(window.folder, 'too early.txt')
        with open(path, 'w') as file:
            file.write('a pier\n')
        self.drag_onto(window, 'Ada Lovelace, Online', path)
        window.find('Sending 1 file to Ada Lovelace')
        row = window.find('too early.txt', Atspi.Role.LIST_ITEM)
        self.assertIn('Starting in a moment', said(row))
        window.press('Undo')
        window.wait_gone('too early.txt')
        window.wait_gone('Undo')
        window.focus()
        window.key('ctrl+2')
        window.find('engine-drawings.zip')
        self.assertIsNone(window.find_now('too early.txt'))

    def test_several(self):
        """Several files go at once, and a folder among them."""
        window = self.open('full', environment=STAYING)
        paths = self.make(window, 'one.txt', 'two & three.txt')
        folder = os.path.join(window.folder, 'Holiday')
        os.mkdir(folder)
        self.drag_onto(window, 'Ada Lovelace, Online', *paths, folder)
        window.find('Sending 3 items to Ada Lovelace')
        window.find('Sending one.txt and 2 more to ada', Atspi.Role.LIST_ITEM)
        window.press('Show the Files of one.txt and 2 more')
        window.find('Sending two & three.txt to ada', Atspi.Role.LIST_ITEM)
        window.find('Sending Holiday', Atspi.Role.LIST_ITEM)

    def drop_folder(self, window):
        """On somebody whose program knows no folders."""
        folder = os.path.join(window.folder, 'Holiday')
        os.makedirs(os.path.join(folder, 'sea'), exist_ok=True)
        for name in 'beach.jpg', 'sea/gull.jpg':
            with open(os.path.join(folder, name), 'w') as file:
                file.write('sand\n')
        drag = Drag(folder)
        self.addCleanup(drag.close)
        drag.onto(window, window.find('Linus, Away', Atspi.Role.LIST_ITEM))
        return drag

    def test_folder_by_file(self):
        """For a program without folders one is asked how to send one; file by file for instance."""
        window = self.open('full', environment=STAYING)
        self.drop_folder(window)
        window.find('Linus’s program does not know folders. “Holiday” can go as')
        window.press('File by File')
        window.find('beach.jpg and 1 more', Atspi.Role.LIST_ITEM)
        window.find('Sending 2 files to Linus')
        window.wait_gone('does not know folders')
        self.assertIsNone(window.find_now('Sending Holiday', Atspi.Role.LIST_ITEM))

    def test_folder_as_archive(self):
        """… or as an archive; who does not want to be asked again is not, but can change that."""
        window = self.open('full', height=860)
        drag = self.drop_folder(window)
        window.find('does not know folders')
        # Where the file was dropped a tooltip comes, as a window of its own.
        xdotool('mousemove', 1270, 890)
        wait_for('the dialog alone', lambda: len(x_windows_of(window.process.pid)) == 2)
        window.click(window.find('Do not ask again', Atspi.Role.LABEL), dialog=True)
        window.press('Archive')
        wait_for('one row', lambda: self.count_rows(window, 'Holiday') == 1)
        # Two windows in one place would be in each other's way.
        drag.close()
        self.drop_folder(window)
        wait_for('two rows', lambda: self.count_rows(window, 'Holiday') == 2)
        window.focus()
        window.key('ctrl+comma')
        window.find('Send an Archive')

    def count_rows(self, window, name):
        return sum(f'Sending {name}' in said(node) for node in window.rows())

    def test_addresses(self):
        """Programs that know only text/uri-list can drop files, too."""
        window = self.open('full')
        self.drag_onto(window, 'Ada Lovelace, Online', '--uri-list',
                       *self.make(window, 'hündchen plan.txt'))
        window.find('hündchen plan.txt', Atspi.Role.LIST_ITEM)

    def test_onto_window(self):
        """Files dropped beside all people ask for whom they are."""
        window = self.open('full')
        self.drag_onto(window, 'poster.svg', *self.make(window, 'for whom.txt'))
        window.find('for whom.txt', Atspi.Role.LABEL)
        *_, person = (node for node in window.rows() if 'Grace Hopper' in said(node))
        window.click(person, dialog=True)
        window.press('Send')
        row = window.find('for whom.txt', Atspi.Role.LIST_ITEM)
        self.assertIn('grace', said(row).lower())

    def test_onto_open_contact(self):
        """Files dropped on a person's details are for them."""
        window = self.open('full')
        window.click(window.find('Edsger Dijkstra, Offline', Atspi.Role.LIST_ITEM))
        window.key('Return')
        window.find('Connection Privacy')
        drag = Drag(*self.make(window, 'for edsger.txt'))
        self.addCleanup(drag.close)
        drag.onto(window, window.find('edsger@example.org', Atspi.Role.LABEL), dialog=True)
        row = window.find('for edsger.txt', Atspi.Role.LIST_ITEM)
        self.assertIn('edsger', said(row))
        window.wait_alone()

    def test_paste(self):
        """Files copied elsewhere are pasted to the person who is selected; text is not."""
        window = self.open('full')
        paste(self, window, 'Ada Lovelace, Online',
              *self.make(window, 'pasted.txt', 'pasted too.txt'))
        window.find('pasted.txt and 1 more', Atspi.Role.LIST_ITEM)

    def test_way_out(self):
        """FERRY_DISABLE_DND makes the window no place to drop."""
        window = self.open('full', environment={'FERRY_DISABLE_DND': '1'})
        path = os.path.join(window.folder, 'harbour plan.txt')
        with open(path, 'w') as file:
            file.write('a pier\n')
        self.drag_onto(window, 'Ada Lovelace, Online', path)
        time.sleep(1)
        self.assertIsNone(window.find_now('harbour plan.txt', Atspi.Role.LIST_ITEM))


def paste(case, window, contact, *paths):
    """Copies files in another program, and sends them from the clipboard."""
    other = Drag(*paths)
    case.addCleanup(other.close)
    other.copy()
    window.focus()
    window.click(window.find(contact, Atspi.Role.LIST_ITEM))
    window.key('ctrl+v')
    window.find(os.path.basename(paths[0]), Atspi.Role.LIST_ITEM)
    return other


def check_names(case, window):
    """Everything that can have the focus has a name that says something."""
    nameless = []
    for node in walk(window.root):
        name = node.get_name() or ''
        if (not has_state(node, Atspi.StateType.FOCUSABLE)
                or node.get_role() in FOCUSABLE_WITHOUT_NAME or not has_place(node)):
            continue
        # GTK falls back to the name of the type, which tells a listener nothing.
        if name and not re.fullmatch('(Gtk|Adw|Ferry)[A-Z][A-Za-z]+', name):
            continue
        if names_above(node) & PARTS_OF_LIBADWAITA:
            continue
        path = []
        while node is not None and node.get_role() != Atspi.Role.APPLICATION:
            path.append(f'{node.get_role_name()} “{node.get_name()}”')
            node = node.get_parent()
        nameless.append(' < '.join(path[:5]))
    case.assertEqual(nameless, [])


def is_focused(window, name):
    """Only what is really on the screen can have the focus."""
    return any((node.get_name() or '') == name and has_state(node, Atspi.StateType.FOCUSED)
               for node in walk(window.root))


def names_above(node):
    names = set()
    while (node := node.get_parent()) is not None:
        names.add(node.get_name())
    return names


if __name__ == '__main__':
    unittest.main(verbosity=2)
