#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fast, offline checks of the tree: format, layers, licence lines, translations, .ui files."""

import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]

# Which layers a layer may include, besides itself: the picture in ARCHITECTURE.md as a table.
LAYERS = {
    "base": [],
    "crypt": ["base"],
    "xmpp": ["base"],
    "bytestream": ["xmpp", "base"],
    "signalling": ["bytestream", "xmpp", "crypt", "base"],
    "store": ["base"],
    "transfer": ["signalling", "bytestream", "xmpp", "crypt", "base", "store"],
    "model": ["transfer", "signalling", "bytestream", "xmpp", "base", "store"],
    "client": ["model", "transfer", "signalling", "bytestream", "xmpp", "crypt", "base",
               "store"],
    "cli": ["client", "model", "transfer", "signalling", "bytestream", "xmpp", "base", "store"],
    "gtk": ["client", "model", "transfer", "signalling", "bytestream", "xmpp", "base", "store"],
}
SPDX = "SPDX-License-Identifier: GPL-3.0-or-later"

problems = []


def tracked(*patterns):
    out = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "--",
                          *patterns], cwd=TOP, check=True, capture_output=True, text=True).stdout
    return [path for path in out.splitlines() if (TOP / path).is_file()]


def check_layers():
    for path in tracked("src/*.c", "src/*.h"):
        layer = path.split("/")[1]
        allowed = [layer, *LAYERS[layer]]
        for number, line in enumerate((TOP / path).read_text().splitlines(), 1):
            local = re.match(r'#include "([^"]+)"', line)
            if local and "/" in local[1] and local[1].split("/")[0] not in allowed:
                problems.append(f"{path}:{number}: {layer} may not include {local[1]}")
            if re.match(r"#include <strophe\.h>", line) and not path.startswith("src/xmpp/strophe/"):
                problems.append(f"{path}:{number}: only xmpp/strophe sees libstrophe")
            if re.match(r"#include <(gtk|adwaita)", line) and layer != "gtk":
                problems.append(f"{path}:{number}: only src/gtk sees GTK")


def check_licences():
    for path in tracked("*.c", "*.h", "*.py", "*.build", "*.ui", "*.sh", "dev", ".ci/run"):
        head = "\n".join((TOP / path).read_text(errors="replace").splitlines()[:3])
        if SPDX not in head:
            problems.append(f"{path}: no SPDX line")


def check_format():
    files = tracked("*.c", "*.h")
    done = subprocess.run(["clang-format-14", "--dry-run", "-Werror", *files], cwd=TOP,
                          capture_output=True, text=True)
    for line in done.stderr.splitlines():
        if "error:" in line:
            problems.append(line)


def check_translations():
    potfiles = TOP / "po" / "POTFILES"
    listed = {line for line in potfiles.read_text().splitlines()
              if line and not line.startswith("#")} if potfiles.exists() else set()
    marked = re.compile(r"\b(?:_|N_|C_|g_dgettext|ngettext|dngettext) \(\"")
    for path in tracked("src/*.c"):
        if marked.search((TOP / path).read_text()) and path not in listed:
            problems.append(f"{path}: has translatable text but is not in po/POTFILES")
    for path in tracked("ui/*.ui"):
        if 'translatable="yes"' in (TOP / path).read_text() and path not in listed:
            problems.append(f"{path}: has translatable text but is not in po/POTFILES")
    for path in listed:
        if not (TOP / path).is_file():
            problems.append(f"po/POTFILES: {path} does not exist")


def check_notes():
    """Whatever is noted in a timeline is in the table of what can be translated."""
    table = (TOP / "src/model/ferry-note.c").read_text()
    known = set(re.findall(r'N_ \("([^"]*)"\)', table)) | set(re.findall(r'"timeline", "([^"]*)"', table))
    call = re.compile(r'\b(?:\w+_)?note \((?:[^";{}]|\([^()]*\))*?((?:"[^"]*"\s*)+)')
    for path in tracked("src/*.c"):
        for match in call.finditer((TOP / path).read_text()):
            text = "".join(re.findall(r'"([^"]*)"', match[1]))
            template = re.sub(r"%(?:\.\d+)?[a-z]", "%s", text)
            if template not in known | {"%s"}:
                problems.append(f"{path}: the note “{text}” is not in src/model/ferry-note.c")


def check_size():
    for path in tracked("src/*.c"):
        lines = len((TOP / path).read_text().splitlines())
        if lines > 1000:
            problems.append(f"{path}: {lines} lines; look for the second concern")


def main():
    for check in (check_layers, check_licences, check_format, check_translations, check_notes, check_size):
        check()
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems" if problems else "check: nothing to complain about")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
