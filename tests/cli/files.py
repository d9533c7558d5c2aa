"""The files that emu writes: told of before the guest runs where that cannot
be, never written over by a slip, and an error where they get too large; and
--timeout, which holds for opening files, too."""

import json
import os

import elf
from harness import Case, Fail, Test, describe

PASS = elf.words(elf.hello("hello\n"), elf.exit_pass())


def write(ctx, name, data):
    path = ctx.tmp / name
    path.write_bytes(data)
    return path


def refused(ctx, args, *about):
    """One line that names what is wrong, and nothing else."""
    before = sorted(ctx.tmp.iterdir())
    result = ctx.expect(ctx.emu(args, cwd=str(ctx.tmp), timeout=10), 125)
    lines = result.err.splitlines()
    if len(lines) != 1 or not lines[0].startswith("emu: "):
        raise Fail("not one line of 'emu: …'\n" + describe(result))
    for word in about:
        if word not in lines[0]:
            raise Fail("'%s' is not mentioned\n%s" % (word, describe(result)))
    if result.out:
        raise Fail("something on stdout\n" + describe(result))
    if sorted(ctx.tmp.iterdir()) != before:
        raise Fail("left something behind\n" + describe(result))


def in_shell(ctx, line, *args, **wanted):
    """emu with these arguments under a shell, which redirects it."""
    command = ctx.emu_command() + list(args)
    return ctx.expect(ctx.run(["bash", "-c", '"$@" ' + line, "bash"]
                              + command, timeout=20), **wanted)


# Options that name a file to be written, and what else they need.
WRITES = {
    "-D": ["-d", "trap"],
    "--log-commits=": [],
    "--exit-json": [],
    "--signature": [],
    "-serial=file:": [],
    "-dump-dtb": [],
    "--trace=": [],
    "--on-fail=": [],
}
TRACES = ("--trace=", "--on-fail=")


def writes(option, path, more=()):
    """Arguments that have emu write the file at this path."""
    value = ["%s%s" % (option, path)] if option[-1] in "=:" else [option, path]
    return list(more) + value


def told_before(ctx):
    """A file that cannot be written is told of before the guest runs."""
    guest = write(ctx, "guest.elf", elf.elf(
        PASS, symbols={"begin_signature": elf.RAM,
                       "end_signature": elf.RAM + 8}))
    (ctx.tmp / "folder").mkdir()
    for option, more in WRITES.items():
        for path, why in (("no/such/file", "No such file"),
                          ("folder", "Is a directory")):
            what = "the trace " if option in TRACES else ""
            refused(ctx, writes(option, path, more) + [guest],
                    "cannot write " + what + path, why)
            yield Case("%s %s" % (option, path))


def leaves_alone(ctx):
    """An option that lacks its value writes over no guest, nor over what
    cannot be its own."""
    image = elf.elf(PASS, symbols={"begin_signature": elf.RAM,
                                   "end_signature": elf.RAM + 8})
    guest = write(ctx, "guest.elf", image)
    disk = write(ctx, "disk", bytes(4096))
    drive = ["-drive", "file=disk,if=none,id=d"]
    for option, more in WRITES.items():
        refused(ctx, writes(option, "guest.elf", more), option.rstrip("=").replace("=", " "),
                "guest.elf", "is an ELF file")
        refused(ctx, writes(option, guest, more) + ["guest.elf"], "guest.elf",
                "is read, too")
        refused(ctx, drive + writes(option, "disk", more) + [guest], "disk",
                "is a disk, too")
        refused(ctx, writes(option, "--m", more) + [guest], option.rstrip("=").replace("=", " "),
                "--m", "say ./ in front")
        if option[-1] != ":" and option != "-dump-dtb":
            refused(ctx, writes(option, "disk", more) + [guest], "disk",
                    "holds binary data")
        if guest.read_bytes() != image or disk.read_bytes() != bytes(4096):
            raise Fail(option + " wrote over a file")
        yield Case(option)
    refused(ctx, ["-d", "trap", "-D", "one", "--exit-json", "one", guest],
            "-D and --exit-json name the same file")


def beside_stdout(ctx):
    """/dev/stdout is stdout, where that is a file, too."""
    guest = write(ctx, "guest.elf", elf.elf(PASS))
    out = ctx.tmp / "out"
    in_shell(ctx, ">%s" % out, "--exit-json", "/dev/stdout", guest)
    lines = out.read_text().splitlines()
    if len(lines) != 2 or lines[0] != "hello":
        raise Fail("%r" % lines)


def file_size_limit(ctx):
    """A file that may not get larger is an error, and no signal."""
    talks = elf.hello("x" * 16 + "\n")
    guest = write(ctx, "talks.elf", elf.elf(
        elf.words(talks, elf.jump(-4 * len(talks))),
        memsz=4096, symbols={"begin_signature": elf.RAM,
                 "end_signature": elf.RAM + 4096}))
    limit = ["--max-insns", "100000"]
    for name, args, line, what in (
            ("log", ["-d", "trap,retire", "-D", "file"], ">/dev/null", "file"),
            ("commits", ["--log-commits=file"], ">/dev/null", "file"),
            ("signature", ["--signature", "file"], ">/dev/null", "file"),
            ("serial", ["-serial", "file:file"], "", "the console"),
            ("console", [], ">file", "the console")):
        command = ctx.emu_command() + limit + args + [guest]
        result = ctx.run(["bash", "-c", 'ulimit -f 4; "$@" ' + line, "bash"]
                         + command, timeout=20, cwd=str(ctx.tmp))
        ctx.expect(result, 125, err=r"^emu: cannot write %s: File too large$"
                   % what)
        yield Case(name)


def timeout_while_opening(ctx):
    """--timeout holds for files that take their time to open, and to read."""
    guest = write(ctx, "guest.elf", elf.elf(PASS))
    os.mkfifo(str(ctx.tmp / "fifo"))
    path = ctx.tmp / "end.json"
    for name, args, line in (
            ("kernel", ["fifo"], ""),
            ("bios", ["-bios", "fifo"], ""),
            ("log", ["-d", "trap", "-D", "fifo", guest], ""),
            ("trickle", ["-kernel", "/dev/stdin"],
             "< <(while echo x; do sleep 0.02; done)")):
        command = ctx.emu_command() + ["--timeout", "0.3", "--exit-json",
                                       path] + args
        result = ctx.run(["bash", "-c", '"$@" ' + line, "bash"] + command,
                         timeout=20, cwd=str(ctx.tmp))
        ctx.expect(result, 124, out=r"\A\Z",
                   err=r"\Aemu: stopped by --timeout before the guest ran: .*\n"
                   r"\Z")
        if json.loads(path.read_text())["reason"] != "timeout":
            raise Fail(path.read_text())
        yield Case(name, None if result.seconds < 5 else describe(result))


def failing_line(ctx):
    """The line that --fail-on finds is shown, and quoted, to its end."""
    guest = write(ctx, "guest.elf", elf.elf(elf.words(
        elf.hello("panic:"), elf.wait(1500000), elf.hello(" why\n"),
        elf.SPIN)))
    result = ctx.emu(["--fail-on", "panic", guest], timeout=20)
    ctx.expect(result, 1, out=r"\Apanic: why\n\Z",
               err=r"\Aemu: the console printed what --fail-on looks for: "
               r'"panic: why"$')


TESTS = [
    Test("refuse/told-before", told_before),
    Test("refuse/leaves-alone", leaves_alone),
    Test("beside-stdout", beside_stdout),
    Test("file-size-limit", file_size_limit),
    Test("timeout-while-opening", timeout_while_opening),
    Test("failing-line", failing_line),
]
