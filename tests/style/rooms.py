"""Who may include whom, and who may call whom, in every tree of C.

A tree's files are in rooms.  A file sees its own room, the rooms that the
row of its room names, and all that those see; it includes nothing else of
its tree.  TREES below is the whole of the rule.
"""

import fnmatch
import re
import subprocess
from pathlib import PurePosixPath as Path

INCLUDE = re.compile(r'^#include (?:<([^>]+)>|"([^"]+)")', re.M)
SOURCES = ("*.c", "*.h", "*.S", "*.def")
HERE = "."  # the room of the files that lie in no folder of their tree


class Tree:
    """A folder, what an include of its files begins with, and its rooms."""

    def __init__(self, root, prefix, sees, outside=(), apart=()):
        self.root, self.prefix, self.sees = root, prefix, sees
        self.outside = outside  # patterns of includes from other trees
        self.apart = apart      # folders that are no room of it

    def room_of(self, name):
        """The room of a file, named as from the tree's root."""
        return name.split("/")[0] if "/" in name else HERE

    def visible(self, room):
        """The rooms that a file in `room` may include."""
        seen = {room}
        for other in self.sees[room]:
            seen |= self.visible(other)
        return seen

    def is_own(self, includer, included):
        """Whether a file may include this one of its own room."""
        return True


class Floors(Tree):
    """A flat folder: rooms are lists of file patterns, lowest first.

    Files on one floor do not include each other, but for a pair of one name.
    """

    def __init__(self, root, floors, outside=()):
        self.floors = [floor.split() for floor in floors]
        super().__init__(root, "", {
            n: [n - 1] if n else [] for n in range(len(floors))}, outside)

    def room_of(self, name):
        for n, patterns in enumerate(self.floors):
            if any(fnmatch.fnmatch(name, pattern) for pattern in patterns):
                return n
        return None

    def is_own(self, includer, included):
        return Path(includer).stem == Path(included).stem


def stack(*rooms):
    """Rooms one above the other, lowest first."""
    return {room: list(rooms[max(n - 1, 0):n])
            for n, room in enumerate(rooms)}


TREES = {
    # The emulator.  The program, host and cli, sees the public headers alone.
    "emu": Tree("emu", "", {
        "base": [],
        "isa": ["base"],
        "bus": ["base"],
        "block": ["base"],
        "trace": ["base"],
        "hart": ["isa", "bus", "trace"],
        "jit": ["hart"],
        "dev": ["block", "bus", "trace"],
        "machine": ["hart", "jit", "dev"],
        "analysis": ["isa", "trace"],
        "debug": ["machine", "analysis"],
        "host": [],
        "cli": ["host"],
    }, outside=["../guest/include/uapi/*"], apart=["include"]),

    # One hart.  What runs it is on top and lies in no room.
    "emu/hart": Tree("emu/hart", "hart/", {
        "fp": [],
        "code": [],
        "lookup": [],
        "state": ["fp", "code", "lookup"],
        "mmu": ["state"],
        "system": ["mmu"],
        "interp": ["system"],
        HERE: ["interp"],
    }),

    "firmware": Floors("firmware", [
        "layout.h csr.h memory.c event_counters.def sbi_extensions.def",
        "fdt.* trap_frame.* probe.*",
        "platform.*",
        "hart.* clint.h console.*",
        "finisher.* pmu.* features.*",
        "ipi.* timer.*",
        "fence.*",
        "boot.* soft.*",
        "sbi.h",
        "sbi_*.c",
        "sbi.c",
        "trap.*",
        "main.c start.S firmware.ld.S",
    ], outside=["base/types.h"]),

    # bugs is in none of the others: it is woven into them.
    "guest/kernel": Tree("guest/kernel", "", dict(stack(
        "lib", "dev", "ram", "fs", "mm", "task", "file", "check", "proc",
        "sys", "boot", HERE), bugs=["dev"]),
        outside=["uapi/*.h", "uapi/*.def"]),
}


def sources(root, tree):
    """The files of a tree that git knows: name from its root -> text."""
    out = subprocess.run(
        ["git", "ls-files", "--"] + ["%s/%s" % (tree.root, pattern)
                                     for pattern in SOURCES],
        cwd=str(root), stdout=subprocess.PIPE, check=True).stdout.decode()
    found = {}
    for path in out.splitlines():
        name = path[len(tree.root) + 1:]
        if (root / path).is_file() and name.split("/")[0] not in tree.apart:
            found[name] = (root / path).read_text(encoding="utf-8")
    return found


def includes(tree, text):
    """What a text includes with quotes: (of the tree?, name) of each."""
    for match in INCLUDE.finditer(text):
        included = match.group(2)
        if included and included.startswith(tree.prefix):
            yield included[len(tree.prefix):]


def is_outside(tree, included):
    return any(fnmatch.fnmatch(included, p) for p in tree.outside)


def upward(tree, files):
    """Every include of a file that does not see what it includes."""
    found = []
    for name, text in sorted(files.items()):
        room = tree.room_of(name)
        if room not in tree.sees:
            found.append("%s/%s: has no room" % (tree.root, name))
            continue
        for included in includes(tree, text):
            if is_outside(tree, included):
                continue
            other = tree.room_of(included)
            if (other not in tree.visible(room)
                    or other == room and not tree.is_own(name, included)):
                found.append("%s/%s includes %s" % (tree.root, name, included))
    return found


def gathering(tree, files):
    """Every header that includes headers of all the other rooms."""
    rooms = {tree.room_of(name) for name in files}
    found = []
    for name, text in sorted(files.items()):
        others = rooms - {tree.room_of(name)}
        met = {tree.room_of(included) for included in includes(tree, text)}
        if name.endswith(".h") and len(others) > 1 and others <= met:
            found.append("%s/%s includes all rooms" % (tree.root, name))
    return found


def plants(tree, files):
    """(room, where, what) for each room and a file of each it must not see."""
    by_room = {}
    for name in sorted(files):
        by_room.setdefault(tree.room_of(name), []).append(name)
    for room, names in by_room.items():
        for other, targets in by_room.items():
            if other not in tree.visible(room):
                yield room, names[0], targets[0]


def plant(tree, files, where, what):
    """The tree's files with one include more, in memory."""
    return dict(files, **{
        where: '#include "%s%s"\n' % (tree.prefix, what) + files[where]})


# ---- calls ----

# Files of which none calls, in however many steps, one that calls it, the nm
# that reads their objects, and where in the build folder an object may lie.
# A C file and an assembler file of one name are one.
CALLS = [
    ("emu/*/*.c", "nm",
     lambda path: ["librvemu.a.p/%s.o" % path.replace("/", "_")]),
    ("firmware/*.c firmware/*.S", "riscv64-unknown-elf-nm",
     lambda path: [path + ".o"]),
    ("guest/kernel/*.c guest/kernel/*.S", "riscv64-unknown-elf-nm",
     lambda path: ["guest/kernel/%s%s.o" % (
         variant, re.sub(r"\W", "_", path[len("guest/kernel/"):]))
                   for variant in ("", "kernel-")]),
]
# Calls that do not count: a new task leaves the kernel as a trap does.
EXCEPT = [("guest/kernel/proc/fork", "guest/kernel/sys/trap")]


def read_symbols(listing):
    """From nm's listing of one object: names it defines, names it needs."""
    fields = [line.split() for line in listing.splitlines()]
    return ({f[2] for f in fields if len(f) == 3 and f[1].isupper()},
            {f[1] for f in fields if len(f) == 2 and f[0] == "U"})


def call_graph(symbols):
    """From {file: (defines, needs)}: {file: files that it calls}."""
    owner, graph = {}, {}
    for path, (defines, _) in symbols.items():
        owner.update((name, str(Path(path).with_suffix(""))) for name in defines)
    for path, (_, needs) in symbols.items():
        caller = str(Path(path).with_suffix(""))
        graph.setdefault(caller, set()).update(
            owner[name] for name in needs if name in owner
            and owner[name] != caller
            and (caller, owner[name]) not in EXCEPT)
    return graph


def reached(graph, start):
    """What `start` calls, and what that calls, and so on."""
    seen, left = set(), [start]
    while left:
        for path in graph[left.pop()] - seen:
            seen.add(path)
            left.append(path)
    return seen


def circles(graph):
    """Every call from one file to another that gets back to the first."""
    return ["%s calls %s, and is called back" % (path, other)
            for path in sorted(graph) for other in sorted(graph[path])
            if path in reached(graph, other)]
