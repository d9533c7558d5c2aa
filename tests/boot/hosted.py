"""Programs on the terms of their host: -icount, -semihosting, and addresses at
which QEMU has devices that emu has not.  QEMU is the judge where it has an
answer."""

import re

import elf
from harness import Case, Test, describe

LOOP = 2000000   # instructions between the looks at mtime in steps.S
TICK = 100       # ns
# Where QEMU has a device and emu has nothing, and what is said of it.
ABSENT = {
    "pcie": (0x30000000, "PCIe configuration"),
    "fw-cfg": (0x10100000, "fw_cfg"),
    "flash": (0x20000000, "flash memory"),
    "platform-bus": (0x04000000, "a platform bus"),
}


def ram(offset):
    """t0 = an address in RAM, which has more than 31 bits."""
    return [elf.addi(elf.T0, elf.ZERO, 1), elf.slli(elf.T0, elf.T0, 31),
            elf.addi(elf.T0, elf.T0, offset)]


def build(ctx, name, *options, source=None):
    """An M-mode program of one of the sources here, that of its name."""
    path = ctx.tmp / (name + ".elf")
    ctx.expect(ctx.run([
        "riscv64-unknown-elf-gcc", "-nostdlib", "-static", "-march=rv64gc",
        "-mabi=lp64d", "-Wl,-n", "-Wl,-Ttext=0x80000000",
        "-Wl,--no-relax", *options,
        ctx.root / "tests" / "boot" / ((source or name) + ".S"), "-o", path]))
    return path


def ticks(result):
    found = re.match(r"([0-9a-f]{16})\s*$", result.out)
    return int(found.group(1), 16) if found else None


def icount(ctx):
    """A step is 2^N ns, as an instruction on QEMU is, and nothing else is as
    fast as before: time, and what waits for it, go together."""
    image = build(ctx, "steps")
    for shift in (0, 1, 3, 7, 10):
        line = ["-icount", "shift=%d" % shift, "-bios", "none", "-kernel",
                image]
        ours, theirs = ctx.emu(line, timeout=20), ctx.qemu(line, timeout=60)
        wanted = LOOP << shift
        for name, result in (("emu", ours), ("qemu", theirs)):
            made = ticks(result)
            # A look at mtime takes some instructions, too.
            good = (made is not None and
                    abs(made * TICK - wanted) <= TICK + (20 << shift))
            yield Case("%s-%d" % (name, shift), error=None if good else
                       "%s ticks, wanted %d\n%s"
                       % (made, wanted // TICK, describe(result)))


def semihosting(ctx):
    for status in (0, 7):
        image = build(ctx, "calls", "-DSTATUS=%d" % status)
        line = ["-semihosting", "-bios", "none", "-kernel", image]
        ours, theirs = ctx.emu(line, timeout=20), ctx.qemu(line, timeout=20)
        for name, result in (("emu", ours), ("qemu", theirs)):
            text = result.out + result.err  # QEMU prints on stderr
            good = result.status == status and text.startswith("hello\n")
            yield Case("%s-%d" % (name, status),
                       error=None if good else describe(result))
    result = ctx.emu(["--max-insns", "10000", image], timeout=20)
    yield Case("not-asked-for", error=None if result.status == 124
               and not result.out else describe(result))


def configured(ctx):
    """-semihosting-config, as QEMU has it: who may call, and where it
    prints."""
    both = build(ctx, "calls", "-DSTATUS=0", "-Wa,--defsym,UART=0x10000000")
    user = build(ctx, "calls-user", "-DSTATUS=0", "-Wa,--defsym,USER=1",
                 source="calls")
    apart, serial = ctx.tmp / "apart", ctx.tmp / "serial"
    option = "-semihosting-config"
    to_file = ["-chardev", "file,id=c,path=%s" % apart]
    # Arguments, the guest, and what is printed, by calls to a file or not.
    rows = {
        "native": ([option, "enable=on,target=native"], both, "uhello\n", None),
        "auto": ([option, "target=auto"], both, "uhello\n", None),
        "apart": ([option, "target=native,chardev=c"] + to_file, both, "u",
                  "hello\n"),
        "alone": (["-serial", "null", option, "chardev=c"] + to_file, both, "",
                  "hello\n"),
        "shared": (["-chardev", "stdio,id=c,mux=on", "-serial", "chardev:c",
                    option, "chardev=c"], both, "uhello\n", None),
        "user": ([option, "userspace=on"], user, "hello\n", None),
    }
    for row, (line, image, out, filed) in rows.items():
        line = line + ["-monitor", "none", "-bios", "none", "-kernel", image]
        for name, run in (("emu", ctx.emu), ("qemu", ctx.qemu)):
            apart.unlink(missing_ok=True)
            result = run(line, timeout=20)
            text = result.out + result.err  # QEMU prints on stderr
            good = (result.status == 0 and sorted(text) == sorted(out) and
                    (filed is None or apart.read_text() == filed))
            yield Case("%s-%s" % (row, name),
                       error=None if good else describe(result))
    # With the UART in a file, "hello" is the console's.
    result = ctx.emu(["-serial", "null", "-chardev", "stdio,id=c", option,
                      "chardev=c", "--stop-on", "hello", both], timeout=20)
    yield Case("stop-on", error=None if result.status == 0
               and result.out == "hello\n" else describe(result))
    result = ctx.emu(["-serial", "file:%s" % serial, "-chardev",
                      "stdio,id=c", option, "chardev=c", both], timeout=20)
    yield Case("serial-in-a-file", error=None if result.out == "hello\n"
               and serial.read_text() == "u" else describe(result))
    for name, line, image in (("off", "enable=off", both),
                              ("not-for-users", "enable=on", user)):
        result = ctx.emu([option, line, "--max-insns", "10000", image],
                         timeout=20)
        yield Case(name, error=None if result.status == 124
                   and "hello" not in result.out else describe(result))


def unknown_call(ctx):
    """It fails, is told once, and the guest goes on."""
    code = elf.words(
        [0x01f01013, 0x00100073, 0x40705013] * 2, elf.hello("hello\n"),
        elf.exit_pass())
    image = ctx.tmp / "unknown.elf"
    image.write_bytes(elf.elf(elf.words(elf.addi(10, 0, 0x77)) + code))
    result = ctx.emu(["-semihosting", image], timeout=20)
    good = (result.status == 0 and result.out == "hello\n"
            and result.err.count("\n") == 1
            and "call 0x77 is not supported" in result.err)
    yield Case("told", error=None if good else describe(result))


def absent(ctx):
    """A guest that looks for a device that is not there: one line, however
    often it looks, and the access fault that it was before."""
    for name, (address, about) in ABSENT.items():
        image = ctx.tmp / (name + ".elf")
        # mtvec leads behind the loads, to the greeting; the second load is
        # made by its handler's first instructions.
        body = elf.words(
            ram(0x40), elf.csrw(elf.MTVEC, elf.T0),
            elf.li(elf.T1, address), elf.load(4, elf.A0, elf.T1), elf.SPIN)
        again = elf.words(
            ram(0x80), elf.csrw(elf.MTVEC, elf.T0),
            elf.store(4, elf.A0, elf.T1), elf.SPIN)
        rest = elf.words(elf.hello("hello\n"), elf.exit_pass())
        image.write_bytes(elf.elf(body.ljust(0x40, b"\0")
                                  + again.ljust(0x40, b"\0") + rest))
        result = ctx.emu([image], timeout=20)
        good = (result.status == 0 and result.out == "hello\n"
                and result.err.count("\n") == 1 and about in result.err
                and "0x%x" % address in result.err)
        yield Case(name, error=None if good else describe(result))
    image.write_bytes(elf.elf(elf.words(
        ram(0x40), elf.csrw(elf.MTVEC, elf.T0), elf.li(elf.T1, 0x30000000),
        elf.load(4, elf.A0, elf.T1)).ljust(0x40, b"\0")
        + elf.words(elf.reset())))
    result = ctx.emu(["--max-insns", "1000", image], timeout=20)
    yield Case("in-all-boots", error=None if result.status == 124
               and result.err.count("QEMU has") == 1 else describe(result))


def sswi(ctx):
    """With an ACLINT, a store to SETSSIP raises SSIP, which stays; without
    one, nothing is there."""
    code = elf.words(
        elf.li(elf.T0, 0x02f00000), elf.addi(elf.T1, elf.ZERO, 1),
        elf.store(4, elf.T1, elf.T0), elf.load(4, elf.A1, elf.T0),
        elf.store(4, elf.A1, elf.T0),
        elf.MIP << 20 | 2 << 12 | elf.A0 << 7 | 0x73,   # csrr a0, mip
        elf.andi(elf.A0, elf.A0, 2), elf.beqz(elf.A0, 4 * 6),
        elf.exit_pass())
    image = ctx.tmp / "sswi.elf"
    image.write_bytes(elf.elf(code + elf.words(elf.SPIN)))
    line = ["-M", "virt,aclint=on", "-bios", "none", "-kernel", image]
    for name, result in (("emu", ctx.emu(line, timeout=20)),
                         ("qemu", ctx.qemu(line, timeout=20))):
        yield Case(name, error=None if result.status == 0
                   else describe(result))
    result = ctx.emu([image], timeout=20)
    yield Case("without", error=None if result.status == 1
               and "an SSWI with -M virt,aclint=on" in result.err
               else describe(result))


def tests(ctx):
    yield Test("icount", icount)
    yield Test("semihosting", semihosting)
    yield Test("semihosting-config", configured)
    yield Test("semihosting-unknown", unknown_call)
    yield Test("absent", absent)
    yield Test("sswi", sswi)
