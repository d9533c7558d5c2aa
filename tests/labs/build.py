"""The kernels and programs of the labs, built outside the source tree.

All objects of the bundled kernel once, as students compile theirs: with frame
pointers and little optimization; then, for a lab, those anew whose source has a
mistake.  The build says how: its commands are run with another source.
"""

import re
import shlex
from concurrent.futures import ThreadPoolExecutor

from rows import ROOT

KERNEL = ROOT / "guest" / "kernel"
FLAGS = ["-O1", "-g1", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls"]
OBJDUMP = "riscv64-unknown-elf-objdump"


def commands(ctx, target):
    """What the build runs for a target, the last of which makes it."""
    lines = ctx.expect(ctx.run(
        ["ninja", "-C", ctx.build, "-t", "commands", target])).out
    return [shlex.split(line) for line in lines.strip().split("\n")]


def instead(command, source, other, output):
    """The command with another source, and its output elsewhere."""
    at = command.index("-o")
    command = command[:at] + ["-o", output] + command[at + 2:]
    if "-MD" in command:
        at = command.index("-MD")
        command = command[:at] + command[at + 5:]
    return [other if str(word).endswith(source) else word for word in command]


class Kernels:
    """The bundled kernel, right and with mistakes; objects, by source."""

    def __init__(self, ctx):
        self.ctx, self.folder = ctx, ctx.tmp / "kernels"
        self.folder.mkdir()
        *compilers, self.linker = commands(ctx, "guest/kernel/kernel.elf")
        self.compilers = {}
        for command in compilers:
            if "-c" in command and command[command.index("-c") + 1].startswith(
                    str(KERNEL)):
                path = command[command.index("-c") + 1]
                self.compilers[path[len(str(ROOT)) + 1:]] = command
        with ThreadPoolExecutor(2) as pool:
            self.objects = dict(zip(self.compilers, pool.map(
                lambda path: self.compiled(path, ROOT, self.folder),
                self.compilers)))

    def compiled(self, path, root, folder):
        """The object of a source below root."""
        target = folder / (path.replace("/", "_") + ".o")
        command = self.compilers[path]
        command = instead(command, "/" + path, root / path, target)
        self.ctx.expect(self.ctx.run(
            [command[0], "-I", root / "guest" / "kernel", *command[1:], *FLAGS,
             "-w", "-ffile-prefix-map=%s=." % root], cwd=self.ctx.build))
        return target

    def linked(self, name, changed):
        """The kernel with these objects in place of its own; its path."""
        image = self.folder / (name + ".elf")
        at = self.linker.index("-o")
        self.ctx.expect(self.ctx.run(
            [word for word in self.linker[:at] if not word.endswith(".o")
             and word != "-lgcc"]
            + list(dict(self.objects, **changed).values())
            + ["-lgcc", "-o", image]))
        return image

    def planted(self, lab):
        """The kernel of a lab, and the objects that are its own."""
        root, changed = self.folder / lab.name, {}
        for path in dict.fromkeys(mistake.path for mistake in lab.mistakes):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(lab.text(path))
            changed[path] = self.compiled(path, root, root)
        return self.linked(lab.name, changed), list(changed.values())


def small_kernel(ctx, name, text):
    """A kernel of tests/explain/kernels with this source of scenarios."""
    folder = ctx.tmp / name
    folder.mkdir(exist_ok=True)
    source = folder / "race.c"
    source.write_text(text)
    image = folder / "kernel.elf"
    command = commands(ctx, "tests/explain/kernels/harts.elf")[-1]
    ctx.expect(ctx.run(instead(command, "/harts.c", source, image) + ["-w"],
                       cwd=ctx.build))
    return image


def programs(ctx):
    """An initrd with the programs of the build and those in guest/."""
    target = ctx.tmp / "beyond"
    command = commands(ctx, "guest/user/true.elf")[-1]
    ctx.expect(ctx.run(
        instead(command, "/true.c", ROOT / "tests/labs/guest/beyond.c", target)
        + ["-I", ROOT / "guest" / "libc"], cwd=ctx.build))
    return packed(ctx, beyond=target)


def packed(ctx, **more):
    """An initrd with the programs of the build and, by their names, more."""
    initrd = ctx.tmp / "initrd.cpio"
    pack = commands(ctx, "guest/user/initrd.cpio")[-1]
    ctx.expect(ctx.run([pack[0], initrd] + pack[2:] + [
        "bin/%s=%s" % program for program in more.items()], cwd=ctx.build))
    return initrd


def symbols(ctx, binary, file, lines):
    """The functions that code of these lines was compiled into."""
    found, inside = set(), None
    for line in ctx.expect(ctx.run([OBJDUMP, "-d", "-l", "--no-show-raw-insn",
                                    binary])).out.split("\n"):
        start = re.match(r"[0-9a-f]+ <(\w+)", line)
        place = re.match(r"\S*?([^/\s]+\.c):(\d+)", line)
        if start:
            inside = start.group(1)
        elif place and place.group(1) == file and int(place.group(2)) in lines:
            found.add(inside)
    return found
