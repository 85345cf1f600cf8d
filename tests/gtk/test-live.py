#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real program on a real server: what its user does, and what arrives on the other side."""

import os
import re
import signal
import sys
import unittest
from pathlib import Path
from types import SimpleNamespace

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / 'lib'),
                str(Path(__file__).resolve().parent)]
from ferry_display import (Application, Atspi, Drag, complaints, said, without_marks,  # noqa: E402
                           wait_for, walk, x_windows_of, xdotool)
from ferry_notifications import NotificationServer  # noqa: E402
from ferrylab import Profile, Server, replace_key, sha256, write_file  # noqa: E402
from offeringpeer import OfferingPeer  # noqa: E402

CLI = os.environ['FERRY_CLI']
FERRY = os.environ['FERRY']
# A slow machine that is busy with other things must pass, too.
PATIENCE = 30


class LiveCase(unittest.TestCase):
    """Alice is ferry-cli; the window is Bob's."""

    @classmethod
    def setUpClass(cls):
        # A killed window stays online for the server, so each test has a Bob of its own.
        users = [f'bob{number}' for number in range(20)]
        cls.users = iter(users)
        cls.server = Server(accounts=','.join(f'{user}:secret' for user in ['alice', *users]))
        cls.addClassCleanup(cls.server.stop)
        cls.alice = Profile(CLI, cls.server, 'alice')
        cls.addClassCleanup(cls.alice.close)
        cls.source = os.path.join(cls.alice.folder, 'source')
        os.mkdir(cls.source)
        # Without one GLib complains of every notification.
        cls.notifications = NotificationServer()
        cls.addClassCleanup(cls.notifications.close)

    def make(self, name, size):
        path = os.path.join(self.source, name)
        write_file(path, size, name)
        return path

    def new_bob(self):
        bob = Profile(CLI, self.server, next(self.users), 'desk')
        self.addCleanup(bob.close)
        self.bob = bob.jid
        self.profile = bob
        return bob

    def open(self, profile, **environment):
        """Ferry's window on a profile, with a home and so a download folder of its own."""
        home = os.path.join(profile.folder, 'home')
        self.downloads = os.path.join(home, 'Downloads')
        os.makedirs(self.downloads, exist_ok=True)
        window = Application([FERRY, '--profile', os.path.join(profile.folder, 'profile')],
                             {'FERRY_ALLOW_LOOPBACK': '1', 'HOME': home,
                              'GNOTIFICATION_BACKEND': 'freedesktop', **environment})
        self.addCleanup(self.check_messages, window)
        self.addCleanup(window.close)
        return window

    def open_connected(self, **environment):
        window = self.open(self.new_bob(), **environment)
        window.find('Connected as bob', seconds=PATIENCE)
        window.find('Alice, ', Atspi.Role.LIST_ITEM, PATIENCE)
        return window

    def check_messages(self, window):
        self.assertEqual(complaints(window.messages), [])

    def offer(self, *paths):
        sender = self.alice.start('send', *paths, '--to', self.bob)
        self.addCleanup(sender.kill)
        return sender

    def row(self, window, *parts, seconds=PATIENCE):
        """The row of a transfer once all of `parts` are said of it."""
        def look():
            for node in window.rows():
                texts = ' '.join(said(below) for below in walk(node))
                if all(part in texts for part in parts):
                    return node
            return None
        return wait_for(f'a row with {parts}', look, seconds)


class SignIn(LiveCase):
    def fill(self, window, name, text):
        window.click(window.find(name, Atspi.Role.TEXT))
        window.key('ctrl+a')
        window.type(text)

    def test_first_start(self):
        """From nothing to connected: a certificate to judge, a wrong password, the right one;
        and back to nothing."""
        user = next(self.users)
        profile = SimpleNamespace(folder=os.path.join(self.alice.folder, 'first-start'))
        window = self.open(profile)
        window.find('Send Files to the People You Know')
        self.fill(window, 'Address', f'{user}@{self.server.domain}')
        self.fill(window, 'Password', 'wrong')
        window.click(window.find('Advanced', Atspi.Role.LIST_ITEM))
        self.fill(window, 'Server', self.server.address)
        self.fill(window, 'Port', str(self.server.port))
        window.press('Connect')

        window.find(f'The identity of {self.server.domain} could not be verified.',
                    seconds=PATIENCE)
        window.press('View Certificate…')
        window.find('Nobody your computer knows vouches for')
        fingerprint = ' '.join(self.server.pin.upper()[i:i + 4] for i in range(0, 64, 4))
        window.find(fingerprint)
        window.press('Trust This Certificate…')
        window.find('Do this only if the people who run')
        window.press('Trust')
        window.wait_alone()

        window.find('The server did not accept your password.', seconds=PATIENCE)
        self.fill(window, 'Password', 'secret')
        window.press('Connect')
        window.find('Connected as bob', seconds=PATIENCE)
        window.find('Alice', Atspi.Role.LIST_ITEM, PATIENCE)

        window.key('F10')
        window.choose('Sign Out…')
        window.find('Ferry forgets the account')
        window.press('Sign Out')
        window.wait_alone()
        window.find('Send Files to the People You Know')
        window.close()
        again = self.open(profile)
        again.find('Send Files to the People You Know')


class Transfers(LiveCase):
    def test_drag(self):
        """A file dragged onto a person has the same bytes at the other end."""
        path = self.make('harbour plan.bin', 300000)
        with self.alice.receive() as receiver:
            window = self.open_connected()
            drag = Drag(path)
            self.addCleanup(drag.close)
            drag.onto(window, window.find('Alice, Online', Atspi.Role.LIST_ITEM))
            self.row(window, 'harbour plan.bin', 'Verified')
            self.assertEqual(receiver.wait(), 0, receiver.stderr)
        self.assertEqual(sha256(receiver.find('done')[0]['path']), sha256(path))
        self.assertTrue(os.path.exists(path), 'the source is left alone')

    def test_folder(self):
        """A folder dragged onto a person arrives with its tree, as one row that counts files."""
        folder = os.path.join(self.source, 'Holiday')
        names = ['day 1.bin', 'sea/boat.bin', 'sea/island/beach.bin']
        for name in names:
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            write_file(path, 50000, name)
        with self.alice.receive() as receiver:
            window = self.open_connected(FERRY_TOAST_SECONDS='1')
            drag = Drag(folder)
            self.addCleanup(drag.close)
            drag.onto(window, window.find('Alice, Online', Atspi.Role.LIST_ITEM))
            self.row(window, 'Holiday (3 files)', 'Verified')
            self.assertEqual(receiver.wait(), 0, receiver.stderr)
        place = receiver.find('done')[0]['path']
        for name in names:
            self.assertEqual(sha256(os.path.join(place, name)),
                             sha256(os.path.join(folder, name)))

    def test_folder_offer(self):
        """An offer of a folder says so, and how many files are in it."""
        folder = os.path.join(self.source, 'Pictures')
        os.makedirs(folder)
        for name in 'one.bin', 'two.bin':
            write_file(os.path.join(folder, name), 1000, name)
        window = self.open_connected()
        sender = self.offer(folder)
        window.find('wants to send you a folder: Pictures (2 files)', seconds=PATIENCE)
        window.press('Accept')
        self.row(window, 'Pictures (2 files)', 'Verified')
        self.assertEqual(sender.wait(), 0, sender.stderr)
        self.assertEqual(sorted(os.listdir(os.path.join(self.downloads, 'Pictures'))),
                         ['one.bin', 'two.bin'])

    def test_undo(self):
        """What is undone was never offered; Undo goes when the offer leaves."""
        with self.alice.receive() as receiver:
            window = self.open_connected(FERRY_TOAST_SECONDS='10')
            for name in 'undone.bin', 'meant.bin':
                drag = Drag(self.make(name, 1000))
                self.addCleanup(drag.close)
                drag.onto(window, window.find('Alice, Online', Atspi.Role.LIST_ITEM))
                window.find('Undo', Atspi.Role.PUSH_BUTTON)
                if name == 'undone.bin':
                    window.press('Undo')
                    window.wait_gone('undone.bin')
                drag.close()
            window.wait_gone('Undo')
            self.row(window, 'meant.bin', 'Verified')
            self.assertEqual(receiver.wait(), 0, receiver.stderr)
        self.assertEqual([event['name'] for event in receiver.find('done')], ['meant.bin'])

    def test_privacy(self):
        """What is decided about a person holds for the next file: it takes no other way."""
        with self.alice.receive() as receiver:
            window = self.open_connected(FERRY_TOAST_SECONDS='1')
            window.click(window.find('Alice, Online', Atspi.Role.LIST_ITEM))
            window.key('Return')
            window.click(window.find('Connection Privacy', Atspi.Role.COMBO_BOX), dialog=True)
            window.find('In-band Only', Atspi.Role.LABEL)
            window.key('Down', 'Down', 'Return')
            window.find('Files go through the chat servers, slowly, or not at all.')
            window.close_dialog()
            drag = Drag(self.make('private.bin', 20000))
            self.addCleanup(drag.close)
            drag.onto(window, window.find('Alice, Online', Atspi.Role.LIST_ITEM))
            self.row(window, 'private.bin', 'Verified', 'In-band')
            self.assertEqual(receiver.wait(), 0, receiver.stderr)
        self.assertEqual(receiver.find('done')[0]['route'], 'inband')

    def test_accept(self):
        """An offer has a card; Accept brings the file into the folder, and into the history."""
        path = self.make('from alice.bin', 400000)
        window = self.open_connected()
        sender = self.offer(path)
        window.find('wants to send you a file: from alice.bin', seconds=PATIENCE)
        window.press('Accept')
        self.row(window, 'from alice.bin', 'Verified')
        self.assertEqual(sender.wait(), 0, sender.stderr)
        self.assertEqual(sha256(os.path.join(self.downloads, 'from alice.bin')), sha256(path))
        self.assertEqual(os.listdir(self.downloads), ['from alice.bin'])

        window.key('ctrl+2', 'ctrl+f')
        window.type('from')
        window.find('from alice.bin', Atspi.Role.LIST_ITEM)
        window.type('zz')
        window.find('Nothing Found')

    def test_decline(self):
        """Decline is an answer: the sender is told so, and nothing is written."""
        window = self.open_connected()
        sender = self.offer(self.make('unwanted.bin', 1000))
        window.find('wants to send you a file', seconds=PATIENCE)
        window.press('Decline')
        self.assertEqual(sender.wait(), 3, sender.stderr)
        window.wait_gone('wants to send you a file')
        self.assertEqual(os.listdir(self.downloads), [])

    def test_cancel(self):
        """Cancel ends a transfer under way on both sides, and leaves nothing behind."""
        path = self.make('big.bin', 48 << 20)
        self.addCleanup(os.unlink, path)
        window = self.open_connected()
        sender = self.alice.start('send', path, '--to', self.bob,
                                  '--route', 'inband', '--limit-rate', '4M')
        self.addCleanup(sender.kill)
        window.find('wants to send you a file', seconds=PATIENCE)
        window.press('Accept')
        self.row(window, 'big.bin', '/s')
        window.press('Cancel big.bin')
        self.row(window, 'big.bin', 'Cancelled')
        self.assertNotEqual(sender.wait(), 0, sender.stderr)
        wait_for('an empty folder', lambda: os.listdir(self.downloads) == [])


class Resuming(LiveCase):
    """What stops on its way goes on, and nothing of it comes twice."""

    SIZE = 16 << 20
    # It is sent slowly, and in-band, which a machine that does other things makes slower.
    PATIENCE = 90

    def open_halfway(self):
        """A window with the first part of a file, and a sender that holds its breath: however
        slow the test is, the file is not complete."""
        path = self.make('long haul.bin', self.SIZE)
        self.addCleanup(os.unlink, path)
        window = self.open_connected(FERRY_TOAST_SECONDS='1')
        sender = self.offer('--route', 'inband', '--limit-rate', '4M', path)
        window.find('wants to send you a file', seconds=PATIENCE)
        window.press('Accept')
        wait_for('a part of the file', lambda: self.part_size() > 1 << 20, self.PATIENCE)
        sender.popen.send_signal(signal.SIGSTOP)
        self.assertLess(self.part_size(), self.SIZE)
        return window, path, sender

    def part_size(self):
        return sum(entry.stat().st_size for entry in os.scandir(self.downloads))

    def check_whole(self, window, path, sender):
        self.row(window, 'long haul.bin', 'Verified', seconds=self.PATIENCE)
        self.assertEqual(sender.wait(), 0, sender.stderr)
        self.assertEqual(os.listdir(self.downloads), ['long haul.bin'])
        self.assertEqual(sha256(os.path.join(self.downloads, 'long haul.bin')), sha256(path))

    def test_pause(self):
        """Pause stops the bytes and keeps them; Resume goes on where they stopped."""
        window, path, sender = self.open_halfway()
        window.press('Pause long haul.bin')
        self.row(window, 'long haul.bin', 'Paused')
        size = self.part_size()
        sender.popen.send_signal(signal.SIGCONT)
        window.press('Resume long haul.bin')
        self.check_whole(window, path, sender)
        self.assertGreater(size, 1 << 20)

    def test_stalled(self):
        """Silence is said with its seconds, which go on; and it ends by itself."""
        window, path, sender = self.open_halfway()
        said_so = re.compile(r'No data for (\d+) s – reconnecting soon')
        def quiet_seconds():
            return max((int(found[1]) for row in window.rows() for node in walk(row)
                        if (found := said_so.search(said(node)))), default=0)
        first = wait_for('silence', quiet_seconds, self.PATIENCE)
        wait_for('more of it', lambda: quiet_seconds() > first)
        sender.popen.send_signal(signal.SIGCONT)
        self.check_whole(window, path, sender)

    def test_pause_all(self):
        """All stop by one button, and go on by another, which is there instead."""
        window, path, sender = self.open_halfway()
        window.press('Pause All')
        self.row(window, 'long haul.bin', 'Paused')
        window.wait_gone('Pause All', Atspi.Role.PUSH_BUTTON)
        sender.popen.send_signal(signal.SIGCONT)
        window.press('Resume All')
        self.check_whole(window, path, sender)
        window.wait_gone('Resume All', Atspi.Role.PUSH_BUTTON)

    def test_quit(self):
        """Quit says what is left; the next start goes on with it by itself."""
        window, path, sender = self.open_halfway()
        window.key('ctrl+q')
        window.find('1 transfer will continue when you next start Ferry.')
        window.press('Quit')
        self.assertEqual(window.process.wait(PATIENCE), 0)
        sender.popen.send_signal(signal.SIGCONT)
        again = self.open(self.profile)
        self.check_whole(again, path, sender)

    def test_retry(self):
        """What was cancelled is sent again by the button in its row."""
        path = self.make('second thoughts.bin', 300000)
        window = self.open_connected(FERRY_TOAST_SECONDS='1')
        drag = Drag(path)
        self.addCleanup(drag.close)
        # Nobody receives there yet, so it waits.
        drag.onto(window, window.find('Alice, ', Atspi.Role.LIST_ITEM))
        self.row(window, 'second thoughts.bin', 'Waiting for')
        window.press('Cancel second thoughts.bin')
        self.row(window, 'second thoughts.bin', 'Cancelled')
        with self.alice.receive() as receiver:
            window.press('Send Again')
            self.row(window, 'second thoughts.bin', 'Verified', seconds=self.PATIENCE)
            self.assertEqual(receiver.wait(), 0, receiver.stderr)
        self.assertEqual(sha256(receiver.find('done')[0]['path']), sha256(path))


class Closing(LiveCase):
    def start_transfer(self, window):
        path = self.make('long way.bin', 16 << 20)
        self.addCleanup(os.unlink, path)
        sender = self.offer('--route', 'inband', '--limit-rate', '2M', path)
        window.find('wants to send you a file', seconds=PATIENCE)
        window.press('Accept')
        self.row(window, 'long way.bin', '/s')
        return path, sender

    def test_close(self):
        """Closing the window stops nothing; the program says so, and ends when all is done."""
        window = self.open_connected()
        path, sender = self.start_transfer(window)
        window.press('Close')
        wait_for('no window', lambda: not x_windows_of(window.process.pid))
        note = self.notifications.find('Ferry is still busy with 1 file', PATIENCE)
        self.assertEqual(sorted(note.buttons), ['', 'Quit', 'Show'])
        self.assertEqual(sender.wait(), 0, sender.stderr)
        self.assertEqual(window.process.wait(PATIENCE), 0)
        self.assertEqual(sha256(os.path.join(self.downloads, 'long way.bin')), sha256(path))
        self.notifications.wait_gone('still busy')

    def test_show_again(self):
        """From the notification the window comes back; there, Quit asks first. A screen reader
        that asks for the hidden window does no harm."""
        window = self.open_connected()
        _, sender = self.start_transfer(window)
        # With the last byte the hidden program would end.
        sender.popen.send_signal(signal.SIGSTOP)
        window.press('Close')
        note = self.notifications.find('Ferry is still busy with 1 file', PATIENCE)
        wait_for('no window', lambda: not x_windows_of(window.process.pid))
        self.assertEqual(window.root.get_child_count(), 0)
        window.root.get_child_at_index(0)
        self.notifications.press(note, 'Show')
        wait_for('the window', lambda: x_windows_of(window.process.pid))
        self.notifications.wait_gone('still busy')
        window.focus()
        window.key('ctrl+q')
        window.find('1 transfer will continue when you next start Ferry.')
        window.press('Keep Running')
        window.wait_alone()
        window.key('ctrl+q')
        window.press('Quit')
        self.assertEqual(window.process.wait(PATIENCE), 0)


class Notifications(LiveCase):
    def open_behind(self):
        """A window that is not the one its user works with."""
        window = self.open_connected()
        drag = Drag(self.make('elsewhere.bin', 1))
        self.addCleanup(drag.close)
        xdotool('windowfocus', '--sync', drag.id)
        return window

    def test_accept(self):
        """An offer can be accepted from its notification; another tells of its end."""
        path = self.make('sea chart.bin', 200000)
        window = self.open_behind()
        sender = self.offer(path)
        offer = self.notifications.find('Alice', PATIENCE)
        self.assertIn('wants to send you a file', offer.title)
        self.assertIn('sea chart.bin', offer.body)
        self.assertEqual(sorted(offer.buttons), ['', 'Accept', 'Decline'])
        self.notifications.press(offer, 'Accept')
        self.row(window, 'sea chart.bin', 'Verified')
        self.assertEqual(sender.wait(), 0, sender.stderr)
        self.assertEqual(sha256(os.path.join(self.downloads, 'sea chart.bin')), sha256(path))
        self.notifications.wait_gone('wants to send')
        end = self.notifications.find('sea chart.bin', PATIENCE)
        self.assertIn('Saved in Downloads', end.body)
        self.assertIn('Show in Folder', end.buttons)

    def accept_asked(self, window, name, button):
        """Bob's user is asked about the key of Alice's device, or that it shows none."""
        sender = self.offer(self.make(name, 100000))
        window.press('Accept')
        question = self.notifications.find('waits for your answer', PATIENCE)
        self.assertIn(name, question.title)
        self.assertIn(button, question.buttons)
        window.press(button)
        return sender, question

    def test_keys(self):
        """A file that waits for what the user says about a key is told of, while it waits."""
        window = self.open_behind()
        sender = self.offer(self.make('first.bin', 100000))
        window.press('Accept')
        self.row(window, 'first.bin', 'Encrypted')
        self.assertEqual(sender.wait(), 0, sender.stderr)

        self.alice.run('contacts', '--encryption', f'{self.bob}=never', check=True)
        sender, question = self.accept_asked(window, 'plain.bin', 'Decide…')
        self.assertIn('used to encrypt, and does not now', question.body)
        window.find('when somebody in between wants to read along')
        window.press('Transfer in Clear This Time')
        window.wait_alone()
        self.row(window, 'plain.bin', 'Not encrypted')
        self.assertEqual(sender.wait(), 0, sender.stderr)
        self.notifications.wait_gone('waits for your answer')

        self.alice.run('contacts', '--encryption', f'{self.bob}=auto', check=True)
        replace_key(self.alice)
        sender, question = self.accept_asked(window, 'second.bin', 'Compare Keys…')
        self.assertIn('another key than before', question.body)
        window.press('Compared: It Is Theirs')
        self.row(window, 'second.bin', 'Encrypted, verified')
        self.assertEqual(sender.wait(), 0, sender.stderr)
        self.notifications.wait_gone('waits for your answer')
        window.close()
        self.row(self.open(self.profile), 'second.bin', 'Encrypted, verified')

    def send_with_another_key(self, window, path):
        """Alice sends a file, as a device that was set up anew would; it waits for an answer."""
        replace_key(self.alice)
        sender = self.offer(path)
        window.press('Accept')
        question = self.notifications.find('waits for your answer', PATIENCE)
        self.assertEqual(sorted(question.buttons), ['', 'Compare Keys…', 'Do Not Transfer'])
        return sender, question

    def test_answer(self):
        """Another key is refused from the notification, or compared in the window it leads to."""
        path = self.make('sealed.txt', 2000)
        window = self.open_behind()
        sender = self.offer(path)
        window.press('Accept')
        self.assertEqual(sender.wait(), 0, sender.stderr)

        sender, question = self.send_with_another_key(window, path)
        self.notifications.press(question, 'Do Not Transfer')
        self.assertNotEqual(sender.wait(), 0)
        self.notifications.wait_gone('waits for your answer')

        sender, question = self.send_with_another_key(window, path)
        self.notifications.press(question, 'Compare Keys…')
        window.find('The New Key')
        window.press('Compared: It Is Theirs')
        self.assertEqual(sender.wait(), 0, sender.stderr)
        window.wait_alone()
        self.notifications.wait_gone('waits for your answer')

    def test_many(self):
        """Many offers of one person do not make many notifications; those end with them."""
        window = self.open_behind()
        # What one program sends together would be one question.
        senders = []
        for number in range(3):
            profile = Profile(CLI, self.server, 'alice')
            self.addCleanup(profile.close)
            path = self.make(f'flood {number}.bin', 10)
            senders.append(profile.start('send', path, '--to', self.bob))
            self.addCleanup(senders[-1].kill)
        for number in range(3):
            window.find(f'flood {number}.bin', seconds=PATIENCE)
        offer = self.notifications.find('wants to send you', PATIENCE)
        self.assertEqual([item.title for item in self.notifications.showing.values()
                          if 'wants to send' in item.title], [offer.title])
        for sender in senders:
            sender.popen.send_signal(signal.SIGINT)
        self.notifications.wait_gone('wants to send')

    def test_together(self):
        """Files that are sent together are one question, also in the notification."""
        paths = [self.make(f'bundle {number}.bin', 1000 + number) for number in range(3)]
        window = self.open_behind()
        sender = self.offer(*paths)
        offer = self.notifications.find('wants to send you 3 files', PATIENCE)
        self.assertRegex(without_marks(offer.body), r'bundle \d.bin and 2 more')
        window.find('wants to send you 3 files')
        self.notifications.press(offer, 'Accept')
        self.assertEqual(sender.wait(), 0, sender.stderr)
        for path in paths:
            self.assertEqual(sha256(os.path.join(self.downloads, os.path.basename(path))),
                             sha256(path))
        # They end as one, too.
        end = self.notifications.find('and 2 more from', PATIENCE)
        self.assertRegex(without_marks(end.title), r'bundle \d.bin and 2 more from Alice')
        self.row(window, 'Receiving bundle', 'and 2 more from Alice')

    def test_other_program(self):
        """What another program offers file by file is one question, too; so is its answer."""
        files = {'one.txt': b'1', 'two.txt': b'22', 'three.txt': b'333'}
        window = self.open_behind()
        count = self.notifications.count
        peer = OfferingPeer(self.server, 'alice', f'{self.bob}/desk')
        self.addCleanup(peer.close)
        for name, data in files.items():
            peer.offer(name, len(data))
        offer = self.notifications.find('wants to send you 3 files', PATIENCE)
        self.assertIn('one.txt and 2 more', without_marks(offer.body))
        self.assertEqual(self.notifications.count, count + 1)
        window.find('wants to send you 3 files: one.txt and 2 more, 6 bytes')
        self.notifications.press(offer, 'Accept')
        for number, (name, data) in enumerate(files.items(), 1):
            peer.wait_action('session-accept', number)
            self.assertTrue(peer.send_whole(data, number))
            self.row(window, name, 'Received')
        self.assertEqual({name: Path(self.downloads, name).read_bytes()
                          for name in os.listdir(self.downloads)}, files)

        peer.offer('four.txt', 4)
        peer.offer('five.txt', 5)
        window.find('wants to send you 2 files: four.txt and 1 more', seconds=PATIENCE)
        window.press('Decline')
        peer.wait_action('session-terminate', 4)
        peer.wait_action('session-terminate', 5)
        window.wait_gone('wants to send you')
        self.assertEqual(sorted(os.listdir(self.downloads)), sorted(files))

    def test_focused(self):
        """Whoever looks at the window sees the card, and needs no notification of it."""
        count = self.notifications.count
        window = self.open_connected()
        sender = self.offer(self.make('seen.bin', 10))
        window.find('wants to send you a file', seconds=PATIENCE)
        window.press('Decline')
        self.assertEqual(sender.wait(), 3, sender.stderr)
        self.assertEqual(self.notifications.count, count)


if __name__ == '__main__':
    unittest.main(verbosity=2)
