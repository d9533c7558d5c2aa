"""What emu says and how it ends: input, options, limits, exit statuses.

Bad input must give one clear line on stderr, status 125, nothing on stdout
and no file left behind.  The guests are a few instructions each (elf.py).
"""

import json
import os
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import elf  # noqa: E402
import files  # noqa: E402
import lines  # noqa: E402
import programs  # noqa: E402
import streams  # noqa: E402
import traces  # noqa: E402
import typed  # noqa: E402
from files import in_shell, refused, write  # noqa: E402
from harness import Case, Fail, Test, describe  # noqa: E402

UNMOVED = "it tests how options are read"

PASS = elf.words(elf.hello("hello\n"), elf.exit_pass())
SPIN = elf.words(elf.hello("ready\n"), elf.SPIN)
FORGET_VECTOR = elf.words(elf.csrw(elf.MTVEC, 0), 0)
# mtimecmp is 1.9e17, whose time is out of range; mie.MTIE, and wait.
LATE_TIMER = elf.words(
    elf.li(elf.T0, 0x2004004), elf.li(elf.T1, 0x02b00000),
    elf.store(4, elf.T1, elf.T0), elf.addi(elf.T1, elf.ZERO, 1 << 7),
    elf.csrw(0x304, elf.T1), elf.WFI, elf.BACK)
# mtimecmp is 0, and mie too.
UNHEARD_TIMER = elf.words(
    elf.li(elf.T0, 0x2004000), elf.store(4, elf.ZERO, elf.T0),
    elf.addi(elf.T0, elf.T0, 4), elf.store(4, elf.ZERO, elf.T0),
    elf.WFI, elf.BACK)
INTO_UART = elf.words(elf.li(elf.T0, elf.UART), elf.jalr(0, elf.T0))


def refuse_file(data, *about):
    def check(ctx):
        path = write(ctx, "guest.elf", data)
        refused(ctx, [path], str(path), *about)
    return check


def refuse_options(args, *about):
    def check(ctx):
        guest = write(ctx, "guest.elf", elf.elf(PASS))
        refused(ctx, list(args) + [guest], *about)
    return check


def refuse_missing(ctx):
    guest = write(ctx, "guest.elf", elf.elf(PASS))
    for args in (["no-such-file.elf"], ["--as", "user", "no-such-file.elf"],
                 ["-bios", "no-such-file.elf", guest]):
        refused(ctx, args, "no-such-file.elf", "No such file")


def refuse_folder(ctx):
    refused(ctx, [ctx.tmp], str(ctx.tmp), "director")


def bad_files():
    good = elf.elf(PASS)
    ram_end = elf.RAM + (128 << 20)
    tree = ram_end - (2 << 20)
    return {
        "empty-file": (b"",),
        "not-elf": (b"#!/bin/sh\necho hello\n",),
        "x86": (elf.elf(PASS, machine=elf.X86_64),),
        "rv32": (elf.elf(PASS, bits=32),),
        "truncated-header": (good[:40],),
        "truncated-table": (good[:100],),
        "truncated-segment": (good[:-4],),
        "past-end-of-ram": (elf.elf(PASS, base=ram_end - 8),),
        "bss-past-end-of-ram": (elf.elf(PASS, memsz=1 << 30),),
        "around-the-address-space": (elf.elf(PASS, memsz=2**64 - 4096),),
        "entry-outside": (elf.elf(PASS, entry=0xf), "entry 0xf",
                          "0x80000000-"),
        "entry-odd": (elf.elf(PASS, entry=elf.RAM + 1), "multiple of 2"),
        "in-rom": (elf.elf(PASS, more=[(0x1000, 0x1000, b"rom!")]),
                   "0x1000-0x1004 lies outside RAM", "link it there"),
        "in-a-device": (elf.elf(PASS, more=[(elf.UART, elf.UART, b"uart")]),
                        "0x10000000-0x10000004 lies outside RAM"),
        "over-itself": (elf.elf(PASS, more=[(0, elf.RAM + 8, b"over")]),
                        "0x80000008-0x8000000c overlaps", "at 0x80000000-"),
        "over-the-device-tree": (elf.elf(PASS, memsz=tree + 16 - elf.RAM),
                                 "device tree"),
    }


BAD_OPTIONS = {
    "no-memory": (["-m", "0"], "-m"),
    "exbibyte": (["-m", "1E"], "-m", "1E"),
    "memory-unit": (["-m", "12Q"], "-m", "12Q"),
    "negative-memory": (["-m", "-5"], "-m"),
    "unknown": (["--no-such-option"], "no-such-option"),
    "nine-harts": (["-smp", "9"], "-smp", "1 to 8"),
    "two-sockets": (["-smp", "3,sockets=2"], "-smp", "socket"),
    "short-quantum": (["--quantum", "63"], "--quantum"),
    "machine": (["-M", "sifive_u"], "sifive_u"),
    "symbols-base": (["--symbols", "a@kernel"], "--symbols a@kernel",
                     "FILE@HEX"),
    "tlb": (["--tlb", "cache-invlid"], "--tlb", "'cache-invlid'",
            "cache-invalid"),
    "tlb-nothing": (["--tlb="], "--tlb", "cache-invalid"),
    "tlb-value": (["--tlb", "cache-invalid=on"], "--tlb cache-invalid",
                  "no value"),
    "tlb-sets": (["--tlb", "cache-invalid,sets=3"], "--tlb sets=3", "power"),
    "tlb-replace": (["--tlb", "replace=mru"], "--tlb replace=mru", "lru"),
    "tlb-and-svvptc": (["--tlb", "cache-invalid", "-cpu", "rv64,svvptc=on"],
                       "svvptc", "--tlb cache-invalid"),
    "unwritable-log": (["-d", "trap", "-D", "no/such/folder/log"],
                       "no/such/folder/log"),
    "event": (["-d", "no_such_event,trap"], "'no_such_event'"),
    "hashed-event": (["--trace-hash=trap,nonsense"], "'nonsense'"),
    "signature-lines": (["--signature-granularity", "3"], "1, 2, 4, 8 or 16"),
    "no-signature-lines": (["--signature-granularity", "0"], "1, 2, 4"),
    "missing-argument": (["-m"],),
    "limit": (["--max-insns", "many"], "many"),
    "timeout": (["--timeout", "soon"], "soon"),
    "pattern": (["--stop-on", "("], "--stop-on"),
    "qemu-vnc": (["-vnc", ":0"], "-vnc"),
    "qemu-kvm": (["-enable-kvm"], "-enable-kvm"),
    "qemu-accel": (["-accel", "kvm"], "-accel"),
}


def run_guest(code, args=(), after=(), **wanted):
    def check(ctx):
        path = write(ctx, "guest.elf", elf.elf(code))
        ctx.expect(ctx.emu(list(args) + [path] + list(after), timeout=20),
                   **wanted)
    return check


def run_bundled(args, **wanted):
    def check(ctx):
        ctx.expect(ctx.emu(args, timeout=20), **wanted)
    return check


def exit_json(ctx):
    """How a run ended, for programs."""
    guest = write(ctx, "guest.elf", elf.elf(elf.words(elf.exit_fail(7))))
    path = ctx.tmp / "end.json"
    ctx.expect(ctx.emu(["--exit-json", path, guest]), 7)
    end = json.loads(path.read_text())
    if (end["status"], end["reason"]) != (7, "fail") or end["steps"] < 5:
        raise Fail(path.read_text())


def milestones(ctx):
    """A line is there by the instruction that its milestone names, and not
    before; which is the same however the machine is run."""
    path = ctx.tmp / "end.json"

    def reached(args):
        ctx.expect(ctx.emu(
            ["--exit-json", path, "--milestone", "wrote=^cow: PASS",
             "--milestone", "again=^cow: PASS", "--milestone", "never=zzz",
             "--milestone", "first=."] + args +
            ["-append", "init=/bin/cow"], timeout=60))
        return json.loads(path.read_text())["milestones"]

    found = reached([])
    insns = found["wrote"]["instructions"]
    if (found["never"] is not None or found["again"] != found["wrote"] or
            not 0 < found["first"]["steps"] < found["wrote"]["steps"] or
            found["wrote"]["boot"] != 0):
        raise Fail(str(found))
    for name, count, there in (("before", insns - 1, False),
                               ("at", insns + 1, True)):
        result = ctx.expect(ctx.emu(
            ["--max-insns", str(count), "-append", "init=/bin/cow"],
            timeout=60), 124)
        yield Case(name, None if ("cow: PASS\r\n" in result.out) == there
                   else result.out)
    for args in (["--test-move", "5000"], ["--trace-hash"]):
        yield Case(args[0], None if reached(args) == found else "differs")
    for bad in ("noname", "=x", "a=", "a=(", "a" * 64 + "=x"):
        ctx.expect(ctx.emu(["--milestone", bad]), 125,
                   err=r"\Aemu: --milestone .*\n\Z")
    ctx.expect(ctx.emu(["--milestone", "a=x", "--milestone", "a=y"]), 125,
               err=r"another has that name")


def never_matched(ctx):
    """A run that ends without the line that it was to end at is no success;
    whatever else has gone wrong keeps its status."""
    said = (r"no line matched --stop-on 'bye'\n"
            r"(hart \d is .*\nTo see more: .*\n)?\Z")  # where a limit was reached
    path = ctx.tmp / "end.json"
    for name, code, args, status, reason, before in (
            ("pass", PASS, [], 1, "no-stop-on", "the run ended, and "),
            ("reset", elf.words(elf.reset()), ["--no-reboot"], 1,
             "no-stop-on", "the run ended, and "),
            ("fail", elf.words(elf.exit_fail(7)), [], 7, "fail",
             "the guest failed with code 7; "),
            ("limit", SPIN, ["--max-insns", "5000"], 124, "max-insns",
             "stopped by --max-insns after 5000 instructions.*; "),
            ("fail-on", PASS, ["--fail-on", "hel"], 1, "fail-on", None)):
        guest = write(ctx, "guest.elf", elf.elf(code))
        result = ctx.expect(ctx.emu(
            ["--stop-on", "bye", "--exit-json", path] + args + [guest]),
            status, err=[] if before is None
            else r"\Aemu: " + before + said)
        if before is None and "--stop-on" in result.err:
            raise Fail(describe(result))
        end = json.loads(path.read_text())["reason"]
        yield Case(name, None if end == reason else "reason " + end)


def unwritable(line, why):
    """Output that gets nowhere fails the run, which is told of all the same;
    a guest that prints nothing needs no output."""
    broken = r"emu: cannot write the console: %s\n\Z" % why

    def check(ctx):
        report = ctx.tmp / "end.json"
        talks = write(ctx, "talks.elf", elf.elf(PASS))
        fails = write(ctx, "fails.elf", elf.elf(elf.words(
            elf.hello("ready\n"), elf.exit_fail(7))))
        spins = write(ctx, "spins.elf", elf.elf(SPIN))
        silent = write(ctx, "silent.elf", elf.elf(elf.words(
            elf.exit_fail(7))))
        in_shell(ctx, line, "--exit-json", report, talks, status=125,
                 err=r"\A" + broken)
        if json.loads(report.read_text())["reason"] != "output":
            raise Fail(report.read_text())
        in_shell(ctx, line, fails, status=125,
                 err=r"\Aemu: the guest failed with code 7\n" + broken)
        in_shell(ctx, line, "--stop-on", "rea", spins, status=125,
                 err=r"\A" + broken)
        in_shell(ctx, line, spins, status=125, err=r"\A" + broken)
        in_shell(ctx, line, status=125, err="^" + broken)
        in_shell(ctx, line, "-help", status=125,
                 err=r"\Aemu: cannot write stdout: %s\n\Z" % why)
        in_shell(ctx, line, silent, status=7, err=r"\A.*code 7\n\Z")
    return check


def closed_streams(ctx):
    """What emu opens never takes the place of a stream that was closed."""
    talks = write(ctx, "talks.elf", elf.elf(PASS))
    log = ctx.tmp / "log"
    serial = ctx.tmp / "serial"
    in_shell(ctx, "<&- >&- 2>&-", "-d", "trap", "-D", log, "-serial",
             "file:%s" % serial, "--stop-on", "hel", talks)
    if serial.read_text() != "hello\n" or log.read_text():
        raise Fail("%r, %r" % (serial.read_text(), log.read_text()))
    in_shell(ctx, ">&- 2>&-", "-dump-dtb", log)
    in_shell(ctx, ">&-", "-dump-dtb", "/dev/stdout", status=125,
             err="emu: cannot write /dev/stdout")
    in_shell(ctx, "2>&-", talks, out=r"\Ahello\n\Z")
    echo = write(ctx, "echo.elf", elf.elf(elf.words(elf.echo_until(4))))
    in_shell(ctx, "<&-", echo, out=r"\A\x04\Z")


def dumped_trees(ctx):
    """Both spellings write the same tree; in QEMU's a comma is doubled."""
    ours, other = ctx.tmp / "ours", ctx.tmp / "its, and more"
    ctx.expect(ctx.emu(["--dump-dtb", ours]))
    ctx.expect(ctx.emu(["-M", "virt,dumpdtb=%s,type=virt" % str(
        other).replace(",", ",,")]))
    if not ours.read_bytes() or other.read_bytes() != ours.read_bytes():
        raise Fail("%d and %d bytes" % (ours.stat().st_size,
                                        other.stat().st_size))


def from_pipes(ctx):
    """A pipe can be read only once, and is: for each boot and all that is
    said of it."""
    images = [ctx.build / "firmware" / "firmware.elf",
              ctx.images / "user" / "initrd.cpio",
              ctx.images / "kernel" / "kernel.elf"]
    tree = ctx.tmp / "tree.dtb"
    ctx.expect(ctx.emu(["-dump-dtb", tree]))
    result = ctx.run(
        ["bash", "-c", '"$1" -d page_fault -bios <(cat "$2") -initrd '
         '<(cat "$3") -dtb <(cat "$5") --stop-on "^emu. $" <(cat "$4")',
         "bash", ctx.build / "emu"] + images + [tree], timeout=20)
    ctx.expect(result, out="emu kernel", err=r" S 0x\w+ \w+\+0x")
    program = ctx.images / "user" / "echo.elf"
    in_shell(ctx, "<(cat %s) one two" % program, out=r"^one two\r?$")
    in_shell(ctx, "/dev/stdin < <(cat %s)" % program, out=r"^\r?$")
    boots = write(ctx, "boots.elf", elf.elf(elf.words(
        elf.hello("boot\n"), elf.reset())))
    in_shell(ctx, "<(cat %s)" % boots, "--max-insns", "100",
             status=124, out=r"\A(boot\n){3}")
    in_shell(ctx, "<(exec cat </dev/null)", status=125,
             err=r"\Aemu: /dev/fd/\d+: the file is empty\n\Z")


def from_fifo(ctx):
    fifo = ctx.tmp / "fifo"
    guest = write(ctx, "guest.elf", elf.elf(PASS))
    os.mkfifo(fifo)
    in_shell(ctx, "%s & cat %s >%s; wait $!" % (fifo, guest, fifo),
             out=r"\Ahello\n\Z")


def endless(ctx):
    """The end of a file that has none is not waited for."""
    guest = write(ctx, "guest.elf", elf.elf(PASS))
    for args in (["/dev/zero"], ["-initrd", "/dev/zero", guest],
                 ["-bios", "/dev/zero"], ["-dtb", "/dev/zero", guest]):
        refused(ctx, ["-m", "16"] + args, "/dev/zero", "no end within 16 MiB")


def serial_to_file(ctx):
    """Patterns are looked for wherever the console goes."""
    guest = write(ctx, "guest.elf", elf.elf(
        elf.words(elf.hello("ready\n"), elf.WFI, elf.BACK)))
    path = ctx.tmp / "serial"
    result = ctx.expect(ctx.emu(["-serial", "file:%s" % path, "--stop-on",
                                 "^ready$", guest]), out=r"\A\Z")
    if path.read_text() != "ready\n":
        raise Fail("the file has %r\n" % path.read_text() + describe(result))


def user_program(ctx):
    """A program is the first process, and what follows it is its own."""
    program = ctx.build / "guest" / "user" / "echo.elf"
    ctx.expect(ctx.emu([program, "--no-such-option", "-m", "0"], timeout=20),
               out=r"^--no-such-option -m 0\r?$", err=r"\A\Z")
    ctx.expect(ctx.emu(["--explain", program.with_name("t_fork.elf")],
                       timeout=20),
               out=["^child.* 333 .* 666 ", "^parent.* 111 .* 222 "],
               err=[r"\Aa user program, on the bundled kernel",
                    r"\(t_fork\S*\) forks pid "])


def firmware_is_named(ctx):
    """Which guest runs on which firmware is said as it is, or refused."""
    given = ["-bios", ctx.build / "firmware" / "firmware.elf", "--explain"]
    program = ctx.build / "guest" / "user" / "true.elf"
    ctx.expect(ctx.emu(given + ["-append", "init=/bin/true"], timeout=20),
               out="emu kernel", err=r"\Athe bundled kernel, on the given f")
    ctx.expect(ctx.emu(given + [program], timeout=20), out=r"\A\Z",
               err=r"\Aa user program, on the bundled kernel and given f")
    bare = write(ctx, "bare.elf", elf.elf(PASS))
    ctx.expect(ctx.emu(given + [bare]), 125, out=r"\A\Z",
               err=r"\Aemu: an M-mode program is its own firmware.*\n\Z")


# Ways to link without a script: where the file's headers go, differs.
LINKS = {
    "ld": [],
    "ld-build-id": ["-Wl,--build-id"],
    "ld-no-pages": ["-Wl,-n"],
}


def linked_plainly(ctx):
    """A program linked as everyone does it first starts, as on QEMU."""
    code = "".join(".word %d\n" % word for word in elf.exit_fail(9))
    source = write(ctx, "s.S", (".globl _start\n_start:\n" + code).encode())
    image = ctx.tmp / "s.elf"
    for name, options in LINKS.items():
        ctx.expect(ctx.run(["riscv64-unknown-elf-gcc"] + options + [
            "-nostdlib", "-static", "-Wl,-Ttext=0x80000000", source, "-o",
            image]))
        for result in (ctx.emu([image], timeout=10),
                       ctx.qemu(["-bios", image], timeout=10)):
            yield Case(name, error=None if result.status == 9
                       else describe(result))


def two_entries(entry, **more):
    """Ends with 1 from its first instruction, with 2 from the next."""
    return elf.elf(elf.words(elf.beqz(0, 4 * (1 + len(elf.exit_fail(2)))),
                             elf.exit_fail(2), elf.exit_fail(1)),
                   entry=entry, **more)


def entry(ctx):
    """A guest in M-mode and a firmware begin where their file says, as QEMU 10
    does with -bios.  A kernel begins at its lowest address, as there."""
    for number, status in ((elf.RAM + 4, 2), (elf.RAM, 1), (0, 1)):
        bare = write(ctx, "bare.elf", two_entries(number))
        ctx.expect(ctx.emu([bare]), status)
        ctx.expect(ctx.emu(["-bios", bare], timeout=10), status)
    firmware = write(ctx, "firmware.elf", elf.elf(elf.words(
        elf.load(8, elf.T0, elf.A2, 16), elf.jalr(0, elf.T0))))
    kernel = write(ctx, "kernel.elf", two_entries(
        elf.RAM + 0x200004, base=elf.RAM + 0x200000))
    ctx.expect(ctx.emu(["-bios", firmware, "-kernel", kernel]), 1)


def entry_as_qemu10(ctx):
    """QEMU 10 enters a firmware where entry() wants it."""
    bare = write(ctx, "bare.elf", two_entries(elf.RAM + 4))
    ctx.expect(ctx.qemu(["-bios", bare], timeout=10, newest=True), 2)


def two_spellings(ctx):
    path = write(ctx, "guest.elf", elf.elf(SPIN))
    for option in ("-max-insns", "--max-insns"):
        ctx.expect(ctx.emu([option, "5000", path], timeout=10), 124)
        ctx.expect(ctx.emu([option + "=5000", path], timeout=10), 124)


def version(ctx):
    first = ctx.expect(ctx.emu(["--version"])).out.splitlines()[0]
    if not re.fullmatch(
            r"QEMU emulator version 10\.0\.0 \(emu \d+\.\d+\S*\)", first):
        raise Fail("first line: " + first)


def help_is_true(ctx):
    """-help lists only options that the program takes."""
    text = ctx.expect(ctx.emu(["-help"])).out
    names = sorted(set(re.findall(r"^ *(--?[a-zA-Z][\w-]*)", text, re.M)))
    if len(names) < 10:
        raise Fail("only %d options in -help" % len(names))
    for name in names:
        result = ctx.emu([name, "", "no-such-file.elf"], timeout=10)
        wrong = re.search("unknown|unrecogni|not (supported|built|here)",
                          result.err)
        yield Case(name, error=describe(result) if wrong else None)
    statuses = re.search(r"^Status: .*", text, re.M | re.S).group()
    table = (ctx.root / "README.md").read_text().split("| status |")[1]
    for status in re.findall(r"^\| ([\w' +]+) \|", table, re.M):
        known = re.search(r"\b%s\b" % re.escape(status), statuses)
        yield Case("status " + status,
                   error=None if known else "not in\n" + statuses)


def fatal_report(code):
    def check(ctx):
        path = write(ctx, "guest.elf", elf.elf(code))
        result = ctx.emu([path], timeout=20)
        ctx.expect(result, None, err=["hart", "pc", "cause", "tval"])
        if result.status in (0, 125) or result.status < 0:
            raise Fail("bad status\n" + describe(result))
    return check


def console_input(ctx):
    """Piped input reaches the UART, a byte for a byte."""
    path = write(ctx, "guest.elf", elf.elf(elf.words(
        elf.echo_until(ord("q")))))
    text = "The quick brown fox".replace("q", "k") + "\0\x7f~q"
    result = ctx.expect(ctx.emu([path], stdin=text, timeout=20))
    if result.out != text:
        raise Fail("echoed otherwise\n" + describe(result))


def log_to_file(ctx):
    """-D takes what -d prints, and leaves the console alone."""
    path = write(ctx, "guest.elf", elf.elf(elf.words(
        elf.hello("x\n"), elf.csrw(elf.MTVEC, 0), elf.exit_pass())))
    log = ctx.tmp / "log"
    result = ctx.expect(ctx.emu(["-d", "trap", "-D", log, path]))
    if result.out != "x\n" or result.err or not log.exists():
        raise Fail("the log went elsewhere\n" + describe(result))


def reset_loop(ctx):
    """Limits span resets: a guest that boots for ever ends all the same."""
    path = write(ctx, "guest.elf", elf.elf(elf.words(
        elf.hello("boot\n"), elf.reset())))
    exit_json = ctx.tmp / "exit.json"
    result = ctx.expect(ctx.emu(["--max-insns", "1000", "--exit-json",
                                 exit_json, path], timeout=20), 124)
    if result.out.count("boot\n") < 10:
        raise Fail("did not boot again and again\n" + describe(result))
    if json.loads(exit_json.read_text())["instructions"] != 1000:
        raise Fail("counted otherwise: " + exit_json.read_text())
    ctx.expect(ctx.emu(["--timeout", "0.2", path], timeout=20), 124)
    result = ctx.expect(ctx.emu(["--no-reboot", path]), 0)
    if result.out != "boot\n":
        raise Fail("went on after a reset\n" + describe(result))


def reset_spans(ctx):
    """Console input and files outlast a reset."""
    echo = write(ctx, "echo.elf", elf.elf(elf.words(
        elf.echo_until(ord("!"), elf.reset()))))
    result = ctx.emu(["--timeout", "10", "--stop-on", "two", echo],
                     "one!two", timeout=20)
    ctx.expect(result, 0, out="one!two")
    log = ctx.tmp / "log"
    boots = write(ctx, "boots.elf", elf.elf(elf.words(
        elf.hello("boot\n"), elf.reset())))
    ctx.expect(ctx.emu(["--max-insns", "1000", "-serial", "file:%s" % log,
                        boots]), 124)
    if log.read_text().count("boot\n") < 10:
        raise Fail("the log of earlier boots is gone")


def symbols_refused(ctx):
    """What --symbols cannot use is one line that says why."""
    guest = write(ctx, "guest.elf", elf.elf(PASS))
    folder = ctx.tmp / "folder"
    folder.mkdir()
    (folder / "text").write_text("no ELF file\n")
    (folder / "x86").write_bytes(elf.elf(PASS, machine=elf.X86_64))
    os.mkfifo(str(ctx.tmp / "pipe"))
    for name, why in (("none", "No such file"), ("folder", "no file in this"),
                      ("folder/text", "is no ELF file"), ("pipe", "regular"),
                      ("folder/x86", "64-bit RISC-V")):
        refused(ctx, ["--symbols", name, guest], "--symbols", name, why)


def symbols_named(ctx):
    """A kernel without names gets them from a file or folder; what is beside
    it is passed over, a base shifts them, and a program has none for it."""
    kernel = ctx.images / "kernel/kernel.elf"
    bare, folder = ctx.tmp / "bare", ctx.tmp / "folder"
    folder.mkdir()
    (folder / "text").write_text("no ELF file\n")
    (folder / "kernel").symlink_to(kernel)
    ctx.expect(ctx.run(["riscv64-unknown-elf-strip", "-o", bare, kernel]))

    def traps(guest, *more):
        result = ctx.expect(ctx.emu(
            ["--max-insns", "3000000", "-d", "trap,satp", *more, "-initrd",
             ctx.images / "user/initrd.cpio", "-kernel", guest]), None)
        return re.findall(r"^ +\d+ h0 S .*", result.err, re.M)

    named, nameless = traps(kernel), traps(bare)
    if named == nameless or len(named) != len(nameless):
        raise Fail("%d named, %d nameless" % (len(named), len(nameless)))
    program = ctx.images / "user/sh.elf"
    for value, wanted in ((kernel, named), (folder, named),
                          ("%s@0" % kernel, named), (program, nameless),
                          ("%s@80000000" % kernel, nameless)):
        if traps(bare, "--symbols", value) != wanted:
            raise Fail("--symbols %s gives other names" % value)
    shifted = traps(bare, "--symbols", "%s@2" % kernel)
    if shifted in (named, nameless):
        raise Fail("a base does not shift names")


def tests(ctx):
    yield Test("refuse/symbols", symbols_refused)
    yield Test("symbols", symbols_named)
    yield Test("refuse/no-such-file", refuse_missing)
    yield Test("refuse/directory", refuse_folder)
    for name, (data, *about) in sorted(bad_files().items()):
        yield Test("refuse/" + name, refuse_file(data, *about))
    for name, (args, *about) in sorted(BAD_OPTIONS.items()):
        yield Test("refuse/" + name, refuse_options(args, *about))
    yield Test("linked-plainly", linked_plainly)
    yield Test("entry", entry)
    yield Test("qemu10-entry", entry_as_qemu10)
    yield Test("hello", run_guest(PASS, out=r"\Ahello\n\Z", err=r"\A\Z"))
    yield Test("hello-kernel-option", run_guest(
        PASS, ["-bios", "none", "-nographic", "-kernel"], out="^hello$"))
    for code in (1, 7, 42):
        yield Test("guest-fails-%d" % code,
                   run_guest(elf.words(elf.exit_fail(code)), status=code))
    yield Test("max-insns", run_guest(
        SPIN, ["--max-insns", "100000"], status=124, out="ready",
        err="100000|100,000"))
    yield Test("timeout", run_guest(SPIN, ["--timeout", "1"], status=124,
                                    out="ready", err="timeout|1 s"))
    yield Test("reset-loop", reset_loop)
    yield Test("reset-spans", reset_spans)
    yield Test("stop-on", run_guest(SPIN, ["--stop-on", "re.dy"]))
    yield Test("fail-on", run_guest(SPIN, ["--fail-on", "^ready"], status=1))
    yield Test("stop-on-before-failure", run_guest(
        elf.words(elf.hello("good\n"), elf.exit_fail(3)),
        ["--stop-on", "good"]))
    yield Test("fail-on-before-pass", run_guest(
        PASS, ["--fail-on", "^hello$"], status=1, err="--fail-on"))
    yield Test("fail-on-before-stop-on", run_guest(
        PASS, ["--stop-on", "l+", "--fail-on", "h"], status=1))
    yield Test("stop-on-never-matched", never_matched)
    yield Test("exit-json", exit_json)
    yield Test("milestones", milestones)
    yield Test("full-output", unwritable(">/dev/full", "No space left.*"))
    yield Test("closed-output", unwritable(">&-", "Bad file descriptor"))
    yield Test("closed-streams", closed_streams)
    yield Test("dumped-trees", dumped_trees)
    yield Test("from-pipes", from_pipes)
    yield Test("from-fifo", from_fifo)
    yield Test("refuse/endless-file", endless)
    yield Test("serial-to-file", serial_to_file)
    yield from files.TESTS
    yield from programs.TESTS
    yield from streams.TESTS
    yield from traces.TESTS
    yield from typed.TESTS
    yield from lines.tests(ctx)
    yield Test("bundled-stop-on-prompt", run_bundled(
        ["--stop-on", r"^emu\$ $"], out="emu kernel"))
    yield Test("bundled-strict-pma", run_bundled(
        ["--strict-pma", "--stop-on", r"^emu\$ $"], out="emu kernel"))
    yield Test("deadlock", run_guest(
        elf.words(elf.WFI, elf.BACK), status=124,
        err=r"\Aemu: deadlock: hart 0 waits \(wfi\), no timer is armed and no "
        "input can come$"))
    yield Test("deadlock-with-a-timer-unheard", run_guest(
        UNHEARD_TIMER, status=124,
        err=r"\Aemu: deadlock: hart 0 waits \(wfi\), a timer interrupt is "
        "pending, but mie does not enable it, and no input can come$"))
    yield Test("deadlock-before-a-late-timer", run_guest(
        LATE_TIMER, status=124,
        err=r"\Aemu: deadlock: hart 0 waits \(wfi\), no timer is due in the "
        "292 years of"))
    yield Test("deadlock-of-three", run_guest(
        elf.words(elf.WFI, elf.BACK), ["-smp", "3"], status=124,
        err=["deadlock: every hart waits",
             r"^hart 0 waits \(wfi\) at 0x80000004, M-mode.*\n"
             r"hart 1 waits \(wfi\) at 0x80000004, M-mode.*\n"
             r"hart 2 waits \(wfi\) at 0x80000004, M-mode"]))
    yield Test("lost-hart-is-named", run_guest(
        elf.words(elf.beqz(elf.A0, 16)) + INTO_UART + elf.words(elf.SPIN),
        ["-smp", "2", "--max-insns", "10000"], status=124,
        err=r"^emu: stopped by --max-insns .*; hart 1 is lost"))
    yield Test("lost-hart-where-all-wait", run_guest(
        elf.words(elf.beqz(elf.A0, 16)) + INTO_UART + elf.words(elf.WFI,
                                                                elf.BACK),
        ["-smp", "3"], status=1, err="^emu: hart 1 is lost"))
    yield Test("max-insns-of-all-harts", run_guest(
        elf.SPIN.to_bytes(4, "little"),
        ["-smp", "4", "--max-insns", "100000"], status=124,
        err="after 100000 instructions"))
    yield Test("options-end-at-the-guest", run_guest(
        PASS, after=["--no-such-option", "-m", "0"], status=125,
        err="only a user program takes arguments"))
    yield Test("user-program", user_program)
    yield Test("firmware-is-named", firmware_is_named)
    yield Test("two-spellings", two_spellings)
    yield Test("version", version)
    yield Test("help", help_is_true)
    yield Test("fatal/vector-at-0", fatal_report(FORGET_VECTOR))
    yield Test("fatal/execute-uart", run_guest(
        INTO_UART, status=1,
        err=[r"hart 0 is lost: .*\nhart 0, in M-mode, jumped to 0x10000000: ",
             r"\n  cause 1 \(fetch_access\), tval 0x10000000, pc 0x10000000",
             r"\n  that led to .*: fetch_access at 0x0, over and over$"]))
    yield Test("lost-at-once", run_guest(
        INTO_UART, ["--exit-json", "/dev/stdout"], status=1,
        out=r'"steps": \d\d,'))
    yield Test("console-input", console_input)
    yield Test("log-to-file", log_to_file)
