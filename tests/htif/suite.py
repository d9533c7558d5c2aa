"""Tests that end by a store to `tohost`, and the signature they leave.

The guests are made here, a few instructions and a symbol table: see elf.py.
QEMU judges what it has of this: its machine `spike` takes exits and console
bytes through tohost; QEMU 10 also writes a byte and dumps a signature.
"""

import json
import struct

import elf
from elf import RAM, SPIN, T0, T1
from harness import QEMU, Fail, Test, describe

DATA = RAM + 0x1000     # what li cannot say is loaded from here
TOHOST, FROMHOST, CALL, TEXT, SIGNATURE = 0x400, 0x440, 0x500, 0x600, 0x700
SYMBOLS = {"tohost": DATA + TOHOST, "fromhost": DATA + FROMHOST}
PUT = 0x0101 << 48
RESULTS = bytes(range(1, 38))
SIGNED = dict(SYMBOLS, begin_signature=DATA + SIGNATURE,
              end_signature=DATA + SIGNATURE + len(RESULTS))
AGAIN = (elf.store(4, T1, T0, TOHOST), elf.BACK)
WRITE, READ, EXIT = 64, 63, 93


def guest(stores, symbols=None, call=(), end=(SPIN,), base=RAM):
    """Makes each of `stores`, doublewords or (offset, width, value), at
    tohost; `call` lies at DATA + CALL."""
    data = bytearray(0x800)
    code = [T0 << 7 | 1 << 12 | 0x17]    # auipc t0, 1
    for i, store in enumerate(stores):
        offset, width, value = (store if isinstance(store, tuple)
                                else (0, 8, store))
        struct.pack_into("<Q", data, 8 * i, value)
        code += [elf.load(8, T1, T0, 8 * i),
                 elf.store(width, T1, T0, TOHOST + offset)]
    struct.pack_into("<%dQ" % len(call), data, CALL, *call)
    data[TEXT:TEXT + 6] = b"hello\n"
    data[SIGNATURE:SIGNATURE + len(RESULTS)] = RESULTS
    code = elf.words(code + list(end))
    return elf.elf(code.ljust(0x1000, b"\0") + bytes(data), base=base,
                   symbols=SYMBOLS if symbols is None else symbols)


def halves(text, order):
    """Puts, each in two stores of words."""
    word = {0: 0xffffffff, 4: PUT >> 32}
    return [(at, 4, word[at] & (byte if at == 0 else -1))
            for byte in text for at in order]


def call(*words):
    return guest([DATA + CALL, 1], call=words)


# What ends the run, its status and output, and whether QEMU 7.2 judges, too.
ENDS = {
    "pass": (guest([1]), 0, "", True),
    "fail-1": (guest([3]), 1, "", True),
    "fail-42": (guest([42 << 1 | 1]), 42, "", True),
    "words": (guest([(0, 4, 7 << 1 | 1), (4, 4, 0)]), 7, "", True),
    "put-low-high": (guest(halves(b"Hi!\n", (0, 4)) + [1]), 0, "Hi!\n", True),
    # QEMU acts when the upper word is stored, and not before.
    "put-high-low": (guest(halves(b"Hi!\n", (4, 0)) + [1]), 0, "Hi!\n", None),
    "word": (guest([(0, 4, 7 << 1 | 1)]), 7, "", None),
    "word-again": (guest([(0, 4, 7 << 1 | 1)], end=AGAIN), 7, "", None),
    "word-wfi": (guest([(0, 4, 7 << 1 | 1)], end=(elf.WFI, SPIN)), 7, "", None),
    "word-trap": (guest([(0, 4, 7 << 1 | 1)], end=(0,)), 7, "", None),
    "word-call": (guest([(0, 4, DATA + CALL)], call=(EXIT, 9)), 9, "", None),
    "put": (guest([PUT | byte for byte in b"Hi!\n"] + [1]), 0, "Hi!\n", True),
    "write-1": (call(WRITE, 1, DATA + TEXT, 1), 0, "h", False),
    # QEMU writes single bytes, has no exit by call; 256 is a failure, whatever a shell makes of it.
    "write": (call(WRITE, 2, DATA + TEXT, 6), 0, "hello\n", None),
    "exit-call": (call(EXIT, 9), 9, "", None),
    "fail-256": (guest([256 << 1 | 1]), 1, "", None),
    "fail-huge": (guest([0xfffffffffffe | 1]), 255, "", None),
}

REFUSED = {
    "device": (guest([2 << 56 | 1]), "device 2, command 0"),
    "console-input": (guest([1 << 56]), "device 1, command 0"),
    "call": (call(READ, 0, DATA + TEXT, 6), "system call 63"),
    "descriptor": (call(WRITE, 3, DATA + TEXT, 6), "descriptor 3"),
    "text-nowhere": (call(WRITE, 1, 0x1000, 6), "6 bytes from 0x1000"),
    "text-too-long": (call(WRITE, 1, DATA, 1 << 40), "not in RAM"),
    "call-nowhere": (guest([0x2000]), "0x2000"),
    "call-odd-place": (guest([DATA + CALL + 4]), "eight doublewords"),
}

BAD_PLACES = {
    "misaligned": DATA + TOHOST + 4,
    "not-in-ram": RAM + (256 << 20),
}


def saved(ctx, data):
    path = ctx.tmp / "guest.elf"
    path.write_bytes(data)
    return path


def expect_end(ctx, result, status, out):
    if result.status != status or result.out != out:
        raise Fail("wanted status %d and %r\n%s"
                   % (status, out, describe(result)))


def ends(data, status, out):
    def test(ctx):
        result = ctx.emu([saved(ctx, data)])
        expect_end(ctx, result, status, out)
        if bool(status) != bool(result.err.strip()):
            raise Fail("stderr\n" + describe(result))
    return test


def on_qemu(ctx, newest, data, machine=""):
    program = ctx.newest_qemu() if newest else QEMU
    return ctx.run([program, "-M", "spike" + machine, "-nographic", "-bios",
                    saved(ctx, data)])


def judged(newest, data, status, out):
    def test(ctx):
        expect_end(ctx, on_qemu(ctx, newest, data), status, out)
    return test


def refused(data, why):
    def test(ctx):
        result = ctx.expect(ctx.emu([saved(ctx, data)]), 1,
                            err=r"\Aemu: tohost: .*" + why + r".*\n\Z")
        if result.out:
            raise Fail("output\n" + describe(result))
    return test


def bad_place(symbol, value):
    def test(ctx):
        data = guest([1], symbols=dict(SYMBOLS, **{symbol: value}))
        ctx.expect(ctx.emu([saved(ctx, data)]), 125,
                   err=r"\Aemu: .*\b%s\b.*0x%x.*\n\Z" % (symbol, value))
    return test


def not_for_the_host(ctx):
    """Without both symbols, or in a kernel, tohost is memory like any."""
    for symbols in ({"tohost": DATA + TOHOST}, {"main": RAM},
                    {"fromhost": DATA + FROMHOST}):
        ctx.expect(ctx.emu(["--max-insns", "1000",
                            saved(ctx, guest([1], symbols=symbols))]), 124)
    moved = {name: value + 0x200000 for name, value in SYMBOLS.items()}
    kernel = guest([1], symbols=moved, base=RAM + 0x200000)
    ctx.expect(ctx.emu(["--max-insns", "1000000", saved(ctx, kernel)]), 124)


def write_is_bounded(ctx):
    """One store prints 64 KiB at the most, and says so."""
    words = (WRITE, 1, RAM, 1 << 27)
    data = guest([DATA + CALL, 1], call=words, symbols=dict(
        SYMBOLS, begin_signature=DATA + CALL,
        end_signature=DATA + CALL + 8))
    file = ctx.tmp / "signature"
    result = ctx.expect(ctx.emu(["-serial", "file:%s" % (ctx.tmp / "out"),
                                 "--signature", file, saved(ctx, data)]))
    printed = (ctx.tmp / "out").stat().st_size
    if printed != 65536 or file.read_text() != "00010000\n00000000\n":
        raise Fail("%d bytes, returned %s\n%s"
                   % (printed, file.read_text(), describe(result)))


def between_segments(ctx):
    """What begins a segment is in it, though another ends there."""
    code = elf.words([T0 << 7 | 1 << 12 | 0x17, elf.load(8, T1, T0),
                      elf.store(8, T1, T0, 0x40), SPIN])
    constant = struct.pack("<Q", 3).ljust(0x40, b"\0")
    data = elf.elf(
        code.ljust(0x1000, b"\0"),
        symbols={"tohost": 0x9000, "fromhost": 0x9008},
        more=[(0x8fc0, DATA + 0x80, constant),
              (0x9000, DATA + 0x40, bytes(0x10)), (0x4000, DATA, constant)])
    ctx.expect(ctx.emu(["--max-insns", "1000", saved(ctx, data)]), 1)


def watching(ctx):
    """The same events and end, whatever is watched."""
    data = saved(ctx, call(WRITE, 1, DATA + TEXT, 6))
    runs = [ctx.emu(["-trace-hash"] + more + [data])
            for more in ([], ["-d", "commit", "-D", ctx.tmp / "log"])]
    for run in runs:
        expect_end(ctx, run, 0, "hello\n")
    if runs[0].err != runs[1].err:
        raise Fail("%s\n%s" % (runs[0].err, runs[1].err))


def lines_of(data, line):
    """The signature as it has to look."""
    text = ""
    for at in range(0, len(data), line):
        piece = data[at:at + line].ljust(line, b"\0")
        text += piece[::-1].hex() + "\n"
    return text


def signature(ctx):
    path = saved(ctx, guest([1], symbols=SIGNED))
    file = ctx.tmp / "signature"
    ctx.expect(ctx.emu(["--signature", file, path]))
    if file.read_text() != lines_of(RESULTS, 4):
        raise Fail("4 bytes a line:\n" + file.read_text())
    for line in (1, 2, 4, 8, 16):
        ctx.expect(ctx.emu(["--signature", file, "--signature-granularity",
                            line, path]))
        if file.read_text() != lines_of(RESULTS, line):
            raise Fail("%d bytes a line:\n%s" % (line, file.read_text()))
    if sorted(entry.name for entry in ctx.tmp.iterdir()) != ["guest.elf",
                                                             "signature"]:
        raise Fail("something was left behind")


def signature_judged(ctx):
    """QEMU fills no line up: whole lines only."""
    end = DATA + SIGNATURE + len(RESULTS) // 4 * 4
    data = guest([1], symbols=dict(SIGNED, end_signature=end))
    file = ctx.tmp / "signature"
    ctx.expect(ctx.emu(["--signature", file, saved(ctx, data)]))
    theirs = ctx.tmp / "theirs"
    ctx.expect(on_qemu(ctx, True, data, ",signature=%s,"
                       "signature-granularity=4" % theirs))
    if file.read_text() != theirs.read_text():
        raise Fail("QEMU:\n" + theirs.read_text() + "emu:\n"
                   + file.read_text())


def signature_to_stdout(ctx):
    result = ctx.expect(ctx.emu(["--signature", "/dev/stdout",
                                 saved(ctx, guest([1], symbols=SIGNED))]))
    if result.out != lines_of(RESULTS, 4):
        raise Fail(describe(result))


def signature_of_failure(ctx):
    """However it ends, the file says what there was."""
    file = ctx.tmp / "signature"
    for stores, status in (([5], 2), ([], 124)):
        file.write_text("old\n")
        ctx.expect(ctx.emu(["--max-insns", "1000", "--signature", file,
                            saved(ctx, guest(stores, symbols=SIGNED))]),
                   status)
        if file.read_text() != lines_of(RESULTS, 4):
            raise Fail("another signature")


def no_signature(symbols):
    def test(ctx):
        file = ctx.tmp / "signature"
        ctx.expect(ctx.emu(["--signature", file,
                            saved(ctx, guest([1], symbols=symbols))]),
                   125, err=r"\Aemu: --signature: .*begin_signature.*\n\Z")
        if file.exists():
            raise Fail("wrote a file")
    return test


def signature_cannot_be_written(ctx):
    """How the run ended is said all the same, to people and programs."""
    report = ctx.tmp / "report"
    ctx.expect(ctx.emu(["--signature", "/dev/full", "--exit-json",
                        report, saved(ctx, guest([5], symbols=SIGNED))]), 125,
               err=r"\Aemu: the guest failed with code 2\n"
               r"emu: cannot write /dev/full: No space left.*\n\Z")
    told = json.loads(report.read_text())
    if told["status"] != 125 or told["reason"] != "output":
        raise Fail(str(told))


def signature_of_nothing(ctx):
    file = ctx.tmp / "signature"
    ctx.expect(ctx.emu(["--signature", file, saved(ctx, guest(
        [1], symbols=dict(SIGNED, end_signature=DATA + SIGNATURE)))]))
    if file.read_text():
        raise Fail(file.read_text())


def tests(ctx):
    for name, (data, status, out, old) in ENDS.items():
        yield Test("end/" + name, ends(data, status, out))
        if old is not None:
            yield Test("qemu10-end/" + name, judged(True, data, status, out))
        if old:
            yield Test("qemu-end/" + name, judged(False, data, status, out))
    for name, (data, why) in REFUSED.items():
        yield Test("refused/" + name, refused(data, why))
    for symbol in SYMBOLS:
        for name, value in BAD_PLACES.items():
            yield Test("%s-%s" % (symbol, name), bad_place(symbol, value))
    yield Test("not-for-the-host", not_for_the_host)
    yield Test("write-is-bounded", write_is_bounded)
    yield Test("between-segments", between_segments)
    yield Test("watching", watching)
    yield Test("signature", signature)
    yield Test("qemu10-signature", signature_judged)
    yield Test("signature-to-stdout", signature_to_stdout)
    yield Test("signature-of-failure", signature_of_failure)
    yield Test("no-signature", no_signature(SYMBOLS))
    yield Test("no-signature-end", no_signature(
        dict(SYMBOLS, begin_signature=DATA)))
    yield Test("signature-backwards", no_signature(
        dict(SYMBOLS, begin_signature=DATA + 8, end_signature=DATA)))
    yield Test("signature-of-nothing", signature_of_nothing)
    yield Test("signature-cannot-be-written", signature_cannot_be_written)
