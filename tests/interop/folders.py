# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder to a client that takes none: it gets an archive, and nobody has to say so."""

import os

from interop import MIB, write_file

from ferrylab import tree, zip_tree

FOLDER_NAME = "Ausflüge 2024"
SIZES = {"plain.txt": 1000, "empty": 0, "photos/Größe.bin": MIB, "photos/deep/er/漢字.txt": 5}


def check_send_folder(test):
    parent = os.path.join(test.ferry.folder, "parent")
    for name, size in SIZES.items():
        path = os.path.join(parent, FOLDER_NAME, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write_file(path, size, seed=name)
    os.mkdir(os.path.join(parent, FOLDER_NAME, "nothing"))

    with test.ferry.start("send", os.path.join(parent, FOLDER_NAME), "--to", test.peer.jid,
                          "--via", test.via, "--timeout", "60") as sender:
        received = test.peer.wait_event("received", 120)
        test.assertEqual(sender.wait(120), 0, f"{sender.events}\n{sender.stderr}")
    done = sender.find("done")[0]
    test.assertEqual(done["name"], f"{FOLDER_NAME}.zip")
    test.assertEqual(done["size"], os.stat(received["path"]).st_size)
    # Dino puts some digits before it.
    test.assertTrue(received["path"].endswith(f"{FOLDER_NAME}.zip"), received)
    test.assertEqual(zip_tree(received["path"]), tree(parent))
