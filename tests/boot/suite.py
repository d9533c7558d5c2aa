"""What can be booted: raw binaries, Linux Images, packed ones, -device loader,
and the shapes that linkers give to ELF files.

Every guest prints "hello" and powers off, by addresses that M-mode and S-mode
both reach.  What QEMU boots too, it is asked for.
"""

import gzip
import random
import struct
import re
import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import elf  # noqa: E402
import hosted  # noqa: E402
from harness import Case, Test, describe  # noqa: E402

UNMOVED = "it tests what is in memory before the first step"

HELLO = elf.words(elf.hello("hello\n"), elf.exit_pass())
SPIN = elf.words(elf.SPIN)
KERNEL = elf.RAM + 0x200000
FAR = elf.RAM + 0x400000
JUMP_OVER, JUMP = 0x80000, 0x0008006f  # j .+0x80000


def write(ctx, name, data):
    path = ctx.tmp / name
    path.write_bytes(data)
    return path


def loader(path=None, **values):
    text = ["loader"] + (["file=%s" % path] if path else [])
    for name, value in values.items():
        name = name.replace("_", "-")
        text.append("%s=%s" % (name, hex(value) if isinstance(value, int)
                               and name != "cpu-num" else value))
    return ["-device", ",".join(text)]


def boots(ctx, name, result):
    good = result.status == 0 and "hello" in result.out
    return Case(name, error=None if good else describe(result))


def files(ctx):
    """The guests, by name."""
    return {
        "raw": write(ctx, "raw.bin", HELLO),
        "bare": write(ctx, "bare.elf", elf.elf(HELLO)),
        "kernel": write(ctx, "kernel.elf", elf.elf(HELLO, base=KERNEL)),
        "far": write(ctx, "far.elf", elf.elf(HELLO, base=FAR)),
        "spin": write(ctx, "spin.elf", elf.elf(SPIN)),
    }


def lines(f):
    """What QEMU boots as well: command lines by name."""
    swapped = int.from_bytes(JUMP.to_bytes(8, "big"), "little")
    near = loader(f["raw"], addr=elf.RAM + JUMP_OVER)
    bare = ["-bios", "none"]
    return {
        "kernel": ["-kernel", f["raw"]],
        "bios-default": ["-bios", "default", "-kernel", f["raw"]],
        "bios-none": bare + ["-kernel", f["raw"]],
        "bios": ["-bios", f["raw"]],
        "loader": bare + loader(f["raw"], addr=elf.RAM),
        "loader-elf": bare + loader(f["bare"]),
        "loader-elf-addr": bare + loader(f["bare"], addr=FAR),
        "loader-hart": bare + loader(f["raw"], addr=FAR, cpu_num=0),
        "loader-elf-hart": bare + loader(f["far"], cpu_num=0),
        "loader-start": bare + ["-kernel", f["spin"]] + loader(f["far"]) +
        loader(addr=FAR, cpu_num=0),
        "loader-second-hart": bare + ["-smp", "2", "-kernel", f["spin"]] +
        loader(f["far"], cpu_num=1),
        "loader-odd": bare + ["-kernel", f["raw"]] +
        loader(f["spin"], addr=FAR + 1, force_raw="on"),
        "loader-octal": bare + loader(f["raw"], addr="0%o" % FAR, cpu_num=0),
        "loader-data": bare + near +
        loader(data=JUMP, data_len=4, addr=elf.RAM),
        "loader-data-be": bare + near +
        loader(data=swapped, data_len=8, addr=elf.RAM, data_be="on"),
        "loader-raw": bare + ["-kernel", f["spin"]] +
        loader(f["bare"], addr=FAR, force_raw="on") +
        loader(addr=FAR + len(f["bare"].read_bytes()) - len(HELLO),
               cpu_num=0),
    }


def as_qemu(ctx):
    f = files(ctx)
    for name, line in lines(f).items():
        yield boots(ctx, "emu-" + name, ctx.emu(line, timeout=20))
        yield boots(ctx, "qemu-" + name, ctx.qemu(line, timeout=20))


def under_the_firmware(ctx):
    """Without -kernel, the firmware enters what a loader has loaded: QEMU's
    OpenSBI of today enters 0 then, that of before entered 0x80200000."""
    f = files(ctx)
    for name, line in {
            "raw": loader(f["raw"], addr=KERNEL),
            "raw-elsewhere": loader(f["raw"], addr=FAR),
            "elf": loader(f["far"]),
            "two": loader(f["kernel"]) + loader(
                write(ctx, "blob", b"blob"), addr=FAR)}.items():
        yield boots(ctx, name, ctx.emu(line, timeout=20))


HEADER = """
    .option rvc
    .globl _start
_start:
    .short 0x5a4d               # "MZ": c.li s4, -13
    c.j go
    .word 0
    .dword 0x200000, %d, 0      # text_offset, image_size, flags
    .word 2, 0
    .dword 0
    .ascii "RISCV\\0\\0\\0"
    .ascii "RSC\\5"
    .word 0x40                  # where a PE header is
go: %s
"""


def linux_image(ctx, size=0x10000):
    """A Linux Image with an EFI stub, as far as its header goes."""
    code = "".join(".word %d\n" % word for word in
                   struct.unpack("<%dI" % (len(HELLO) // 4), HELLO))
    source = write(ctx, "image.S", (HEADER % (size, code)).encode())
    linked, image = ctx.tmp / "image.elf", ctx.tmp / "Image"
    ctx.expect(ctx.run(["riscv64-unknown-elf-gcc", "-nostdlib", "-static",
                        source, "-o", linked]))
    ctx.expect(ctx.run(["riscv64-unknown-elf-objcopy", "-O", "binary",
                        "--only-section=.text", linked, image]))
    return image


def zboot(packed, how):
    head = b"MZ\0\0zimg" + struct.pack("<II", 64, len(packed)) + bytes(8)
    return (head + how.encode()).ljust(64, b"\0") + packed


def linux(ctx):
    image = linux_image(ctx)
    data = image.read_bytes()
    half = len(data) // 2
    packed = gzip.compress(data)
    forms = {
        "gzip": packed,
        "gzip-of-two": gzip.compress(data[:half]) + gzip.compress(data[half:]),
        "gzip-padded": packed + bytes(512),
        "zboot": zboot(packed, "gzip"),
    }
    yield boots(ctx, "plain", ctx.emu(["-kernel", image], timeout=20))
    yield boots(ctx, "positional", ctx.emu([image], timeout=20))
    yield boots(ctx, "qemu", ctx.qemu(["-kernel", image], timeout=20))
    for name, packed in forms.items():
        path = write(ctx, "Image.gz", packed)
        yield boots(ctx, name, ctx.emu(["-kernel", path], timeout=20))
    for name, packed, more in (
            ("elf", elf.elf(HELLO, base=KERNEL), ["-kernel"]),
            ("bare-elf", elf.elf(HELLO), []),
            ("raw", HELLO, ["-kernel"]),
            ("bios", HELLO, ["-bios"])):
        path = write(ctx, "packed.gz", gzip.compress(packed))
        yield boots(ctx, "gzip-" + name, ctx.emu(more + [path], timeout=20))


def uimage(data, load=KERNEL, entry=None, kind=2, packing=0):
    """U-Boot's header in front of data."""
    def header(crc):
        return struct.pack(
            ">7I4B32s", 0x27051956, crc, 0, len(data), load,
            load if entry is None else entry, zlib.crc32(data), 5, 26, kind,
            packing, b"name")
    return header(zlib.crc32(header(0))) + data


def uimages(ctx):
    """Where its header says it goes and starts; what is behind is not in it."""
    linux = linux_image(ctx).read_bytes()
    later = elf.words(elf.SPIN) * 4 + HELLO
    packed = gzip.compress(HELLO)
    forms = {
        "plain": (uimage(HELLO), []),
        "behind": (uimage(HELLO) + b"more", []),
        "elsewhere": (uimage(later, FAR, FAR + 16), []),
        "gzip": (uimage(packed, packing=1), []),
        "linux": (uimage(linux), []),
        "bare": (uimage(HELLO, elf.RAM), ["-bios", "none"]),
    }
    for name, (data, more) in forms.items():
        path = write(ctx, "uImage", data)
        yield boots(ctx, name, ctx.emu(more + ["-kernel", path], timeout=20))
        yield boots(ctx, "qemu-" + name,
                    ctx.qemu(more + ["-kernel", path], timeout=20))
    path = write(ctx, "uImage", forms["elsewhere"][0])
    yield boots(ctx, "positional", ctx.emu([path], timeout=20))
    path = write(ctx, "uImage", forms["gzip"][0])
    yield boots(ctx, "loader", ctx.emu(loader(path), timeout=20))
    yield one_line("bios", ctx.emu(["-bios", path], timeout=20), "uImage")


def initrd_bytes(ctx, run, option, initrd):
    """How many bytes of an initrd the device tree tells of."""
    tree = ctx.tmp / "tree"
    run(["-kernel", write(ctx, "raw.bin", HELLO), "-initrd", initrd] +
        option(tree), timeout=20)
    text = ctx.run(["dtc", "-q", "-O", "dts", tree]).out
    return [int(word, 16) for word in re.findall(
        r"linux,initrd-(?:start|end) = <(?:0x0+ )?(0x[0-9a-f]+)>", text)]


def uimage_initrd(ctx):
    """A RAM disk's header does not get into memory; the device tree tells of
    what is behind it, as QEMU's does."""
    cpio = b"070701" + bytes(1018)
    path = write(ctx, "uInitrd", uimage(cpio, 0, kind=3))
    for name, run, option in (
            ("emu", ctx.emu, lambda tree: ["--dump-dtb", tree]),
            ("qemu", ctx.qemu, lambda tree: ["-M", "virt,dumpdtb=%s" % tree])):
        found = initrd_bytes(ctx, run, option, path)
        good = len(found) == 2 and abs(found[0] - found[1]) == len(cpio)
        yield Case(name, error=None if good else repr(found))
    kernel = write(ctx, "raw.bin", HELLO)
    for name, data in (("kernel", uimage(cpio)),
                       ("short", uimage(cpio, kind=3)[:-1])):
        path = write(ctx, "uInitrd", data)
        yield one_line(name, ctx.emu(["-kernel", kernel, "-initrd", path],
                                     timeout=20), "uImage")


def wrong_uimages():
    """What is wrong with each, and what is said of it."""
    good = uimage(HELLO)
    header, data = bytearray(good), bytearray(good)
    header[40] ^= 1
    data[-1] ^= 1
    return {
        "uimage": (b"\x27\x05\x19\x56more", "truncated uImage: the header"),
        "uimage-short": (good[:-1], "truncated uImage: %d bytes"
                         % (len(HELLO) - 1)),
        "uimage-header": (bytes(header), "header's checksum"),
        "uimage-data": (bytes(data), "data's checksum"),
        "uimage-type": (uimage(HELLO, kind=5), "type 5, not a kernel's"),
        "uimage-noload": (uimage(HELLO, kind=14), "type 14, not a kernel's"),
        "uimage-lzma": (uimage(HELLO, packing=3), "packing is 3"),
        "uimage-gzip": (uimage(gzip.compress(HELLO)[:-9], packing=1),
                        "truncated gzip"),
        "uimage-empty": (uimage(b""), "truncated uImage"),
    }


def refusals(ctx):
    """Files that are no program, by their first bytes, and what is said."""
    image = linux_image(ctx).read_bytes()
    packed = gzip.compress(image)
    wrong = bytearray(packed)
    wrong[-8] ^= 1  # of the checksum
    return {
        **wrong_uimages(),
        "xz": (b"\xfd7zXZ\0more", "packed with xz"),
        "bzip2": (b"BZh91AY", "packed with bzip2"),
        "zstd": (b"\x28\xb5\x2f\xfdmore", "packed with zstd"),
        "fit": (b"\xd0\x0d\xfe\xedmore", "FIT image"),
        "archive": (b"!<arch>\nmore", "archive"),
        "cpio": (b"070701more", "-initrd"),
        "script": (b"#!/bin/sh\n", "script"),
        "efi": (b"MZ" + bytes(200), "EFI program"),
        "gzip-short": (packed[:-20], "truncated gzip"),
        "gzip-wrong": (bytes(wrong), "broken gzip"),
        "gzip-empty": (gzip.compress(b""), "broken gzip"),
        "gzip-bomb": (gzip.compress(bytes(130 << 20), 1), "more than 128 MiB"),
        "zboot-zstd": (zboot(b"\x28\xb5\x2f\xfdmore", "zstd"),
                       "packed with zstd"),
        "zboot-short": (zboot(packed, "gzip")[:-9], "ends at byte"),
        "image-too-large": (linux_image(ctx, 1 << 32).read_bytes(),
                            "lies outside RAM"),
    }


BAD_LOADERS = {
    "nothing": (["-device", "loader"], "say file="),
    "no-such-file": (loader("no-such-file", addr=FAR), "no-such-file"),
    "both": (loader("f", data=1, data_len=4), "not both"),
    "no-length": (loader(data=1, addr=FAR), "data-len="),
    "long-data": (loader(data=1, data_len=9, addr=FAR), "1 to 8"),
    "data-nowhere": (loader(data=1, data_len=4), "addr="),
    "data-outside": (loader(data=1, data_len=4, addr=elf.UART),
                     "outside RAM"),
    "start-of-whom": (loader(addr=FAR), "cpu-num="),
    "no-such-hart": (loader(addr=FAR, cpu_num=1), "no hart 1"),
    "odd-start": (loader(addr=FAR + 1, cpu_num=0), "0x80400001"),
    "unknown": (loader(addr=FAR, offset=4), "'offset'"),
    "not-a-number": (loader(addr="here", cpu_num=0), "addr=here"),
}


def one_line(name, result, about):
    good = (result.status == 125 and result.err.count("\n") == 1
            and about in result.err and not result.out)
    return Case(name, error=None if good else
                "'%s' is not said\n%s" % (about, describe(result)))


def refused(ctx):
    for name, (data, about) in refusals(ctx).items():
        path = write(ctx, "file", data)
        for option in ["-kernel"] + ([] if "large" in name else ["-bios"]):
            yield one_line(name + option,
                           ctx.emu([option, path], timeout=20), about)
    raw = write(ctx, "raw.bin", HELLO)
    yield one_line("raw-without-kernel", ctx.emu([raw], timeout=20),
                   "started by -kernel")
    bare = write(ctx, "bare.elf", elf.elf(HELLO))
    for name, (options, about) in BAD_LOADERS.items():
        yield one_line(name, ctx.emu(options + ["-kernel", bare], timeout=20,
                                     cwd=str(ctx.tmp)), about)
    for name, addr in (("over-the-kernel", elf.RAM),
                       ("over-the-tree", elf.RAM + (126 << 20))):
        yield one_line(name, ctx.emu(loader(raw, addr=addr) + [bare],
                                     timeout=20), "overlaps")


def spellings(ctx):
    """A kernel that is linked without a script: a linker puts the headers a
    page below it, where QEMU enters it and gets nowhere; emu begins at its
    entry.  As an unpaged ELF file and as a raw binary QEMU runs it."""
    code = "".join(".word %d\n" % word for word in
                   struct.unpack("<%dI" % (len(HELLO) // 4), HELLO))
    source = write(ctx, "s.S", (".globl _start\n_start:\n" + code).encode())

    def link(name, *options):
        path = ctx.tmp / name
        ctx.expect(ctx.run(["riscv64-unknown-elf-gcc", "-nostdlib", "-static",
                            "-Wl,-Ttext=0x80200000", *options, source, "-o",
                            path]))
        return path

    paged, unpaged = link("paged.elf"), link("unpaged.elf", "-Wl,-n")
    raw = ctx.tmp / "kernel.bin"
    ctx.expect(ctx.run(["riscv64-unknown-elf-objcopy", "-O", "binary",
                        "--only-section=.text", paged, raw]))
    for path in (paged, unpaged, raw):
        yield boots(ctx, "emu-" + path.name,
                    ctx.emu(["-kernel", path], timeout=20))
    for path in (unpaged, raw):
        yield boots(ctx, "qemu-" + path.name,
                    ctx.qemu(["-kernel", path], timeout=20))
    log = ctx.tmp / "log"
    ctx.run(["timeout", "3", "qemu-system-riscv64", "-M", "virt", "-nographic",
             "-kernel", paged, "-serial", "file:%s" % log], timeout=20)
    entered = "0x00000000801ff000" in log.read_text(errors="replace")
    yield Case("qemu-enters-the-headers",
               error=None if entered else log.read_text(errors="replace"))


# A user program that looks at what its file says is there.
PIECES = 4
PROGRAM = """
static long sys(long n, long a, long b, long c)
{
    register long a0 __asm__("a0") = a, a1 __asm__("a1") = b;
    register long a2 __asm__("a2") = c, a7 __asm__("a7") = n;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7)
                     : "memory");
    return a0;
}
%s
int wrong;
void _start(void)
{
%s
    if (!wrong)
        sys(64, 1, (long)"hello\\n", 6);
    sys(93, wrong, 0, 0);
    for (;;)
        ;
}
"""
PIECE = """
__attribute__((section(".piece%(n)d"))) %(const)s volatile unsigned char
    piece%(n)d[%(size)d] = {[0 ... %(size)d - 1] = 0x1%(n)d};
"""
LOOK = """
    for (unsigned i = 0; i < sizeof(piece%(n)d); i++)
        wrong |= piece%(n)d[i] != 0x1%(n)d;
"""
WRITE = """
    piece%(n)d[0] = piece%(n)d[sizeof(piece%(n)d) - 1] = 1;
"""


def shape(rng):
    """C text and linker script of a program in pieces, a segment each, at
    distances that let them share pages or not; writable ones end in .bss."""
    start = rng.randrange(PIECES)
    pieces, script, headers, look, write_all = "", "", "", "", ""
    for n in range(PIECES):
        writable = rng.random() < .5
        values = {"n": n, "size": rng.choice((1, 40, 4000, 4096, 9000)),
                  "const": "" if writable else "const"}
        pieces += PIECE % values
        look += LOOK % values
        write_all += WRITE % values if writable else ""
        headers += "p%d PT_LOAD FLAGS(%d); " % (
            n, 4 + 2 * writable + (n == start))
        script += (". = . + %d; .piece%d : { *(.piece%d) %s } :p%d\n"
                   % (rng.choice((0, 0, 8, 500, 5000)), n, n,
                      "*(.text*)" if n == start else "", n))
    text = PROGRAM % (pieces, look + write_all)
    script = ("PHDRS { %s ro PT_LOAD FLAGS(4); rw PT_LOAD FLAGS(6); }\n"
              "SECTIONS { . = 0x10000 + %d;\n%s. = ALIGN(0x1000);\n"
              ".rodata : { *(.rodata*) *(.srodata*) } :ro\n"
              ". = . + 0x1000;\n"
              ".data : { *(.data*) *(.sdata*) } :rw\n"
              ".bss : { *(.bss*) *(.sbss*) } :rw }\n"
              % (headers, rng.choice((0, 64, 0xff0)), script))
    return text, script


def user_segments(ctx):
    for seed in range(10):
        text, script = shape(random.Random(seed))
        source = write(ctx, "program.c", text.encode())
        linked = ctx.tmp / "program"
        ctx.expect(ctx.run([
            "riscv64-unknown-elf-gcc", "-O1", "-nostdlib", "-static",
            "-mno-relax", "-mcmodel=medany", "-Wl,-e,_start", "-ffreestanding", "-w",
            "-Wl,-z,max-page-size=4096", "-Wl,-T,%s"
            % write(ctx, "script.ld", script.encode()),
            "-Wl,--no-warn-rwx-segments", source, "-o", linked]))
        yield boots(ctx, "seed-%d" % seed, ctx.emu([linked], timeout=20))


def tests(ctx):
    yield Test("as-qemu", as_qemu)
    yield Test("under-the-firmware", under_the_firmware)
    yield Test("linux", linux)
    yield Test("uimage", uimages)
    yield Test("uimage-initrd", uimage_initrd)
    yield Test("refused", refused)
    yield Test("spellings", spellings)
    yield Test("user-segments", user_segments)
    yield from hosted.tests(ctx)
